//! Whole encoded frames to RTP payloads, the other way round than a tap's `unpack`.

use std::sync::Arc;

use str0m::format::Codec;

/// Bytes of a payload: with the heads of RTP, SRTP, UDP and IPv6 it fits every path.
const MOST: usize = 1180;
/// A packet of sound is never split; 120 ms at the highest rate take no more (RFC 6716 §3.2).
const MOST_OF_SOUND: usize = 1400;
/// Parameter sets that are kept to be said again, in bytes.
const MOST_OF_SETS: usize = 16 * 1024;

/// What cannot be a frame of that codec.
#[derive(Debug, PartialEq)]
pub(crate) struct Garbage;

/// One track's packetiser.
pub(crate) struct Packer {
    codec: Codec,
    /// Something one can begin with has come.
    begun: bool,
    picture: u16,
    /// H264's parameter sets, said again before each picture one can begin with.
    sets: Vec<Vec<u8>>,
}

impl Packer {
    pub fn new(codec: Codec) -> Self {
        Packer { codec, begun: codec == Codec::Opus, picture: 0, sets: Vec::new() }
    }

    /// The payloads of a frame; none for one that nobody could decode yet.
    pub fn pack(&mut self, frame: &[u8]) -> Result<Vec<Arc<[u8]>>, Garbage> {
        match self.codec {
            Codec::Opus if frame.len() <= MOST_OF_SOUND => Ok(vec![frame.into()]),
            Codec::Vp8 => self.vp8(frame),
            Codec::H264 => self.h264(frame),
            _ => Err(Garbage),
        }
    }

    /// RFC 7741 §4.2, with picture ids of 15 bits.
    fn vp8(&mut self, frame: &[u8]) -> Result<Vec<Arc<[u8]>>, Garbage> {
        let key = frame.first().ok_or(Garbage)? & 1 == 0;
        if key && frame.get(3..6) != Some(&[0x9d, 0x01, 0x2a]) {
            return Err(Garbage);
        }
        self.begun |= key;
        if !self.begun {
            return Ok(Vec::new());
        }
        self.picture = self.picture.wrapping_add(1) & 0x7fff;
        let [high, low] = self.picture.to_be_bytes();
        let payload = |(index, part): (usize, &[u8])| {
            let start = if index == 0 { 0x10 } else { 0 };
            [&[0x80 | start, 0x80, 0x80 | high, low], part].concat().into()
        };
        Ok(frame.chunks(MOST - 4).enumerate().map(payload).collect())
    }

    /// RFC 6184 with packetization mode 1: single units, aggregates, fragments.
    fn h264(&mut self, frame: &[u8]) -> Result<Vec<Arc<[u8]>>, Garbage> {
        let units = units_of(frame)?;
        let key = units.iter().any(|unit| kind_of(unit) == IDR);
        self.keep_sets(&units)?;
        let has_picture = key || units.iter().any(|unit| kind_of(unit) == SLICE);
        self.begun |= key && self.sets.iter().any(|set| kind_of(set) == SEQUENCE_SET);
        if !self.begun || !has_picture {
            return Ok(Vec::new());
        }
        let mut payloads = Aggregate::default();
        if key {
            self.sets.iter().for_each(|set| payloads.push(set));
        }
        // Whoever sees a sequence parameter set takes it for a place to begin at.
        let content = |unit: &&&[u8]| match kind_of(unit) {
            PICTURE_SET => !key,
            SLICE | IDR | EXTRA => true,
            _ => false,
        };
        units.iter().filter(content).for_each(|unit| payloads.push(unit));
        Ok(payloads.finish())
    }

    fn keep_sets(&mut self, units: &[&[u8]]) -> Result<(), Garbage> {
        if units.iter().any(|unit| kind_of(unit) == SEQUENCE_SET) {
            self.sets.clear();
        }
        for unit in units.iter().filter(|unit| matches!(kind_of(unit), SEQUENCE_SET | PICTURE_SET | SET_EXTENSION)) {
            if !self.sets.iter().any(|set| set == unit) {
                self.sets.push(unit.to_vec());
            }
        }
        if self.sets.iter().map(Vec::len).sum::<usize>() > MOST_OF_SETS { Err(Garbage) } else { Ok(()) }
    }
}

/// ITU-T H.264 table 7-1.
const SLICE: u8 = 1;
const IDR: u8 = 5;
const EXTRA: u8 = 6;
const SEQUENCE_SET: u8 = 7;
const PICTURE_SET: u8 = 8;
const SET_EXTENSION: u8 = 13;
/// From here on RTP uses the numbers for itself (RFC 6184 §5.2).
const FIRST_OF_RTP: u8 = 24;

fn kind_of(unit: &[u8]) -> u8 {
    unit.first().map_or(0, |first| first & 0x1f)
}

/// ITU-T H.264 annex B: what stands between start codes.
fn units_of(frame: &[u8]) -> Result<Vec<&[u8]>, Garbage> {
    let mut units = Vec::new();
    let mut begin: Option<usize> = None;
    let mut at = 0;
    while at + 3 <= frame.len() {
        if frame[at + 2] > 1 {
            at += 3;
        } else if frame[at..at + 3] == [0, 0, 1] {
            match begin {
                Some(begin) => units.push(&frame[begin..at]),
                None if frame[..at].iter().any(|byte| *byte != 0) => return Err(Garbage),
                None => {}
            }
            at += 3;
            begin = Some(at);
        } else {
            at += 1;
        }
    }
    units.push(&frame[begin.ok_or(Garbage)?..]);
    for unit in &mut units {
        let zeros = unit.iter().rev().take_while(|byte| **byte == 0).count();
        *unit = &unit[..unit.len() - zeros];
    }
    units.retain(|unit| !unit.is_empty());
    let proper =
        |unit: &&[u8]| unit[0] & 0x80 == 0 && kind_of(unit) < FIRST_OF_RTP && !(2..=4).contains(&kind_of(unit));
    if units.iter().all(proper) { Ok(units) } else { Err(Garbage) }
}

/// Units on their way into payloads: small ones together, large ones in pieces.
#[derive(Default)]
struct Aggregate<'a> {
    waiting: Vec<&'a [u8]>,
    length: usize,
    payloads: Vec<Arc<[u8]>>,
}

impl<'a> Aggregate<'a> {
    fn push(&mut self, unit: &'a [u8]) {
        if 1 + self.length + 2 + unit.len() > MOST {
            self.flush();
        }
        if unit.len() + 3 > MOST {
            return self.fragment(unit);
        }
        self.waiting.push(unit);
        self.length += 2 + unit.len();
    }

    fn flush(&mut self) {
        let payload = match &self.waiting[..] {
            [] => return,
            [alone] => Arc::from(*alone),
            several => {
                let importance = several.iter().map(|unit| unit[0] & 0x60).max().unwrap_or_default();
                let mut payload = vec![importance | 24];
                for unit in several {
                    payload.extend((unit.len() as u16).to_be_bytes());
                    payload.extend_from_slice(unit);
                }
                payload.into()
            }
        };
        self.payloads.push(payload);
        self.waiting.clear();
        self.length = 0;
    }

    /// RFC 6184 §5.8, FU-A.
    fn fragment(&mut self, unit: &[u8]) {
        let (indicator, kind) = (unit[0] & 0x60 | 28, unit[0] & 0x1f);
        let parts = unit[1..].chunks(MOST - 2);
        let last = parts.len() - 1;
        for (index, part) in parts.enumerate() {
            let place = if index == 0 { 0x80 } else { 0 } | if index == last { 0x40 } else { 0 };
            self.payloads.push([&[indicator, place | kind], part].concat().into());
        }
    }

    fn finish(mut self) -> Vec<Arc<[u8]>> {
        self.flush();
        self.payloads
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keyframe::starts_here;
    use crate::tap::unpack;

    fn unpacked(codec: Codec, payloads: &[Arc<[u8]>]) -> Option<Vec<u8>> {
        assert!(payloads.iter().all(|payload| payload.len() <= MOST));
        let payloads: Vec<&[u8]> = payloads.iter().map(|payload| &**payload).collect();
        unpack(codec, &payloads)
    }

    fn annex_b(units: &[&[u8]]) -> Vec<u8> {
        units.iter().flat_map(|unit| [&[0, 0, 0, 1], *unit].concat()).collect()
    }

    #[test]
    fn pictures_of_h264_come_out_as_they_went_in() {
        let mut packer = Packer::new(Codec::H264);
        let (sps, pps): (&[u8], &[u8]) = (&[0x67, 0x42, 0xc0, 0x1f], &[0x68, 0xce]);
        let slice = |first: u8, length: usize| [&[first][..], &vec![0x5a; length]].concat();
        assert_eq!(packer.pack(&annex_b(&[&slice(0x41, 9)])), Ok(vec![]), "nothing to begin with");
        assert_eq!(packer.pack(&annex_b(&[&slice(0x65, 9)])), Ok(vec![]), "without its parameters");
        let first = annex_b(&[sps, pps, &slice(0x65, 5000), &slice(0x65, 300)]);
        let payloads = packer.pack(&[&annex_b(&[&[0x09, 0xf0]]), &first[..]].concat()).unwrap();
        assert_eq!(payloads.len(), 1 + 5 + 1, "parameters together, five pieces, one small slice");
        assert!(starts_here(Codec::H264, &payloads[0]) && !payloads[1..].iter().any(|p| starts_here(Codec::H264, p)));
        assert_eq!(unpacked(Codec::H264, &payloads), Some(first), "but for the delimiter");
        let next = annex_b(&[&slice(0x41, 1500)]);
        assert_eq!(unpacked(Codec::H264, &packer.pack(&next).unwrap()), Some(next));
        let short = [&[0, 0, 1][..], &slice(0x65, 40)].concat();
        let again = packer.pack(&short).unwrap();
        assert_eq!(
            unpacked(Codec::H264, &again),
            Some(annex_b(&[sps, pps, &slice(0x65, 40)])),
            "parameters are repeated"
        );
        assert_eq!(packer.pack(&annex_b(&[&[0x67, 0x64, 0x00, 0x28], pps])), Ok(vec![]), "new ones are kept");
        let other = unpacked(Codec::H264, &packer.pack(&short).unwrap()).unwrap();
        assert_eq!(other, annex_b(&[&[0x67, 0x64, 0x00, 0x28], pps, &slice(0x65, 40)]));
    }

    #[test]
    fn pictures_of_vp8_and_sounds_come_out_as_they_went_in() {
        let mut packer = Packer::new(Codec::Vp8);
        let key = [&[0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xb4, 0][..], &[7; 3000]].concat();
        assert_eq!(packer.pack(&[1, 2, 3]), Ok(vec![]), "nothing to begin with");
        let payloads = packer.pack(&key).unwrap();
        assert!(payloads.len() == 3 && starts_here(Codec::Vp8, &payloads[0]));
        assert_eq!(unpacked(Codec::Vp8, &payloads), Some(key));
        assert_eq!(unpacked(Codec::Vp8, &packer.pack(&[1, 2, 3]).unwrap()), Some(vec![1, 2, 3]));
        assert_eq!(packer.pack(&[0x10, 0, 0, 1, 2, 3]), Err(Garbage));
        let mut packer = Packer::new(Codec::Opus);
        assert_eq!(unpacked(Codec::Opus, &packer.pack(&[9; 80]).unwrap()), Some(vec![9; 80]));
        assert_eq!(packer.pack(&[9; 1500]), Err(Garbage));
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        let mut packer = Packer::new(Codec::H264);
        for garbage in [&[1, 2, 3, 4][..], &[0, 0, 0, 1, 0xe5, 1], &[0, 0, 1, 24, 0, 1, 9], &[0, 0, 1, 0x42, 1], &[]] {
            assert_eq!(packer.pack(garbage), Err(Garbage), "{garbage:?}");
        }
        for noise in crate::noise::bytes(20_000) {
            let _ = packer.pack(&noise);
            let _ = packer.pack(&[&[0, 0, 1, 0x67], &noise[..], &[0, 0, 1, 0x65], &noise[..]].concat());
            let _ = Packer::new(Codec::Vp8).pack(&noise);
        }
    }
}
