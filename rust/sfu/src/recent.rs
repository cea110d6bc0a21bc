//! The packets since a keyframe, while it is young, so that a late subscriber starts with them at once.
//!
//! Young means a little longer than publishers are left in peace between two requests: whoever comes later than that
//! has a keyframe asked for right away, so the two together leave no subscriber waiting.

use std::time::{Duration, Instant};

use crate::packet::Packet;

const YOUNG: Duration = Duration::from_millis(400);
const PACKETS_AT_MOST: usize = 512;

/// One video track's young group of pictures.
#[derive(Default)]
pub(crate) struct Recent {
    began: Option<Instant>,
    packets: Vec<Packet>,
}

impl Recent {
    /// Takes the track's next packet; `starts` says that decoding may begin with it.
    pub fn keep(&mut self, packet: Packet, starts: bool, now: Instant) {
        if starts && !self.goes_on_with(&packet) {
            self.forget();
            self.began = Some(now);
        }
        let Some(began) = self.began else { return };
        if now > began + YOUNG || self.packets.len() >= PACKETS_AT_MOST || !self.same_source(&packet) {
            self.forget();
        } else {
            self.packets.push(packet);
        }
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
