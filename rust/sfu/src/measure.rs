//! What a connection received, summed up from str0m's reports of its m-lines.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use str0m::media::{MediaKind, Mid};
use str0m::stats::MediaEgressStats;

use crate::ids::PeerId;
use crate::quality::Sample;

/// What was counted of one connection since its last sample.
pub(crate) struct Measure {
    pub at: Instant,
    /// Whether it is in the queue of those to be measured.
    pub planned: bool,
    round_trip: Option<Duration>,
    /// Pictures forwarded to it, of all its video.
    pub pictures: u64,
    lines: HashMap<Mid, Totals>,
    audio: Received,
    video: Received,
}

#[derive(Clone, Copy, Default)]
struct Totals {
    packets: u64,
    bytes: u64,
    lost: u64,
    nacks: u64,
    keyframe_requests: u64,
}

#[derive(Default)]
struct Received {
    since: Totals,
    /// Most m-lines with packets in one report, and those of the report that goes on.
    streams: u64,
    counting: u64,
    jitter_ms: f64,
}

impl Measure {
    pub fn new(now: Instant) -> Self {
        Measure {
            at: now,
            planned: false,
            round_trip: None,
            pictures: 0,
            lines: HashMap::new(),
            audio: Received::default(),
            video: Received::default(),
        }
    }

    /// What follows is of one report.
    pub fn begin_report(&mut self, round_trip: Option<Duration>) {
        self.round_trip = round_trip;
        (self.audio.counting, self.video.counting) = (0, 0);
    }

    /// Adds what str0m reports of one m-line.
    pub fn count(&mut self, kind: MediaKind, stats: &MediaEgressStats) {
        let remote = stats.remote.as_ref();
        let current = Totals {
            packets: stats.packets,
            bytes: stats.bytes,
            lost: remote.map_or(0, |remote| remote.packets_lost),
            nacks: stats.nacks,
            keyframe_requests: stats.plis + stats.firs,
        };
        let line = self.lines.entry(stats.mid).or_default();
        // An m-line that is used again starts at nothing.
        let before = if current.packets < line.packets { Totals::default() } else { *line };
        *line = current;
        let (received, clock_rate) = match kind {
            MediaKind::Audio => (&mut self.audio, 48_000.0),
            MediaKind::Video => (&mut self.video, 90_000.0),
        };
        let since = &mut received.since;
        since.packets += current.packets - before.packets;
        since.bytes += current.bytes.saturating_sub(before.bytes);
        since.lost += lost_between(before.lost, current.lost);
        since.nacks += current.nacks.saturating_sub(before.nacks);
        since.keyframe_requests += current.keyframe_requests.saturating_sub(before.keyframe_requests);
        if current.packets > before.packets {
            received.counting += 1;
            received.streams = received.streams.max(received.counting);
            let jitter = remote.map_or(0.0, |remote| f64::from(remote.jitter) * 1000.0 / clock_rate);
            received.jitter_ms = received.jitter_ms.max(jitter);
        }
    }

    /// One sample for each kind of which anything was sent.
    pub fn samples(&mut self, peer: PeerId, now: Instant, last: bool, found: &mut Vec<Sample>) {
        let span = now.saturating_duration_since(std::mem::replace(&mut self.at, now));
        let pictures = std::mem::take(&mut self.pictures);
        for (kind, received) in
            [(MediaKind::Audio, std::mem::take(&mut self.audio)), (MediaKind::Video, std::mem::take(&mut self.video))]
        {
            let since = received.since;
            if since.packets == 0 {
                continue;
            }
            found.push(Sample {
                track: None,
                peer,
                kind,
                last,
                span,
                packets: since.packets,
                bytes: since.bytes,
                lost: since.lost,
                frames: if kind.is_video() { pictures / received.streams.max(1) } else { 0 },
                nacks: since.nacks,
                keyframe_requests: since.keyframe_requests,
                freezes: 0,
                streams: received.streams,
                round_trip: self.round_trip,
                jitter_ms: received.jitter_ms,
                size: (0, 0),
            });
        }
    }
}

/// RFC 3550 §6.4.1: the total is a signed number of 24 bits, and falls when packets come twice.
fn lost_between(before: u64, now: u64) -> u64 {
    let change = now.wrapping_sub(before) & 0xff_ffff;
    if change < 0x80_0000 { change } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_of_lost_packets_may_fall_and_turn_over() {
        assert_eq!(lost_between(5, 9), 4);
        assert_eq!(lost_between(9, 5), 0);
        assert_eq!(lost_between(0xff_ffff, 2), 3);
    }
}
