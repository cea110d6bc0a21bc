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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_codec_has_its_place_to_start() {
        let starts: [(Codec, &[u8]); 6] = [
            (Codec::Vp8, &[0x10, 0x00]),
            (Codec::H264, &[0x67, 0x42]),
            (Codec::H264, &[0x78, 0, 2, 0x67, 0x42, 0, 1, 0x68]),
            (Codec::Vp9, &[0x08]),
            (Codec::Vp9, &[0xa8, 0x81, 0x02, 0x00]),
            (Codec::Av1, &[0x18]),
        ];
        for (codec, payload) in starts {
            assert!(starts_here(codec, payload), "{codec} {payload:?}");
        }
        let continues: [(Codec, &[u8]); 7] = [
            (Codec::Vp8, &[0x10, 0x01]),
            (Codec::Vp8, &[0x00, 0x00]),
            (Codec::H264, &[0x65, 0x88]),
            (Codec::Vp9, &[0x48]),
            (Codec::Vp9, &[0x00]),
            (Codec::Vp9, &[0x28, 0x02]),
            (Codec::Av1, &[0x10]),
        ];
        for (codec, payload) in continues {
            assert!(!starts_here(codec, payload), "{codec} {payload:?}");
        }
    }

    #[test]
    fn noise_is_survived() {
        for noise in crate::noise::bytes(20_000) {
            for codec in [Codec::Vp8, Codec::H264, Codec::Vp9, Codec::Av1] {
                let _ = starts_here(codec, &noise);
            }
        }
    }

    #[test]
    fn one_subscriber_is_heard_every_two_seconds() {
        let start = Instant::now();
        let mut patience = Patience::default();
        let asks = (0..600).map(|i| start + Duration::from_millis(i * 33));
        let granted = asks.filter(|now| patience.grants(*now)).count();
        assert!((9..=13).contains(&granted), "{granted} in 20 s");
    }
}
