//! The words of a tap's socket, little-endian. docs/tap.md has the table.
//!
//! To the listener: a head of 40 bytes (length of what follows: u32, kind, codec, flags, quarter turns: u8 each, track:
//! u64, captured: i64, RTP timestamp: i64, number: u64) and the frame. From it: 16 bytes (kind: u64, track: u64).

use std::sync::Arc;
use std::time::Duration;

use str0m::format::Codec;

use crate::ids::TrackId;

const HEAD: usize = 40;
/// Bytes of a request.
pub(crate) const REQUEST: usize = 16;

const HELLO: u8 = 0;
const FRAME: u8 = 1;
const TRACK_ENDED: u8 = 2;
const VERSION: u64 = 1;

const KEY: u8 = 1;
const GAP: u8 = 2;

const WANT_KEYFRAME: u64 = 1;

/// One message on its way to a listener; the frame is shared with others.
pub(crate) struct Message {
    head: [u8; HEAD],
    body: Option<Arc<[u8]>>,
}

/// What a frame's head says.
pub(crate) struct FrameHead {
    pub track: TrackId,
    pub codec: Codec,
    pub key: bool,
    pub gap: bool,
    pub turns: u8,
    /// Microseconds since 1970.
    pub captured: i64,
    /// RTP timestamp without rollovers.
    pub timestamp: i64,
    /// Counts the track's frames as the core made them.
    pub number: u64,
}

impl Message {
    /// The first message: the time now, by the clock that frames are stamped with and by the machine's monotonic one.
    pub fn hello(now: i64, monotonic: Duration) -> Self {
        Message::new([HELLO, 0, 0, 0], [0, now as u64, monotonic.as_micros() as u64, VERSION], None)
    }

    pub fn frame(head: &FrameHead, data: Arc<[u8]>) -> Self {
        let flags = if head.key { KEY } else { 0 } | if head.gap { GAP } else { 0 };
        let numbers = [head.track.0, head.captured as u64, head.timestamp as u64, head.number];
        Message::new([FRAME, codec_number(head.codec), flags, head.turns], numbers, Some(data))
    }

    pub fn track_ended(track: TrackId, now: i64) -> Self {
        Message::new([TRACK_ENDED, 0, 0, 0], [track.0, now as u64, 0, 0], None)
    }

    fn new(bytes: [u8; 4], numbers: [u64; 4], body: Option<Arc<[u8]>>) -> Self {
        let mut head = [0; HEAD];
        let length = body.as_ref().map_or(0, |body| body.len()) as u32;
        head[..4].copy_from_slice(&length.to_le_bytes());
        head[4..8].copy_from_slice(&bytes);
        for (at, number) in (8..HEAD).step_by(8).zip(numbers) {
            head[at..at + 8].copy_from_slice(&number.to_le_bytes());
        }
        Message { head, body }
    }

    pub fn is_frame(&self) -> bool {
        self.head[4] == FRAME
    }

    pub fn len(&self) -> usize {
        HEAD + self.body().len()
    }

    /// What of head and body is left after `written` bytes.
    pub fn parts(&self, written: usize) -> [&[u8]; 2] {
        let head = self.head.get(written..).unwrap_or_default();
        let body = self.body().get(written.saturating_sub(HEAD)..).unwrap_or_default();
        [head, body]
    }

    fn body(&self) -> &[u8] {
        self.body.as_deref().unwrap_or_default()
    }
}

fn codec_number(codec: Codec) -> u8 {
    match codec {
        Codec::Opus => 1,
        Codec::Vp8 => 2,
        Codec::Vp9 => 3,
        Codec::H264 => 4,
        Codec::Av1 => 5,
        _ => 0,
    }
}

/// The track a listener wants a keyframe of; None where it says anything else.
pub(crate) fn requested(request: &[u8; REQUEST]) -> Option<TrackId> {
    let number = |at: usize| u64::from_le_bytes(request[at..at + 8].try_into().unwrap_or_default());
    (number(0) == WANT_KEYFRAME).then(|| TrackId(number(8)))
}
