//! Snapshots.

use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::events::record;

record!(TrackStats {
    track: u64,
    packets: u64,
    bytes: u64,
    lost: u64,
    nacks: u64,
    keyframe_requests: u64,
    jitter_ms: f64,
    bitrate: u64,
    frame_rate: f64,
    subscribers: u64,
    forwarded_packets: u64,
});

record!(Counters {
    packets_received: u64,
    packets_sent: u64,
    bytes_received: u64,
    bytes_sent: u64,
    send_calls: u64,
    datagrams_dropped: u64,
    datagrams_unroutable: u64,
    events_dropped: u64,
    peers: u64,
    tracks: u64,
    subscriptions: u64,
    thread_cpu_ns: u64,
});

impl From<polyroom_sfu::TrackStats> for TrackStats {
    fn from(s: polyroom_sfu::TrackStats) -> Self {
        TrackStats {
            track: s.track,
            packets: s.packets,
            bytes: s.bytes,
            lost: s.lost,
            nacks: s.nacks,
            keyframe_requests: s.keyframe_requests,
            jitter_ms: s.jitter_ms,
            bitrate: s.bitrate,
            frame_rate: s.frame_rate,
            subscribers: s.subscribers,
            forwarded_packets: s.forwarded_packets,
        }
    }
}

impl From<polyroom_sfu::Counters> for Counters {
    fn from(c: polyroom_sfu::Counters) -> Self {
        Counters {
            packets_received: c.packets_received,
            packets_sent: c.packets_sent,
            bytes_received: c.bytes_received,
            bytes_sent: c.bytes_sent,
            send_calls: c.send_calls,
            datagrams_dropped: c.datagrams_dropped,
            datagrams_unroutable: c.datagrams_unroutable,
            events_dropped: c.events_dropped,
            peers: c.peers,
            tracks: c.tracks,
            subscriptions: c.subscriptions,
            thread_cpu_ns: c.thread_cpu_ns,
        }
    }
}
