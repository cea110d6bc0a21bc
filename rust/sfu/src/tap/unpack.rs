//! RTP payloads of one frame to the bytes a decoder takes.

use str0m::format::Codec;

/// Of consecutive packets with one timestamp; None when they make no frame.
///
/// H264 comes out with start codes (ITU-T H.264 annex B), AV1 as OBUs with sizes, VP9's layers one after the other.
pub(crate) fn unpack(codec: Codec, payloads: &[&[u8]]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(payloads.iter().map(|payload| payload.len() + 8).sum());
    match codec {
        Codec::Opus => out.extend_from_slice(payloads.first()?),
        Codec::Vp8 => join(payloads, vp8_descriptor, &mut out)?,
        Codec::Vp9 => join(payloads, vp9_descriptor, &mut out)?,
        Codec::H264 => h264(payloads, &mut out)?,
        Codec::Av1 => av1(payloads, &mut out)?,
        _ => return None,
    }
    (!out.is_empty()).then_some(out)
}

fn join(payloads: &[&[u8]], descriptor: fn(&[u8]) -> Option<usize>, out: &mut Vec<u8>) -> Option<()> {
    for payload in payloads {
        out.extend_from_slice(payload.get(descriptor(payload)?..)?);
    }
    Some(())
}

/// Bytes of the payload descriptor, RFC 7741 §4.2.
fn vp8_descriptor(payload: &[u8]) -> Option<usize> {
    let mut at = 1;
    if payload.first()? & 0x80 != 0 {
        let extensions = *payload.get(1)?;
        at += 1;
        if extensions & 0x80 != 0 {
            at += picture_id(*payload.get(at)?);
        }
        at += usize::from(extensions & 0x40 != 0) + usize::from(extensions & 0x30 != 0);
    }
    Some(at)
}

/// Bytes of the payload descriptor, RFC 9628 §4.2.
fn vp9_descriptor(payload: &[u8]) -> Option<usize> {
    let flags = *payload.first()?;
    let (flexible, predicted) = (flags & 0x10 != 0, flags & 0x40 != 0);
    let mut at = 1;
    if flags & 0x80 != 0 {
        at += picture_id(*payload.get(at)?);
    }
    if flags & 0x20 != 0 {
        at += if flexible { 1 } else { 2 };
    }
    if flexible && predicted {
        while payload.get(at)? & 1 != 0 {
            at += 1;
        }
        at += 1;
    }
    if flags & 0x02 != 0 {
        at += vp9_structure(payload.get(at..)?)?;
    }
    Some(at)
}

/// Bytes of the scalability structure, RFC 9628 §4.2.1.
fn vp9_structure(structure: &[u8]) -> Option<usize> {
    let first = *structure.first()?;
    let mut at = 1;
    if first & 0x10 != 0 {
        at += 4 * (usize::from(first >> 5) + 1);
    }
    if first & 0x08 != 0 {
        let pictures = *structure.get(at)?;
        at += 1;
        for _ in 0..pictures {
            at += 1 + usize::from(structure.get(at)? >> 2 & 3);
        }
    }
    Some(at)
}

fn picture_id(first: u8) -> usize {
    if first & 0x80 != 0 { 2 } else { 1 }
}

/// RFC 6184 §5.6, §5.7.1 and §5.8: single units, aggregates, fragments.
fn h264(payloads: &[&[u8]], out: &mut Vec<u8>) -> Option<()> {
    const START: [u8; 4] = [0, 0, 0, 1];
    let mut inside = false;
    for payload in payloads {
        let first = *payload.first()?;
        match first & 0x1f {
            1..=23 => {
                out.extend_from_slice(&START);
                out.extend_from_slice(payload);
            }
            24 => {
                let mut rest = &payload[1..];
                while rest.len() > 2 {
                    let length = usize::from(u16::from_be_bytes([rest[0], rest[1]]));
                    out.extend_from_slice(&START);
                    out.extend_from_slice(rest.get(2..2 + length)?);
                    rest = &rest[2 + length..];
                }
            }
            28 => {
                let header = *payload.get(1)?;
                if header & 0x80 != 0 {
                    out.extend_from_slice(&START);
                    out.push(first & 0xe0 | header & 0x1f);
                } else if !inside {
                    return None;
                }
                out.extend_from_slice(&payload[2..]);
                inside = header & 0x40 == 0;
            }
            _ => return None,
        }
    }
    (!inside).then_some(())
}

/// RTP Payload Format for AV1 §4.4: units without sizes, some split over packets.
fn av1(payloads: &[&[u8]], out: &mut Vec<u8>) -> Option<()> {
    let mut unit: Vec<u8> = Vec::new();
    for payload in payloads {
        let header = *payload.first()?;
        let (continues, goes_on, count) = (header & 0x80 != 0, header & 0x40 != 0, header >> 4 & 3);
        if continues == unit.is_empty() {
            return None;
        }
        let mut rest = &payload[1..];
        let mut index = 0;
        while !rest.is_empty() {
            index += 1;
            let length = if index == count { rest.len() } else { leb128(&mut rest)? };
            unit.extend_from_slice(rest.get(..length)?);
            rest = &rest[length..];
            if !(rest.is_empty() && goes_on) {
                sized_unit(&std::mem::take(&mut unit), out)?;
            }
        }
    }
    unit.is_empty().then_some(())
}

/// AV1 specification §5.3: gives a unit the size field that RTP leaves out.
fn sized_unit(unit: &[u8], out: &mut Vec<u8>) -> Option<()> {
    const TEMPORAL_DELIMITER: u8 = 2;
    let Some(&first) = unit.first() else { return Some(()) };
    if first & 0x02 != 0 || first >> 3 & 0x0f == TEMPORAL_DELIMITER {
        out.extend_from_slice(unit);
        return Some(());
    }
    let head = if first & 0x04 != 0 { 2 } else { 1 };
    let content = unit.get(head..)?;
    out.push(first | 0x02);
    out.extend_from_slice(&unit[1..head]);
    let mut size = content.len();
    loop {
        let low = (size & 0x7f) as u8;
        size >>= 7;
        out.push(if size > 0 { low | 0x80 } else { low });
        if size == 0 {
            break;
        }
    }
    out.extend_from_slice(content);
    Some(())
}

/// AV1 specification §4.10.5.
fn leb128(bytes: &mut &[u8]) -> Option<usize> {
    let mut value = 0;
    for i in 0..4 {
        let (&first, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= usize::from(first & 0x7f) << (7 * i);
        if first & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptors_are_taken_off() {
        assert_eq!(unpack(Codec::Vp8, &[&[0x10, 1, 2], &[0x00, 3]]), Some(vec![1, 2, 3]));
        assert_eq!(unpack(Codec::Vp8, &[&[0x90, 0xe0, 0x81, 2, 3, 4, 9]]), Some(vec![9]), "with a long picture id");
        assert_eq!(unpack(Codec::Vp9, &[&[0x8a, 0x81, 0x02, 0x10, 1, 64, 0, 180, 7]]), Some(vec![7]));
        assert_eq!(unpack(Codec::Vp9, &[&[0x50, 0x03, 0x02, 7]]), Some(vec![7]), "flexible, with two references");
        assert_eq!(unpack(Codec::Vp9, &[&[0x0a, 0x08, 1, 0x04, 9, 7]]), Some(vec![7]), "a group of one picture");
        assert_eq!(unpack(Codec::Opus, &[&[1, 2]]), Some(vec![1, 2]));
    }

    #[test]
    fn units_of_h264_are_put_together() {
        let aggregate: &[u8] = &[0x78, 0, 2, 0x67, 0x42, 0, 1, 0x68];
        let fragments: [&[u8]; 2] = [&[0x7c, 0x85, 1, 2], &[0x7c, 0x45, 3]];
        let whole = [0, 0, 0, 1, 0x67, 0x42, 0, 0, 0, 1, 0x68, 0, 0, 0, 1, 0x65, 1, 2, 3];
        assert_eq!(unpack(Codec::H264, &[aggregate, fragments[0], fragments[1]]), Some(whole.to_vec()));
        assert_eq!(unpack(Codec::H264, &fragments[..1]), None, "without its end");
        assert_eq!(unpack(Codec::H264, &fragments[1..]), None, "without its beginning");
    }

    #[test]
    fn units_of_av1_get_their_sizes() {
        let first: &[u8] = &[0x50, 2, 0x08, 5];
        assert_eq!(unpack(Codec::Av1, &[&[0x10, 0x30, 1, 2]]), Some(vec![0x32, 2, 1, 2]));
        assert_eq!(unpack(Codec::Av1, &[&[0x20, 2, 0x08, 5, 0x30, 1]]), Some(vec![0x0a, 1, 5, 0x32, 1, 1]));
        assert_eq!(unpack(Codec::Av1, &[&[0x50, 0x30, 1], &[0x90, 2]]), Some(vec![0x32, 2, 1, 2]), "in two packets");
        assert_eq!(unpack(Codec::Av1, &[first]), None, "without its end");
    }

    #[test]
    fn noise_is_survived() {
        for noise in crate::noise::bytes(20_000) {
            let (head, tail) = noise.split_at(noise.len() / 2);
            for codec in [Codec::Vp8, Codec::Vp9, Codec::H264, Codec::Av1, Codec::Opus] {
                let _ = unpack(codec, &[&noise]);
                let _ = unpack(codec, &[head, tail]);
            }
        }
    }
}
