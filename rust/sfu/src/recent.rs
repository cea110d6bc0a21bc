//! The packets since a keyframe, while it is young, so that a late subscriber starts with them at once.
//!
//! Young means a little longer than publishers are left in peace between two requests: whoever comes later than that
//! has a keyframe asked for right away, so the two together leave no subscriber waiting. Of a publisher that makes none
//! when asked, all is kept up to its next keyframe.

use std::time::{Duration, Instant};

use crate::packet::Packet;

const YOUNG: Duration = Duration::from_millis(400);
const PACKETS_AT_MOST: usize = 512;
/// Of a whole group of pictures: some 5 MB.
const LONG: Duration = Duration::from_secs(12);
const PACKETS_OF_LONG_AT_MOST: usize = 4096;

/// One video track's last group of pictures.
#[derive(Default)]
pub(crate) struct Recent {
    /// Whether it is kept when it is no longer young.
    pub whole: bool,
    began: Option<Instant>,
    packets: Vec<Packet>,
}

impl Recent {
    /// Takes the track's next packet; `starts` says that decoding may begin with it. True when what was kept before is
    /// gone.
    pub fn keep(&mut self, packet: Packet, starts: bool, now: Instant) -> bool {
        let fresh = starts && !self.goes_on_with(&packet);
        if fresh {
            self.forget();
            self.began = Some(now);
        }
        let Some(began) = self.began else { return false };
        let (age, packets) = if self.whole { (LONG, PACKETS_OF_LONG_AT_MOST) } else { (YOUNG, PACKETS_AT_MOST) };
        if now > began + age || self.packets.len() >= packets || !self.same_source(&packet) {
            self.forget();
            return true;
        }
        self.packets.push(packet);
        fresh
    }

    /// All that is kept, keyframe first.
    pub fn all(&self) -> &[Packet] {
        &self.packets
    }

    /// What a subscriber may be given first, keyframe first; empty when there is no young one.
    pub fn packets(&self, now: Instant) -> &[Packet] {
        match self.began {
            Some(began) if now <= began + YOUNG => &self.packets,
            _ => &[],
        }
    }

    pub fn forget(&mut self) {
        self.began = None;
        self.packets = Vec::new();
    }

    /// Parameter sets may come several times within one picture.
    fn goes_on_with(&self, packet: &Packet) -> bool {
        self.packets.first().is_some_and(|first| first.timestamp == packet.timestamp && first.source == packet.source)
    }

    fn same_source(&self, packet: &Packet) -> bool {
        self.packets.first().is_none_or(|first| first.source == packet.source)
    }
}
