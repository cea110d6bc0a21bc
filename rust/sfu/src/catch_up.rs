//! A track whose publisher makes no keyframe when asked, such as an RTMP encoder: whoever needs one is given all since the
//! last, in quick motion and at a pace that receivers bear, and goes on with everybody else from there.

use std::time::Duration;

use crate::core::Core;
use crate::ids::{PeerId, TrackId};
use crate::route::Outgoing;
use crate::timers::Timer;

const BURST: usize = 8;
const BETWEEN_BURSTS: Duration = Duration::from_millis(2);
/// Ticks of the pictures' clock that all from the keyframe on is shown within: 20 ms.
const QUICK: u32 = 1800;

/// A subscriber on its way from the last keyframe to now.
pub(crate) struct Behind {
    /// Of what is kept of the track, the next packet.
    next: usize,
    /// Timestamp of the newest packet when it began, and how many times faster it is shown up to there.
    newest: u32,
    faster: u32,
}

impl Behind {
    pub fn new(first: u32, newest: u32) -> Self {
        Behind { next: 0, newest, faster: (newest.wrapping_sub(first) / QUICK).max(1) }
    }

    /// The timestamp in quick motion.
    pub fn hasten(&self, timestamp: u32) -> u32 {
        let before = self.newest.wrapping_sub(timestamp).cast_signed();
        if before <= 0 { timestamp } else { self.newest.wrapping_sub(before.cast_unsigned() / self.faster) }
    }
}

impl Core {
    /// Starts a subscriber, or one that asks for a keyframe, from the last one; false when none is kept.
    pub(crate) fn begin_behind(&mut self, id: TrackId, subscriber: PeerId) -> bool {
        let Some(track) = self.tracks.get_mut(&id) else { return false };
        let kept = track.recent.all();
        let (Some(first), Some(newest)) = (kept.first(), kept.last()) else { return false };
        let behind = Behind::new(first.timestamp, newest.timestamp);
        let idle = track.routes.iter().all(|route| route.behind.is_none());
        let Some(route) = track.route(subscriber).filter(|route| !route.paused) else { return false };
        route.open = false;
        route.behind = Some(behind);
        if idle {
            self.timers.set(self.now, Timer::CatchUp(id));
        }
        true
    }

    /// Starts all who cannot go on without a keyframe.
    pub(crate) fn begin_all_behind(&mut self, id: TrackId) {
        let Some(track) = self.tracks.get(&id) else { return };
        let stuck = track.routes.iter().filter(|route| !route.open && !route.paused && route.behind.is_none());
        for subscriber in stuck.map(|route| route.subscriber).collect::<Vec<_>>() {
            self.begin_behind(id, subscriber);
        }
    }

    /// Sends the next few packets to everybody who is behind.
    pub(crate) fn catch_up(&mut self, id: TrackId) {
        let Some(track) = self.tracks.get_mut(&id) else { return };
        let kept = track.recent.all();
        let mut more = false;
        for route in &mut track.routes {
            let Some(next) = route.behind.as_ref().map(|behind| behind.next) else { continue };
            let Some(peer) = self.peers.get_mut(&route.subscriber) else { continue };
            let until = (next + BURST).min(kept.len());
            for packet in kept.get(next..until).unwrap_or_default() {
                let outgoing = Outgoing::new(packet, &track.params, true, self.now);
                match outgoing.write(route, peer) {
                    Some(Ok(())) => track.meter.forwarded += 1,
                    Some(Err(_)) => self.broken.push(route.subscriber),
                    None => {}
                }
            }
            if until >= kept.len() {
                route.behind = None;
            } else if let Some(behind) = &mut route.behind {
                behind.next = until;
                more = true;
            }
            if !std::mem::replace(&mut peer.dirty, true) {
                self.dirty.push(route.subscriber);
            }
        }
        if more {
            self.timers.set(self.now + BETWEEN_BURSTS, Timer::CatchUp(id));
        }
    }
}
