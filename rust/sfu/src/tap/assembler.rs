//! From a track's packets, late and shuffled ones among them, to whole encoded frames in order.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use str0m::format::Codec;
use str0m::rtp::Ssrc;
use str0m::rtp::rtcp::SenderInfo;

use crate::keyframe::starts_here;
use crate::packet::Packet;
use crate::tap::unpack::unpack;

/// How long a missing packet of a picture is waited for: two retransmissions over a slow way.
const PICTURE_PATIENCE: Duration = Duration::from_millis(400);
/// Sound is not sent again; this only covers reordering.
const SOUND_PATIENCE: Duration = Duration::from_millis(120);
/// Packets that wait at most, some 5 MB; a picture of more is given up.
const WAITING_AT_MOST: usize = 4096;

/// A whole picture or a packet of sound.
#[derive(Debug, PartialEq)]
pub(crate) struct Frame {
    /// RTP timestamp (RFC 3550 §5.1).
    pub timestamp: u32,
    pub key: bool,
    /// Something before it is missing.
    pub gap: bool,
    /// Quarter turns clockwise the picture is to be shown with.
    pub turns: u8,
    pub data: Vec<u8>,
    /// When its first packet came.
    pub arrived: Instant,
    /// When it was taken, where that was told in our own clock.
    pub captured: Option<i64>,
    /// The sender's clock as last reported (RFC 3550 §6.4.1).
    pub report: Option<SenderInfo>,
}

/// What of a packet matters here.
pub(crate) struct Piece {
    pub source: Ssrc,
    /// Without rollovers.
    pub sequence: u64,
    pub timestamp: u32,
    pub marker: bool,
    pub turns: u8,
    pub payload: Arc<[u8]>,
    pub arrived: Instant,
    pub captured: Option<i64>,
    pub report: Option<SenderInfo>,
}

impl Piece {
    pub fn new(packet: &Packet) -> Self {
        Piece {
            source: packet.source,
            sequence: packet.sequence,
            timestamp: packet.timestamp,
            marker: packet.marker,
            turns: packet.extensions.video_orientation.map_or(0, |turned| turned as u8 & 3),
            payload: packet.payload.clone(),
            arrived: packet.arrived,
            captured: packet.captured,
            report: packet.report,
        }
    }
}

/// Puts one track's packets in order and together.
pub(crate) struct Assembler {
    codec: Codec,
    waiting: BTreeMap<u64, Piece>,
    /// The sequence number that comes next.
    next: Option<u64>,
    /// How many packets from there on were seen to belong to one unfinished frame.
    seen: u64,
    /// Nothing can be decoded before the next keyframe.
    wants_key: bool,
    gap: bool,
}

impl Assembler {
    pub fn new(codec: Codec) -> Self {
        let wants_key = codec != Codec::Opus;
        Assembler { codec, waiting: BTreeMap::new(), next: None, seen: 0, wants_key, gap: false }
    }

    /// Whether only a keyframe brings it on.
    pub fn wants_key(&self) -> bool {
        self.wants_key
    }

    /// Takes a packet and gives the frames that are whole by it.
    pub fn push(&mut self, piece: Piece) -> Vec<Frame> {
        let (sequence, now) = (piece.sequence, piece.arrived);
        let next = *self.next.get_or_insert(sequence);
        if sequence < next {
            return Vec::new();
        }
        self.waiting.insert(sequence, piece);
        let mut frames = Vec::new();
        loop {
            while let Some(length) = self.whole() {
                frames.extend(self.take(length));
            }
            if !self.give_up(now) {
                return frames;
            }
        }
    }

    fn sound(&self) -> bool {
        self.codec == Codec::Opus
    }

    /// The number of packets of the next frame, once they are all there.
    fn whole(&mut self) -> Option<u64> {
        let next = self.next?;
        let timestamp = self.waiting.get(&next)?.timestamp;
        loop {
            let piece = self.waiting.get(&(next + self.seen))?;
            if piece.timestamp != timestamp {
                return Some(self.seen);
            }
            self.seen += 1;
            if piece.marker || self.sound() || piece.payload.is_empty() {
                return Some(self.seen);
            }
        }
    }

    fn take(&mut self, length: u64) -> Option<Frame> {
        let next = self.next?;
        let rest = self.waiting.split_off(&(next + length));
        let pieces = std::mem::replace(&mut self.waiting, rest);
        self.next = Some(next + length);
        self.seen = 0;
        let mut pieces: Vec<Piece> = pieces.into_values().collect();
        let arrived = pieces.iter().map(|piece| piece.arrived).min()?;
        // What fills the line up carries nothing.
        pieces.retain(|piece| !piece.payload.is_empty());
        let (first, last) = (pieces.first()?, pieces.last()?);
        let key = starts_here(self.codec, &first.payload);
        if self.wants_key && !key {
            return None;
        }
        let payloads: Vec<&[u8]> = pieces.iter().map(|piece| &*piece.payload).collect();
        let Some(data) = unpack(self.codec, &payloads) else {
            self.lose();
            return None;
        };
        self.wants_key = false;
        Some(Frame {
            timestamp: first.timestamp,
            key,
            gap: std::mem::take(&mut self.gap),
            turns: last.turns,
            data,
            arrived,
            captured: first.captured,
            report: last.report,
        })
    }

    /// Goes on behind packets that were waited for long enough; true when there is something to go on with.
    fn give_up(&mut self, now: Instant) -> bool {
        let patience = if self.sound() { SOUND_PATIENCE } else { PICTURE_PATIENCE };
        let Some(missing) = self.next.map(|next| next + self.seen) else { return false };
        let Some((&after, piece)) = self.waiting.range(missing..).next() else {
            return self.waiting.len() > WAITING_AT_MOST && self.skip_to(missing);
        };
        let late = now >= piece.arrived + patience || self.waiting.len() > WAITING_AT_MOST;
        late && self.skip_to(after)
    }

    fn skip_to(&mut self, sequence: u64) -> bool {
        self.waiting = self.waiting.split_off(&sequence);
        self.next = Some(sequence);
        self.seen = 0;
        self.lose();
        !self.waiting.is_empty()
    }

    fn lose(&mut self) {
        self.gap = true;
        self.wants_key = !self.sound();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Feed {
        assembler: Assembler,
        now: Instant,
    }

    impl Feed {
        fn new(codec: Codec) -> Self {
            Feed { assembler: Assembler::new(codec), now: Instant::now() }
        }

        /// A VP8 packet; `first` says that it begins its picture.
        fn picture(&mut self, sequence: u64, timestamp: u32, key: bool, first: bool, marker: bool) -> Vec<Frame> {
            let payload = vec![if first { 0x10 } else { 0 }, u8::from(!key), sequence as u8];
            self.packet(sequence, timestamp, marker, payload)
        }

        fn packet(&mut self, sequence: u64, timestamp: u32, marker: bool, payload: Vec<u8>) -> Vec<Frame> {
            let payload = payload.into();
            let arrived = self.now;
            self.assembler.push(Piece {
                source: 1.into(),
                sequence,
                timestamp,
                marker,
                turns: 1,
                payload,
                arrived,
                captured: None,
                report: None,
            })
        }

        fn wait(&mut self, millis: u64) {
            self.now += Duration::from_millis(millis);
        }
    }

    #[test]
    fn packets_become_pictures_whatever_their_order() {
        let mut feed = Feed::new(Codec::Vp8);
        assert!(feed.picture(65_534, 90, true, true, false).is_empty());
        assert!(feed.picture(65_536, 90, true, false, true).is_empty(), "one is missing");
        assert!(feed.picture(65_538, 3090, false, true, true).is_empty(), "and one of the next");
        let first = feed.picture(65_535, 90, true, false, false);
        assert_eq!(first.len(), 1);
        assert_eq!(first[0].data, [0, 254, 0, 255, 0, 0], "in order, over the rollover");
        assert!(first[0].key && !first[0].gap && first[0].turns == 1 && first[0].timestamp == 90);
        let rest = feed.packet(65_537, 90, false, Vec::new());
        assert_eq!(rest.len(), 1, "what only fills the line up is skipped");
        assert!(!rest[0].key && rest[0].timestamp == 3090);
        assert!(feed.picture(65_535, 90, true, false, false).is_empty(), "late");
        let unmarked = feed.picture(65_539, 6090, false, true, false);
        assert!(unmarked.is_empty());
        assert_eq!(feed.picture(65_540, 9090, false, true, true).len(), 2, "another timestamp ends a picture too");
    }

    #[test]
    fn after_a_loss_it_goes_on_with_a_keyframe() {
        let mut feed = Feed::new(Codec::Vp8);
        assert!(feed.picture(1, 1, false, true, true).is_empty(), "nothing to begin with");
        assert_eq!(feed.picture(2, 2, true, true, true).len(), 1);
        assert!(feed.picture(4, 4, false, true, true).is_empty());
        feed.wait(399);
        assert!(feed.picture(5, 5, false, true, true).is_empty() && !feed.assembler.wants_key());
        feed.wait(2);
        assert!(feed.picture(6, 6, false, true, true).is_empty());
        assert!(feed.assembler.wants_key());
        let key = feed.picture(7, 7, true, true, true);
        assert!(key.len() == 1 && key[0].gap && key[0].key);
        assert!(!feed.assembler.wants_key());
        assert!(feed.picture(8, 8, false, true, true).iter().all(|frame| !frame.gap));
    }

    #[test]
    fn sound_goes_on_after_a_loss_and_says_so() {
        let mut feed = Feed::new(Codec::Opus);
        assert_eq!(feed.packet(1, 960, false, vec![1]).len(), 1);
        assert!(feed.packet(3, 2880, false, vec![3]).is_empty());
        feed.wait(130);
        let rest = feed.packet(4, 3840, false, vec![4]);
        assert_eq!(
            rest.iter().map(|frame| (frame.timestamp, frame.gap)).collect::<Vec<_>>(),
            [(2880, true), (3840, false)]
        );
        feed.packet(6, 5760, false, vec![6]);
        assert_eq!(feed.packet(5, 4800, false, vec![5]).len(), 2, "shuffled");
    }

    #[test]
    fn what_waits_is_bounded() {
        let mut feed = Feed::new(Codec::Vp8);
        feed.picture(0, 0, true, true, true);
        for sequence in 2..3 * WAITING_AT_MOST as u64 {
            feed.picture(sequence, 5, false, sequence == 2, false);
            assert!(feed.assembler.waiting.len() <= WAITING_AT_MOST + 1);
        }
    }
}
