//! Counting: per track as packets come in, and the snapshots taken once a second.

use std::time::{Duration, Instant};

use str0m::media::MediaKind;

use crate::ids::TrackId;
use crate::packet::Packet;
use crate::quality::Pace;

/// How far behind the newest a packet's timestamp may be and still be of an older picture.
const LATE: std::ops::RangeInclusive<i32> = -900_000..=0;

/// Totals of one track since it began; rates over the last second.
#[derive(Clone, Debug, Default, PartialEq)]
#[allow(missing_docs)] // Plain counts.
pub struct TrackStats {
    pub track: u64,
    pub packets: u64,
    pub bytes: u64,
    /// Sequence gaps never filled.
    pub lost: u64,
    /// NACKs sent to the publisher (RFC 4585 §6.2.1).
    pub nacks: u64,
    /// Keyframe requests sent to the publisher.
    pub keyframe_requests: u64,
    /// Interarrival jitter in ms (RFC 3550 §6.4.1).
    pub jitter_ms: f64,
    /// Bits per second.
    pub bitrate: u64,
    /// Frames per second; 0 for audio.
    pub frame_rate: f64,
    pub subscribers: u64,
    pub forwarded_packets: u64,
}

/// Totals of the whole unit since it started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)] // Plain counts.
pub struct Counters {
    pub packets_received: u64,
    pub packets_sent: u64,
    pub bytes_received: u64,
    pub bytes_sent: u64,
    pub send_calls: u64,
    /// Not sent because the kernel had no room or no way.
    pub datagrams_dropped: u64,
    /// Received, but of no peer.
    pub datagrams_unroutable: u64,
    /// Data messages dropped because nobody took events.
    pub events_dropped: u64,
    pub peers: u64,
    pub tracks: u64,
    pub subscriptions: u64,
    /// CPU time of the packet thread, in nanoseconds.
    pub thread_cpu_ns: u64,
}

/// The last second's figures.
#[derive(Default)]
pub(crate) struct Snapshot {
    pub tracks: Vec<TrackStats>,
    pub counters: Counters,
}

/// Measures one source as it arrives.
#[derive(Default)]
pub(crate) struct Meter {
    pub packets: u64,
    pub bytes: u64,
    pub forwarded: u64,
    pub keyframe_requests: u64,
    /// As told by str0m, over all sources this track had.
    pub nacks: u64,
    sequence: Option<SequenceRange>,
    lost_before: u64,
    jitter: Jitter,
    pub frames: u64,
    last_timestamp: Option<u32>,
    pub pace: Pace,
    window: Window,
}

struct SequenceRange {
    first: u64,
    highest: u64,
    received: u64,
}

impl SequenceRange {
    fn lost(&self) -> u64 {
        (self.highest - self.first + 1).saturating_sub(self.received)
    }
}

#[derive(Default)]
struct Window {
    opened: Option<Instant>,
    bytes: u64,
    frames: u64,
    bitrate: u64,
    frame_rate: f64,
}

impl Meter {
    /// `clock_rate` in Hz.
    pub fn count(&mut self, packet: &Packet, clock_rate: u32) {
        self.packets += 1;
        self.bytes += packet.payload.len() as u64;
        let sequence = packet.sequence;
        let range = self.sequence.get_or_insert(SequenceRange { first: sequence, highest: sequence, received: 0 });
        range.first = range.first.min(sequence);
        range.highest = range.highest.max(sequence);
        range.received += 1;
        let timestamp = packet.timestamp;
        if self.last_timestamp.is_none_or(|last| !LATE.contains(&timestamp.wrapping_sub(last).cast_signed())) {
            self.frames += 1;
            self.last_timestamp = Some(timestamp);
            self.pace.frame(packet.arrived);
        }
        self.jitter.count(packet.arrived, timestamp, clock_rate);
    }

    /// The source was replaced by another; its numbers have nothing to do with the old ones.
    pub fn new_source(&mut self) {
        self.lost_before += self.sequence.take().map_or(0, |range| range.lost());
        self.jitter = Jitter::default();
        self.last_timestamp = None;
    }

    /// Sequence gaps not filled so far.
    pub fn lost(&self) -> u64 {
        self.lost_before + self.sequence.as_ref().map_or(0, SequenceRange::lost)
    }

    pub fn jitter_ms(&self) -> f64 {
        self.jitter.seconds * 1000.0
    }

    /// Closes the second and tells the totals.
    pub fn snapshot(&mut self, track: TrackId, kind: MediaKind, subscribers: usize, now: Instant) -> TrackStats {
        let elapsed = self.window.opened.map_or(Duration::ZERO, |opened| now.saturating_duration_since(opened));
        let seconds = elapsed.as_secs_f64();
        let rate = |total: u64, before: u64| if seconds > 0.0 { (total - before) as f64 / seconds } else { 0.0 };
        self.window = Window {
            opened: Some(now),
            bytes: self.bytes,
            frames: self.frames,
            bitrate: (rate(self.bytes, self.window.bytes) * 8.0) as u64,
            frame_rate: if kind.is_video() { rate(self.frames, self.window.frames) } else { 0.0 },
        };
        TrackStats {
            track: track.0,
            packets: self.packets,
            bytes: self.bytes,
            lost: self.lost(),
            nacks: self.nacks,
            keyframe_requests: self.keyframe_requests,
            jitter_ms: self.jitter_ms(),
            bitrate: self.window.bitrate,
            frame_rate: self.window.frame_rate,
            subscribers: subscribers as u64,
            forwarded_packets: self.forwarded,
        }
    }
}

/// RFC 3550 §6.4.1 with the clock of arrival in seconds.
#[derive(Default)]
struct Jitter {
    last: Option<(Instant, u32)>,
    seconds: f64,
}

impl Jitter {
    fn count(&mut self, arrival: Instant, timestamp: u32, clock_rate: u32) {
        if let Some((last_arrival, last_timestamp)) = self.last.replace((arrival, timestamp)) {
            let apart = arrival.saturating_duration_since(last_arrival).as_secs_f64();
            let sent_apart = f64::from(timestamp.wrapping_sub(last_timestamp).cast_signed()) / f64::from(clock_rate);
            self.seconds += ((apart - sent_apart).abs() - self.seconds) / 16.0;
        }
    }
}
