//! How large the pictures of a video are, read from where decoding begins: there every codec says it.

use str0m::format::Codec;

/// Width and height in pixels.
pub(crate) type Size = (u16, u16);

/// The size a keyframe's RTP payload tells; None where this packet does not. AV1's is not read.
pub(crate) fn picture_size(codec: Codec, payload: &[u8]) -> Option<Size> {
    let size = match codec {
        Codec::Vp8 => vp8(payload),
        Codec::Vp9 => vp9(payload),
        Codec::H264 => h264(payload),
        _ => None,
    };
    size.filter(|(width, height)| *width > 0 && *height > 0)
}

/// RFC 7741 §4.2 for the descriptor, RFC 6386 §9.1 for the frame header behind it.
fn vp8(payload: &[u8]) -> Option<Size> {
    let mut at = 1;
    if payload.first()? & 0x80 != 0 {
        let extensions = *payload.get(1)?;
        at += 1;
        if extensions & 0x80 != 0 {
            at += picture_id_length(*payload.get(at)?);
        }
        at += usize::from(extensions & 0x40 != 0) + usize::from(extensions & 0x30 != 0);
    }
    let header = payload.get(at..at + 10)?;
    if header[0] & 1 != 0 || header[3..6] != [0x9d, 0x01, 0x2a] {
        return None;
    }
    let side = |at: usize| u16::from_le_bytes([header[at], header[at + 1]]) & 0x3fff;
    Some((side(6), side(8)))
}

/// RFC 9628 §4.2: the scalability structure, which has the size of every layer; the last is the largest.
fn vp9(payload: &[u8]) -> Option<Size> {
    let flags = *payload.first()?;
    let mut at = 1;
    if flags & 0x80 != 0 {
        at += picture_id_length(*payload.get(at)?);
    }
    if flags & 0x20 != 0 {
        at += if flags & 0x10 != 0 { 1 } else { 2 };
    }
    // A picture that refers to others is no place to begin at.
    if flags & 0x02 == 0 || flags & 0x40 != 0 {
        return None;
    }
    let structure = *payload.get(at)?;
    if structure & 0x10 == 0 {
        return None;
    }
    let last = at + 1 + 4 * usize::from(structure >> 5);
    let sides = payload.get(last..last + 4)?;
    Some((u16::from_be_bytes([sides[0], sides[1]]), u16::from_be_bytes([sides[2], sides[3]])))
}

fn picture_id_length(first: u8) -> usize {
    if first & 0x80 != 0 { 2 } else { 1 }
}

/// RFC 6184 §5.6 and §5.7.1: a sequence parameter set by itself or in an aggregate.
fn h264(payload: &[u8]) -> Option<Size> {
    const SEQUENCE_PARAMETER_SET: u8 = 7;
    const AGGREGATE: u8 = 24;
    match payload.first()? & 0x1f {
        SEQUENCE_PARAMETER_SET => sequence_size(&payload[1..]),
        AGGREGATE => {
            let mut rest = &payload[1..];
            while rest.len() > 2 {
                let length = usize::from(u16::from_be_bytes([rest[0], rest[1]]));
                let unit = rest.get(2..2 + length)?;
                if unit.first()? & 0x1f == SEQUENCE_PARAMETER_SET {
                    return sequence_size(&unit[1..]);
                }
                rest = &rest[2 + length..];
            }
            None
        }
        _ => None,
    }
}

/// ITU-T H.264 §7.3.2.1.1: what stands before and around the size must be read to find it.
fn sequence_size(unit: &[u8]) -> Option<Size> {
    let raw = without_emulation_prevention(unit);
    let profile = *raw.first()?;
    let mut bits = Bits { bytes: raw.get(3..)?, at: 0 };
    bits.number()?;
    let mut chroma = 1;
    if matches!(profile, 100 | 110 | 122 | 244 | 44 | 83 | 86 | 118 | 128) {
        chroma = bits.number()?;
        if chroma == 3 {
            bits.take(1)?;
        }
        bits.number()?;
        bits.number()?;
        bits.take(1)?;
        if bits.take(1)? == 1 {
            for list in 0..if chroma == 3 { 12 } else { 8 } {
                if bits.take(1)? == 1 {
                    bits.skip_scaling_list(if list < 6 { 16 } else { 64 })?;
                }
            }
        }
    }
    bits.number()?;
    match bits.number()? {
        0 => {
            bits.number()?;
        }
        1 => {
            bits.take(1)?;
            bits.number()?;
            bits.number()?;
            for _ in 0..bits.number()?.min(255) {
                bits.number()?;
            }
        }
        _ => {}
    }
    bits.number()?;
    bits.take(1)?;
    let (columns, rows) = (bits.number()?.checked_add(1)?, bits.number()?.checked_add(1)?);
    let fields = 2 - bits.take(1)?;
    if fields == 2 {
        bits.take(1)?;
    }
    bits.take(1)?;
    let mut cut = (0, 0);
    if bits.take(1)? == 1 {
        let (left, right, top, bottom) = (bits.number()?, bits.number()?, bits.number()?, bits.number()?);
        let unit = (if matches!(chroma, 1 | 2) { 2 } else { 1 }, if chroma == 1 { 2 } else { 1 });
        cut = (left.checked_add(right)?.checked_mul(unit.0)?, top.checked_add(bottom)?.checked_mul(unit.1 * fields)?);
    }
    let width = columns.checked_mul(16)?.checked_sub(cut.0)?;
    let height = rows.checked_mul(16 * fields)?.checked_sub(cut.1)?;
    Some((u16::try_from(width).ok()?, u16::try_from(height).ok()?))
}

/// ITU-T H.264 §7.4.1.1: a 3 after two zeros is no content.
fn without_emulation_prevention(unit: &[u8]) -> Vec<u8> {
    let mut raw = Vec::with_capacity(unit.len());
    let mut zeros = 0;
    for byte in unit {
        if zeros >= 2 && *byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if *byte == 0 { zeros + 1 } else { 0 };
        raw.push(*byte);
    }
    raw
}

struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, count: usize) -> Option<u32> {
        let mut value = 0;
        for _ in 0..count {
            let byte = *self.bytes.get(self.at / 8)?;
            value = value << 1 | u32::from(byte >> (7 - self.at % 8) & 1);
            self.at += 1;
        }
        Some(value)
    }

    /// ITU-T H.264 §9.1: unsigned Exp-Golomb.
    fn number(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while self.take(1)? == 0 {
            zeros += 1;
            if zeros > 31 {
                return None;
            }
        }
        Some((1 << zeros) - 1 + self.take(zeros)?)
    }

    fn skip_scaling_list(&mut self, size: usize) -> Option<()> {
        let (mut last, mut next) = (8i64, 8i64);
        for _ in 0..size {
            if next != 0 {
                let coded = i64::from(self.number()?);
                let change = if coded % 2 == 0 { -coded / 2 } else { (coded + 1) / 2 };
                next = (last + change).rem_euclid(256);
            }
            if next != 0 {
                last = next;
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_codec_tells_the_size_where_it_begins() {
        let keyframe = [0x50, 0x01, 0x00, 0x9d, 0x01, 0x2a, 0x00, 0x05, 0xd0, 0x02];
        let with = |descriptor: &[u8]| [descriptor, &keyframe[..]].concat();
        assert_eq!(picture_size(Codec::Vp8, &with(&[0x10])), Some((1280, 720)));
        assert_eq!(picture_size(Codec::Vp8, &with(&[0x90, 0xe0, 0x81, 0x02, 0x03, 0x04])), Some((1280, 720)));
        assert_eq!(picture_size(Codec::Vp8, &[0x10, 0x51, 0, 0, 0x9d, 1, 0x2a, 0, 5, 0xd0, 2]), None, "a delta frame");
        let layers = [0x8a, 0x81, 0x02, 0x30, 1, 64, 0, 180, 2, 128, 1, 104];
        assert_eq!(picture_size(Codec::Vp9, &layers), Some((640, 360)));
        assert_eq!(picture_size(Codec::Vp9, &[0x88, 0x01]), None);
        assert_eq!(picture_size(Codec::Av1, &keyframe), None);
    }

    /// A sequence parameter set of 320×180 in macroblocks of 16: 12 rows with the lowest 12 lines cut off.
    fn sequence(profile: u8) -> Vec<u8> {
        let number = |value: u32| {
            let coded = format!("{:b}", value + 1);
            "0".repeat(coded.len() - 1) + &coded
        };
        let numbers = |values: &[u32]| values.iter().map(|value| number(*value)).collect::<String>();
        let mut bits = number(0);
        if profile == 100 {
            // Scaling lists: the first ends at once (a change of -8), the other seven are not there.
            bits += &(numbers(&[1, 0, 0]) + "01" + "1" + &number(16) + "0000000");
        }
        bits += &(numbers(&[0, 0, 0, 1]) + "0" + &numbers(&[19, 11]) + "111" + &numbers(&[0, 0, 0, 6]) + "01");
        while bits.len() % 8 != 0 {
            bits.push('0');
        }
        let coded = bits.as_bytes().chunks(8);
        let coded = coded.map(|byte| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap());
        [0x67, profile, 0, 12].into_iter().chain(coded).collect()
    }

    #[test]
    fn h264_tells_the_size_in_its_parameters() {
        for profile in [66, 100] {
            let alone = sequence(profile);
            assert_eq!(picture_size(Codec::H264, &alone), Some((320, 180)), "profile {profile}");
            let mut aggregate = vec![24, 0, 2, 0x68, 0xce, 0, alone.len() as u8];
            aggregate.extend(&alone);
            assert_eq!(picture_size(Codec::H264, &aggregate), Some((320, 180)));
        }
        assert_eq!(picture_size(Codec::H264, &[0x65, 0x88, 0x84]), None);
        assert_eq!(without_emulation_prevention(&[0, 0, 3, 1, 0, 0, 3]), [0, 0, 1, 0, 0]);
    }

    #[test]
    fn noise_is_survived() {
        for noise in crate::noise::bytes(20_000) {
            for codec in [Codec::Vp8, Codec::H264, Codec::Vp9] {
                let _ = picture_size(codec, &noise);
            }
            let sequence: Vec<u8> = [&[0x67], &noise[..]].concat();
            let _ = picture_size(Codec::H264, &sequence);
        }
    }
}
