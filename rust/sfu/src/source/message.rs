//! The words of a source's socket, little-endian: the heads of a tap in both directions. docs/inject.md has the table.

use std::time::Duration;

use str0m::format::Codec;

pub(crate) const HEAD: usize = 40;
/// Longest frame, in bytes.
const LONGEST: usize = 4 * 1024 * 1024;

const HELLO: u8 = 0;
const FRAME: u8 = 1;
const END: u8 = 2;
const WANT_KEYFRAME: u8 = 3;
const VERSION: u64 = 1;
const MAKES_NO_KEYFRAMES: u8 = 1;

/// What a writer said; lengths are of the bytes that follow its head.
#[derive(Debug, PartialEq)]
pub(crate) enum Said {
    /// `whole`: it makes no keyframe when asked, so all since the last is kept.
    Hello {
        number: u64,
        codec: Codec,
        whole: bool,
    },
    Frame {
        number: u64,
        captured: i64,
        timestamp: i64,
        length: usize,
    },
    End {
        number: u64,
    },
}

/// Reads a head; None where it makes no sense.
pub(crate) fn read(head: &[u8; HEAD]) -> Option<Said> {
    let length = u32::from_le_bytes(head[..4].try_into().unwrap_or_default()) as usize;
    let word = |at: usize| u64::from_le_bytes(head[at..at + 8].try_into().unwrap_or_default());
    let number = word(8);
    match head[4] {
        HELLO if length == 0 && word(32) == VERSION => {
            Some(Said::Hello { number, codec: codec(head[5])?, whole: head[6] & MAKES_NO_KEYFRAMES != 0 })
        }
        FRAME if (1..=LONGEST).contains(&length) => {
            let (captured, timestamp) = (word(16).cast_signed(), word(24).cast_signed());
            Some(Said::Frame { number, captured, timestamp, length })
        }
        END if length == 0 => Some(Said::End { number }),
        _ => None,
    }
}

fn codec(number: u8) -> Option<Codec> {
    match number {
        1 => Some(Codec::Opus),
        2 => Some(Codec::Vp8),
        4 => Some(Codec::H264),
        _ => None,
    }
}

/// The core's first word, as a tap's: its clock, and the machine's monotonic one.
pub(crate) fn greeting(now: i64, monotonic: Duration) -> [u8; HEAD] {
    head(HELLO, [0, now.cast_unsigned(), monotonic.as_micros() as u64, VERSION])
}

/// Somebody can go on only with a keyframe of that track.
pub(crate) fn want_keyframe(number: u64) -> [u8; HEAD] {
    head(WANT_KEYFRAME, [number, 0, 0, 0])
}

fn head(kind: u8, words: [u64; 4]) -> [u8; HEAD] {
    let mut head = [0; HEAD];
    head[4] = kind;
    for (at, word) in (8..HEAD).step_by(8).zip(words) {
        head[at..at + 8].copy_from_slice(&word.to_le_bytes());
    }
    head
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_is_survived() {
        for noise in crate::noise::bytes(20_000) {
            let mut head = [0; HEAD];
            head[..noise.len().min(HEAD)].copy_from_slice(&noise[..noise.len().min(HEAD)]);
            head[4] &= 3;
            let _ = read(&head);
        }
        let mut hello = head(HELLO, [7, 0, 0, VERSION]);
        assert_eq!(read(&hello), None, "no codec");
        hello[5] = 4;
        assert_eq!(read(&hello), Some(Said::Hello { number: 7, codec: Codec::H264, whole: false }));
        let mut frame = head(FRAME, [7, 1, u64::MAX, 0]);
        assert_eq!(read(&frame), None, "an empty frame");
        frame[..4].copy_from_slice(&(LONGEST as u32).to_le_bytes());
        let said = Said::Frame { number: 7, captured: 1, timestamp: -1, length: LONGEST };
        assert_eq!(read(&frame), Some(said));
        frame[..4].copy_from_slice(&(LONGEST as u32 + 1).to_le_bytes());
        assert_eq!(read(&frame), None, "too long");
    }
}
