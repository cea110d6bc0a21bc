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
mod tests;
