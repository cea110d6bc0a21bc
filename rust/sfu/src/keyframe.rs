//! Where decoding may begin, and how often a publisher is asked for such a place.

use std::time::{Duration, Instant};

use str0m::format::{Codec, detect_av1_keyframe, detect_h264_nalu, detect_vp8_keyframe};

/// Shortest time between two requests to one publisher (PLI, RFC 4585 §6.3.1), however many subscribers ask.
const THROTTLE: Duration = Duration::from_millis(300);
/// One subscriber's requests count at most this often once it keeps asking: its decoder is broken, not the stream.
const SUBSCRIBER_SLOWEST: Duration = Duration::from_secs(2);
/// A subscriber that was quiet this long is trusted again.
const SUBSCRIBER_FORGIVEN: Duration = Duration::from_secs(6);
const SEQUENCE_PARAMETER_SET: u8 = 7;

/// Whether a decoder that knows nothing can start with this RTP payload.
pub(crate) fn starts_here(codec: Codec, payload: &[u8]) -> bool {
    match codec {
        Codec::Vp8 => detect_vp8_keyframe(payload),
        // The parameter sets come before the IDR slices and are needed for them.
        Codec::H264 => detect_h264_nalu(payload, SEQUENCE_PARAMETER_SET),
        Codec::Vp9 => vp9_starts(payload),
        Codec::Av1 => detect_av1_keyframe(payload),
        _ => true,
    }
}

/// RFC 9628 §4.2: the first packet of the base layer of a picture that predicts from none.
fn vp9_starts(payload: &[u8]) -> bool {
    let Some(&flags) = payload.first() else { return false };
    let (has_picture_id, predicted, has_layers, begins) =
        (flags & 0x80 != 0, flags & 0x40 != 0, flags & 0x20 != 0, flags & 0x08 != 0);
    if predicted || !begins {
        return false;
    }
    if !has_layers {
        return true;
    }
    let mut at = 1;
    if has_picture_id {
        let Some(&first) = payload.get(at) else { return false };
        at += if first & 0x80 != 0 { 2 } else { 1 };
    }
    payload.get(at).is_some_and(|layers| (layers >> 1) & 0x07 == 0)
}

/// What to do with a wish for a keyframe.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    Ask,
    /// Asked lately; ask again then.
    Later(Instant),
    /// Asked lately, and a later request is already planned.
    Planned,
}

/// One track's requests.
#[derive(Default)]
pub(crate) struct Throttle {
    asked: Option<Instant>,
    planned: bool,
}

impl Throttle {
    pub fn wish(&mut self, now: Instant) -> Wish {
        match self.asked {
            Some(asked) if now < asked + THROTTLE => {
                if std::mem::replace(&mut self.planned, true) {
                    Wish::Planned
                } else {
                    Wish::Later(asked + THROTTLE)
                }
            }
            _ => {
                self.asked = Some(now);
                self.planned = false;
                Wish::Ask
            }
        }
    }

    /// True when nothing was asked within `age`.
    pub fn older_than(&self, age: Duration, now: Instant) -> bool {
        self.asked.is_none_or(|asked| now >= asked + age)
    }
}

/// One subscriber's requests for one track.
pub(crate) struct Patience {
    heard: Option<Instant>,
    interval: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Patience { heard: None, interval: THROTTLE }
    }
}

impl Patience {
    /// Whether this request counts.
    pub fn grants(&mut self, now: Instant) -> bool {
        let Some(heard) = self.heard else {
            self.heard = Some(now);
            return true;
        };
        let waited = now.saturating_duration_since(heard);
        if waited < self.interval {
            return false;
        }
        self.interval =
            if waited >= SUBSCRIBER_FORGIVEN { THROTTLE } else { (self.interval * 2).min(SUBSCRIBER_SLOWEST) };
        self.heard = Some(now);
        true
    }
}
