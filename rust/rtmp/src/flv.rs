//! The stream as a file would have it (Adobe, "Flash Video File Format", version 10.1, annex E).

/// Signature, version, sound and picture announced, and the size of the tag before the first.
pub(crate) const HEADER: [u8; 13] = [b'F', b'L', b'V', 1, 5, 0, 0, 0, 9, 0, 0, 0, 0];

/// Tag header and the size that follows a tag.
const AROUND: usize = 15;

/// The tag of one message: RTMP's kinds for sound, picture and script are FLV's (§E.4.1).
pub(crate) fn tag(out: &mut Vec<u8>, kind: u8, timestamp: u32, payload: &[u8]) {
    let size = payload.len() as u32;
    let time = timestamp.to_be_bytes();
    out.reserve(payload.len() + AROUND);
    out.push(kind);
    out.extend_from_slice(&size.to_be_bytes()[1..]);
    out.extend_from_slice(&[time[1], time[2], time[3], time[0], 0, 0, 0]);
    out.extend_from_slice(payload);
    out.extend_from_slice(&(size + 11).to_be_bytes());
}

/// The tags within an aggregate message (RTMP §7.1.6), moved to the message's own time.
pub(crate) fn parts(timestamp: u32, mut bytes: &[u8]) -> impl Iterator<Item = (u8, u32, &[u8])> {
    let mut first = None;
    std::iter::from_fn(move || {
        let (head, rest) = bytes.split_at_checked(11)?;
        let size = u32::from_be_bytes([0, head[1], head[2], head[3]]) as usize;
        let time = u32::from_be_bytes([head[7], head[4], head[5], head[6]]);
        let (payload, rest) = rest.split_at_checked(size)?;
        bytes = rest.get(4..)?;
        let offset = time.wrapping_sub(*first.get_or_insert(time));
        Some((head[0], timestamp.wrapping_add(offset), payload))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_an_aggregate_keep_their_distance() {
        let mut bytes = Vec::new();
        tag(&mut bytes, 9, 500, b"picture");
        tag(&mut bytes, 8, 0x0100_0000, b"sound");
        let found: Vec<_> = parts(7, &bytes).collect();
        assert_eq!(found, [(9, 7, &b"picture"[..]), (8, 0x0100_0000 - 500 + 7, &b"sound"[..])]);
    }

    #[test]
    fn a_part_that_is_cut_short_is_left_out() {
        let mut bytes = Vec::new();
        tag(&mut bytes, 9, 0, b"picture");
        assert_eq!(parts(0, &bytes[..bytes.len() - 5]).count(), 0);
    }
}
