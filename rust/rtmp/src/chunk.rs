//! Messages out of chunks, and into them (Adobe, "Real-Time Messaging Protocol", 2012, §5.3).
//!
//! Payload goes straight from what was read into the message it belongs to, however large the sender's chunks are, so
//! that what a connection may make us hold is one number.

use crate::session::Fault;

/// Chunk streams one sender may use; encoders use four or five.
const STREAMS: usize = 32;
/// A 24-bit timestamp of this value says that 32 bits follow (§5.3.1.3).
const EXTENDED: u32 = 0xFF_FFFF;
/// What our own messages are cut into; they are all shorter.
pub(crate) const OWN_CHUNK: u32 = 4096;

/// One whole message.
#[derive(Debug, PartialEq)]
pub(crate) struct Message {
    pub kind: u8,
    pub timestamp: u32,
    pub payload: Vec<u8>,
}

/// What the chunks of one chunk stream have in common.
#[derive(Default)]
struct Stream {
    id: u32,
    timestamp: u32,
    delta: u32,
    length: usize,
    kind: u8,
    extended: Option<u32>,
    message: Vec<u8>,
    open: bool,
}

/// A chunk's header, read but not yet believed.
struct Header {
    format: u8,
    stream: u32,
    time: u32,
    length: usize,
    kind: u8,
    extended: Option<u32>,
    size: usize,
}

/// Takes bytes, gives messages.
pub(crate) struct Assembler {
    /// The longest message that is taken, and all that is held of unfinished ones.
    pub longest: usize,
    chunk_size: usize,
    streams: Vec<Stream>,
    /// Bytes of a header that has not come whole.
    pending: Vec<u8>,
    /// The stream of the chunk being read, and what is missing of it.
    current: Option<(usize, usize)>,
    held: usize,
}

fn u24(bytes: &[u8]) -> u32 {
    u32::from_be_bytes([0, bytes[0], bytes[1], bytes[2]])
}

impl Assembler {
    pub fn new(longest: usize) -> Self {
        Assembler { longest, chunk_size: 128, streams: Vec::new(), pending: Vec::new(), current: None, held: 0 }
    }

    pub fn set_chunk_size(&mut self, size: u32) -> Result<(), Fault> {
        // §5.4.1: the first bit is zero and the rest at least one.
        if size == 0 || size > 0x7FFF_FFFF {
            return Err(Fault::Malformed("chunk size"));
        }
        self.chunk_size = size as usize;
        Ok(())
    }

    /// Forget the unfinished message of a chunk stream (§5.4.2).
    pub fn abort(&mut self, id: u32) {
        if let Some(stream) = self.streams.iter_mut().find(|stream| stream.id == id) {
            self.held -= stream.message.len();
            stream.message = Vec::new();
            stream.open = false;
        }
    }

    /// Reads until a message is whole or the input at its end.
    pub fn next(&mut self, input: &mut &[u8]) -> Result<Option<Message>, Fault> {
        loop {
            let Some((at, missing)) = self.current else {
                let Some(header) = self.header(input)? else { return Ok(None) };
                self.begin(&header)?;
                continue;
            };
            let early = missing.min(self.pending.len());
            let count = early + (missing - early).min(input.len());
            let stream = &mut self.streams[at];
            stream.message.extend(self.pending.drain(..early));
            let (taken, rest) = input.split_at(count - early);
            stream.message.extend_from_slice(taken);
            *input = rest;
            self.held += count;
            if self.held > self.longest {
                return Err(Fault::TooLarge);
            }
            if count < missing {
                self.current = Some((at, missing - count));
                return Ok(None);
            }
            self.current = None;
            if stream.message.len() == stream.length {
                stream.open = false;
                self.held -= stream.length;
                let payload = std::mem::take(&mut stream.message);
                return Ok(Some(Message { kind: stream.kind, timestamp: stream.timestamp, payload }));
            }
        }
    }

    /// The next header, once enough of it has come.
    fn header(&mut self, input: &mut &[u8]) -> Result<Option<Header>, Fault> {
        loop {
            if let Some(header) = self.parse()? {
                self.pending.drain(..header.size);
                return Ok(Some(header));
            }
            let Some((first, rest)) = input.split_first() else { return Ok(None) };
            self.pending.push(*first);
            *input = rest;
        }
    }

    fn parse(&self) -> Result<Option<Header>, Fault> {
        let bytes = self.pending.as_slice();
        let Some(first) = bytes.first() else { return Ok(None) };
        let (format, low) = (first >> 6, first & 63);
        let start = match low {
            0 => 2,
            1 => 3,
            _ => 1,
        };
        let end = start + [11, 7, 3, 0][usize::from(format)];
        if bytes.len() < end {
            return Ok(None);
        }
        let stream = match low {
            0 => 64 + u32::from(bytes[1]),
            1 => 64 + u32::from(bytes[1]) + 256 * u32::from(bytes[2]),
            id => id.into(),
        };
        let mut header = Header { format, stream, time: 0, length: 0, kind: 0, extended: None, size: end };
        if format < 2 {
            (header.length, header.kind) = (u24(&bytes[start + 3..]) as usize, bytes[start + 6]);
        }
        let known = self.streams.iter().find(|known| known.id == stream);
        let announced = match (format, known) {
            (3, None) => return Err(Fault::Malformed("chunk without a header before it")),
            (3, Some(known)) => known.extended,
            _ => {
                header.time = u24(&bytes[start..]);
                (header.time == EXTENDED).then_some(EXTENDED)
            }
        };
        if let Some(before) = announced {
            let Some(four) = bytes.get(end..end + 4) else { return Ok(None) };
            let time = u32::from_be_bytes([four[0], four[1], four[2], four[3]]);
            // Chunks of the fourth form repeat the long timestamp; senders that leave it out are told apart by it.
            if format < 3 || time == before {
                (header.time, header.extended, header.size) = (time, Some(time), end + 4);
            }
        }
        Ok(Some(header))
    }

    /// Opens a chunk, and a message with it where none is open on its stream.
    fn begin(&mut self, header: &Header) -> Result<(), Fault> {
        let at = match self.streams.iter().position(|stream| stream.id == header.stream) {
            Some(at) => at,
            None if header.format > 0 => return Err(Fault::Malformed("chunk without a header before it")),
            None if self.streams.len() == STREAMS => return Err(Fault::Malformed("too many chunk streams")),
            None => {
                self.streams.push(Stream { id: header.stream, ..Stream::default() });
                self.streams.len() - 1
            }
        };
        let stream = &mut self.streams[at];
        if stream.open && header.format < 3 {
            return Err(Fault::Malformed("message within a message"));
        }
        if header.format < 3 {
            (stream.delta, stream.extended) = (header.time, header.extended);
        }
        if header.format < 2 {
            (stream.length, stream.kind) = (header.length, header.kind);
        }
        if !stream.open {
            let since = if header.format == 0 { 0 } else { stream.timestamp };
            stream.timestamp = since.wrapping_add(stream.delta);
            stream.open = true;
        }
        if stream.length > self.longest {
            return Err(Fault::TooLarge);
        }
        self.current = Some((at, (stream.length - stream.message.len()).min(self.chunk_size)));
        Ok(())
    }
}

/// One of our own messages as one chunk, on the chunk stream that §6 uses for its kind.
pub(crate) fn write(out: &mut Vec<u8>, kind: u8, stream: u8, payload: &[u8]) {
    let chunk_stream = if kind < 8 { 2 } else { 3 };
    out.extend_from_slice(&[chunk_stream, 0, 0, 0]);
    out.extend_from_slice(&(payload.len() as u32).to_be_bytes()[1..]);
    out.extend_from_slice(&[kind, stream, 0, 0, 0]);
    out.extend_from_slice(payload);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8], step: usize) -> Result<Vec<Message>, Fault> {
        let mut assembler = Assembler::new(1000);
        let mut found = Vec::new();
        for mut part in bytes.chunks(step) {
            while !part.is_empty() {
                found.extend(assembler.next(&mut part)?);
            }
        }
        Ok(found)
    }

    fn first(stream: u8, time: u32, kind: u8, length: usize) -> Vec<u8> {
        let mut bytes = vec![stream];
        bytes.extend_from_slice(&time.min(EXTENDED).to_be_bytes()[1..]);
        bytes.extend_from_slice(&(length as u32).to_be_bytes()[1..]);
        bytes.extend_from_slice(&[kind, 1, 0, 0, 0]);
        if time >= EXTENDED {
            bytes.extend_from_slice(&time.to_be_bytes());
        }
        bytes
    }

    fn message(kind: u8, timestamp: u32, payload: &[u8]) -> Message {
        Message { kind, timestamp, payload: payload.to_vec() }
    }

    #[test]
    fn interleaved_messages_are_taken_apart_however_the_bytes_come() {
        let (picture, sound) = ([7; 200], [8; 150]);
        let mut bytes = first(4, 10, 9, 200);
        bytes.extend_from_slice(&picture[..128]);
        bytes.extend(first(5, 11, 8, 150));
        bytes.extend_from_slice(&sound[..128]);
        bytes.push(0xC4);
        bytes.extend_from_slice(&picture[128..]);
        bytes.push(0xC5);
        bytes.extend_from_slice(&sound[128..]);
        for step in [1, 3, 129, 1000] {
            assert_eq!(all(&bytes, step).unwrap(), [message(9, 10, &picture), message(8, 11, &sound)]);
        }
    }

    #[test]
    fn times_are_differences_and_repeat() {
        let mut bytes = first(4, 100, 9, 1);
        bytes.push(1);
        bytes.extend_from_slice(&[0x44, 0, 0, 40, 0, 0, 2, 8, 2, 2]);
        bytes.extend_from_slice(&[0x84, 0, 0, 5, 3, 3]);
        bytes.extend_from_slice(&[0xC4, 4, 4]);
        let found: Vec<_> = all(&bytes, 1).unwrap().iter().map(|one| (one.kind, one.timestamp)).collect();
        assert_eq!(found, [(9, 100), (8, 140), (8, 145), (8, 150)]);
    }

    #[test]
    fn long_times_are_understood_whether_later_chunks_repeat_them_or_not() {
        let time = 0x0123_4567;
        let payload: Vec<u8> = (0..200).collect();
        for repeated in [true, false] {
            let mut bytes = first(4, time, 9, 200);
            bytes.extend_from_slice(&payload[..128]);
            bytes.push(0xC4);
            if repeated {
                bytes.extend_from_slice(&time.to_be_bytes());
            }
            bytes.extend_from_slice(&payload[128..]);
            bytes.extend(first(4, 7, 8, 0));
            for step in [1, 5, 300] {
                assert_eq!(all(&bytes, step).unwrap(), [message(9, time, &payload), message(8, 7, &[])]);
            }
        }
    }

    #[test]
    fn what_would_take_too_much_is_refused() {
        assert_eq!(all(&first(4, 0, 9, 1001), 12), Err(Fault::TooLarge));
        let mut several = Vec::new();
        for stream in 3..20 {
            several.extend(first(stream, 0, 9, 999));
            several.extend_from_slice(&[0; 128]);
        }
        assert_eq!(all(&several, 50), Err(Fault::TooLarge));
        let many: Vec<u8> = (3..60).flat_map(|stream| first(stream, 0, 9, 0)).collect();
        assert!(matches!(all(&many, 50), Err(Fault::Malformed(_))));
        assert!(Assembler::new(1000).set_chunk_size(0).is_err());
    }

    #[test]
    fn any_bytes_are_only_bytes() {
        let mut seed = 1_u32;
        for _ in 0..2000 {
            let bytes: Vec<u8> = (0..300)
                .map(|_| {
                    seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (seed >> 24) as u8
                })
                .collect();
            let _ = all(&bytes, 7);
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let mut bytes = Vec::new();
        write(&mut bytes, 20, 1, b"command");
        write(&mut bytes, 5, 0, &[1; 4]);
        assert_eq!(all(&bytes, 4).unwrap(), [message(20, 0, b"command"), message(5, 0, &[1; 4])]);
    }
}
