//! How well media travels: what was counted of each track and of each subscriber, told every few seconds.

use std::time::{Duration, Instant};

use str0m::media::MediaKind;

use crate::core::Core;
use crate::event::Event;
use crate::ids::{PeerId, TrackId};
use crate::peer::{Peer, Role, Side};
use crate::picture::Size;
use crate::route::Track;
use crate::webrtc::report_interval;

/// Samples told at once; what is due beyond waits for the next housekeeping.
const SAMPLES_AT_ONCE: usize = 1024;
/// Pictures further apart than this are no freeze: the camera was off.
const PAUSE: f64 = 5.0;
const PICTURES_UNTIL_SURE: u32 = 10;

/// What was counted since the last sample of a track, or of all a subscriber receives of one kind.
#[derive(Clone, Debug)]
#[allow(missing_docs)] // Plain counts.
pub struct Sample {
    /// None for what a subscriber receives.
    pub track: Option<TrackId>,
    /// The track's publisher, or the subscriber.
    pub peer: PeerId,
    pub kind: MediaKind,
    /// Nothing of this track or subscriber follows.
    pub last: bool,
    pub span: Duration,
    pub packets: u64,
    /// Of payload; what a subscriber receives counts with what was sent again.
    pub bytes: u64,
    /// By our count for a track, by the subscriber's reports (RFC 3550 §6.4.1) for what it receives.
    pub lost: u64,
    /// Of video; on average of the tracks that a subscriber receives.
    pub frames: u64,
    /// Sent to the publisher, or received from the subscriber.
    pub nacks: u64,
    /// Sent to the publisher, or received from the subscriber.
    pub keyframe_requests: u64,
    /// Times the next picture of a track came late by the measure of webrtc-stats' freezeCount.
    pub freezes: u64,
    /// Subscribers of the track, or tracks received.
    pub streams: u64,
    /// Of the connection's checks (RFC 7675).
    pub round_trip: Option<Duration>,
    /// Interarrival jitter; the worst of a subscriber's tracks.
    pub jitter_ms: f64,
    /// Width and height in pixels, 0 where not known.
    pub size: (u16, u16),
}

/// Whether pictures come as regularly as they did.
#[derive(Default)]
pub(crate) struct Pace {
    last: Option<Instant>,
    seen: u32,
    average: f64,
    freezes: u64,
}

impl Pace {
    pub fn frame(&mut self, at: Instant) {
        let Some(last) = self.last.replace(at) else { return };
        let gap = at.saturating_duration_since(last).as_secs_f64();
        if gap > PAUSE {
            return;
        }
        if self.seen >= PICTURES_UNTIL_SURE && gap > (3.0 * self.average).max(self.average + 0.15) {
            self.freezes += 1;
        }
        self.seen = self.seen.saturating_add(1);
        self.average += (gap - self.average) / f64::from(self.seen.min(30));
    }
}

/// A track at its last sample.
pub(crate) struct Measured {
    at: Instant,
    packets: u64,
    bytes: u64,
    lost: u64,
    frames: u64,
    nacks: u64,
    keyframe_requests: u64,
    freezes: u64,
    round_trip: Option<Duration>,
    pub size: Size,
}

impl Measured {
    pub fn new(now: Instant) -> Self {
        Measured {
            at: now,
            packets: 0,
            bytes: 0,
            lost: 0,
            frames: 0,
            nacks: 0,
            keyframe_requests: 0,
            freezes: 0,
            round_trip: None,
            size: (0, 0),
        }
    }
}

impl Track {
    /// None when nothing came and more may follow.
    fn sample(&mut self, id: TrackId, now: Instant, last: bool) -> Option<Sample> {
        let video = self.kind.is_video();
        let meter = &self.meter;
        let current = Measured {
            at: now,
            packets: meter.packets,
            bytes: meter.bytes,
            lost: meter.lost(),
            frames: if video { meter.frames } else { 0 },
            nacks: meter.nacks,
            keyframe_requests: meter.keyframe_requests,
            freezes: if video { meter.pace.freezes } else { 0 },
            ..self.measured
        };
        let before = std::mem::replace(&mut self.measured, current);
        let current = &self.measured;
        (last || current.packets > before.packets).then(|| Sample {
            track: Some(id),
            peer: self.publisher,
            kind: self.kind,
            last,
            span: now.saturating_duration_since(before.at),
            packets: current.packets - before.packets,
            bytes: current.bytes - before.bytes,
            // Packets that came late fill gaps that were counted before.
            lost: current.lost.saturating_sub(before.lost),
            frames: current.frames - before.frames,
            nacks: current.nacks.saturating_sub(before.nacks),
            keyframe_requests: current.keyframe_requests - before.keyframe_requests,
            freezes: current.freezes - before.freezes,
            streams: self.subscribers.len() as u64,
            round_trip: current.round_trip,
            jitter_ms: meter.jitter_ms(),
            size: current.size,
        })
    }
}

impl Core {
    /// A connection's report begins: notes the round trip, and that the connection is to be measured when it is time.
    pub(crate) fn on_report(&mut self, id: PeerId, round_trip: Option<Duration>) {
        let every = self.shared.config.sample_every;
        let Some(peer) = self.peers.get_mut(&id) else { return };
        let Peer { measure, side, .. } = &mut **peer;
        measure.begin_report(round_trip);
        let role = match side {
            Side::Publisher(publisher) => {
                for (_, track) in &publisher.tracks {
                    if let Some(track) = self.tracks.get_mut(track) {
                        track.measured.round_trip = round_trip;
                    }
                }
                Role::Publisher
            }
            Side::Subscriber(_) => Role::Subscriber,
        };
        let due = self.now + report_interval(role, every) / 2 >= measure.at + every;
        if due && !std::mem::replace(&mut measure.planned, true) {
            self.measures_due.push_back(id);
        }
    }

    /// Tells the samples that are due. Those of one moment were counted by reports of up to a housekeeping ago.
    pub(crate) fn measure(&mut self) {
        let mut samples = Vec::new();
        while samples.len() < SAMPLES_AT_ONCE
            && let Some(id) = self.measures_due.pop_front()
        {
            self.measure_peer(id, &mut samples);
        }
        self.measure_sources(&mut samples);
        self.tell_samples(samples);
    }

    fn measure_peer(&mut self, id: PeerId, samples: &mut Vec<Sample>) {
        let Some(peer) = self.peers.get_mut(&id) else { return };
        let Peer { measure, side, .. } = &mut **peer;
        measure.planned = false;
        match side {
            Side::Publisher(publisher) => {
                measure.at = self.now;
                for (_, id) in &publisher.tracks {
                    let track = self.tracks.get_mut(id);
                    samples.extend(track.and_then(|track| track.sample(*id, self.now, false)));
                }
            }
            Side::Subscriber(_) => measure.samples(id, self.now, false, samples),
        }
    }

    /// Nothing reports of those who publish without a connection.
    fn measure_sources(&mut self, samples: &mut Vec<Sample>) {
        let (now, every) = (self.now, self.shared.config.sample_every);
        for source in self.sources.values_mut().filter(|source| now >= source.measured + every) {
            source.measured = now;
            for id in source.tracks() {
                let track = self.tracks.get_mut(&id);
                samples.extend(track.and_then(|track| track.sample(id, now, false)));
            }
        }
    }

    /// The last samples of a connection that receives.
    pub(crate) fn measure_last_of(&mut self, peer: &mut Peer) {
        if matches!(peer.side, Side::Subscriber(_)) {
            let mut samples = Vec::new();
            peer.measure.samples(peer.id, self.now, true, &mut samples);
            self.tell_samples(samples);
        }
    }

    /// The last sample of a track.
    pub(crate) fn measure_end(&mut self, id: TrackId, track: &mut Track) {
        self.tell_samples(track.sample(id, self.now, true).into_iter().collect());
    }

    fn tell_samples(&mut self, samples: Vec<Sample>) {
        if !samples.is_empty() {
            self.tell(Event::Measured { samples });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_picture_is_a_freeze_and_a_pause_is_none() {
        let mut now = Instant::now();
        let mut pace = Pace::default();
        let mut after = |milliseconds| {
            now += Duration::from_millis(milliseconds);
            pace.frame(now);
            pace.freezes
        };
        assert!((0..30).all(|_| after(33) == 0));
        assert_eq!(after(150), 0, "a little late");
        assert_eq!(after(400), 1);
        assert_eq!(after(33), 1);
        assert_eq!(after(30_000), 1, "the camera was off");
        assert_eq!(after(33), 1);
    }
}
