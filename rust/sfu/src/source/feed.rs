//! One writer's socket: a thread that reads frames, cuts them into payloads and hands those on at a pace receivers bear.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use str0m::format::Codec;

use crate::command::Command;
use crate::ids::PeerId;
use crate::io::{EventFd, wait_stream};
use crate::sfu::Shared;
use crate::source::MOST_TRACKS;
use crate::source::message::{HEAD, Said, read, want_keyframe};
use crate::source::pack::Packer;

/// A large picture leaves as so many packets at a time: receivers' sockets hold few dozen.
const BURST: usize = 8;
const BETWEEN_BURSTS: Duration = Duration::from_millis(2);
/// Packets the packet thread may be behind before nothing more is read.
const BEHIND: usize = 1024;
/// A message that was begun must be whole within this.
const STALLED: Duration = Duration::from_secs(10);
const PATIENCE: Duration = Duration::from_secs(1);
/// Bytes of keyframe requests that wait for a writer that does not read them.
const UNREAD: usize = 16 * HEAD;
const CHUNK: usize = 64 * 1024;

/// What a writer's thread tells the packet thread.
pub(crate) enum Fed {
    Begins {
        number: u64,
        codec: Codec,
        whole: bool,
    },
    Media {
        number: u64,
        captured: i64,
        timestamp: i64,
        payloads: Vec<Arc<[u8]>>,
        ends: bool,
    },
    Ends {
        number: u64,
    },
    /// The socket is over, and why.
    Over(&'static str),
}

/// What packet thread and writer's thread have in common.
pub(crate) struct Line {
    wishes: Mutex<VecDeque<u64>>,
    wake: EventFd,
    closing: AtomicBool,
    behind: AtomicUsize,
}

impl Line {
    pub fn new() -> io::Result<Self> {
        Ok(Line {
            wishes: Mutex::default(),
            wake: EventFd::new()?,
            closing: AtomicBool::new(false),
            behind: AtomicUsize::new(0),
        })
    }

    /// Asks the writer for a keyframe of one of its tracks.
    pub fn want_keyframe(&self, number: u64) {
        let mut wishes = self.wishes.lock().unwrap_or_else(PoisonError::into_inner);
        if !wishes.contains(&number) {
            wishes.push_back(number);
            self.wake.signal();
        }
    }

    /// The packet thread has dealt with so many packets.
    pub fn done(&self, packets: usize) {
        self.behind.fetch_sub(packets, Ordering::AcqRel);
    }

    pub fn close(&self) {
        self.closing.store(true, Ordering::Release);
        self.wake.signal();
    }

    fn take_wishes(&self) -> VecDeque<u64> {
        std::mem::take(&mut *self.wishes.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn closing(&self) -> bool {
        self.closing.load(Ordering::Acquire)
    }
}

/// Why a feed ends.
type Ending = &'static str;

/// One writer's thread.
pub(crate) struct Feed<'a> {
    peer: PeerId,
    number: u64,
    stream: UnixStream,
    line: &'a Line,
    shared: &'a Shared,
    packers: Vec<(u64, Packer)>,
    /// Requests that its socket had no room for yet.
    unread: Vec<u8>,
    buffer: Vec<u8>,
}

impl<'a> Feed<'a> {
    pub fn new(peer: PeerId, number: u64, stream: UnixStream, line: &'a Line, shared: &'a Shared) -> Self {
        Feed { peer, number, stream, line, shared, packers: Vec::new(), unread: Vec::new(), buffer: Vec::new() }
    }

    /// Runs until the writer is gone, makes no sense, or is let go.
    pub fn serve(&mut self) -> Ending {
        self.run().err().unwrap_or("let go")
    }

    fn run(&mut self) -> Result<(), Ending> {
        let (mut whole, mut going) = (Instant::now(), Instant::now());
        while !self.line.closing() {
            self.write()?;
            let more = self.read()?;
            let count = self.obey()?;
            let now = Instant::now();
            if count > 0 {
                whole = now;
            }
            if count > 0 || self.buffer.is_empty() {
                going = now;
            }
            if now > going + STALLED {
                return Err("stalled");
            }
            if now > whole + self.shared.config.vanish_after {
                return Err("silent");
            }
            if !more {
                wait_stream(self.stream.as_raw_fd(), !self.unread.is_empty(), self.line.wake.raw(), PATIENCE);
                self.line.wake.clear();
            }
        }
        Ok(())
    }

    fn write(&mut self) -> Result<(), Ending> {
        for number in self.line.take_wishes() {
            if self.unread.len() < UNREAD {
                self.unread.extend(want_keyframe(number));
            }
        }
        while !self.unread.is_empty() {
            match self.stream.write(&self.unread) {
                Ok(count) => drop(self.unread.drain(..count)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return Err("closed"),
            }
        }
        Ok(())
    }

    /// Whether there may be more to read at once.
    fn read(&mut self) -> Result<bool, Ending> {
        let filled = self.buffer.len();
        self.buffer.resize(filled + CHUNK, 0);
        let result = self.stream.read(&mut self.buffer[filled..]);
        self.buffer.truncate(filled + result.as_ref().map_or(0, |count| *count));
        match result {
            Ok(0) => Err("closed"),
            Ok(count) => Ok(count == CHUNK),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(false),
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(true),
            Err(_) => Err("closed"),
        }
    }

    /// Deals with the messages that are whole and tells how many they were.
    fn obey(&mut self) -> Result<usize, Ending> {
        let buffer = std::mem::take(&mut self.buffer);
        let mut rest = &buffer[..];
        let mut count = 0;
        while let Some(head) = rest.first_chunk::<HEAD>() {
            let said = read(head).ok_or("garbage")?;
            let length = if let Said::Frame { length, .. } = said { length } else { 0 };
            let Some(body) = rest.get(HEAD..HEAD + length) else { break };
            self.take(said, body)?;
            rest = &rest[HEAD + length..];
            count += 1;
        }
        self.buffer = rest.to_vec();
        Ok(count)
    }

    fn take(&mut self, said: Said, body: &[u8]) -> Result<(), Ending> {
        match said {
            Said::Hello { number, codec, whole } => {
                self.packers.retain(|(known, _)| *known != number);
                if self.packers.len() >= MOST_TRACKS {
                    return Err("garbage");
                }
                self.packers.push((number, Packer::new(codec)));
                self.post(Fed::Begins { number, codec, whole });
            }
            Said::Frame { number, captured, timestamp, .. } => {
                let (_, packer) = self.packers.iter_mut().find(|(known, _)| *known == number).ok_or("garbage")?;
                let payloads = packer.pack(body).map_err(|_| "garbage")?;
                let last = payloads.len().div_ceil(BURST);
                for (index, burst) in payloads.chunks(BURST).enumerate() {
                    if index > 0 {
                        thread::sleep(BETWEEN_BURSTS);
                    }
                    self.wait_for_room();
                    self.line.behind.fetch_add(burst.len(), Ordering::AcqRel);
                    let (payloads, ends) = (burst.to_vec(), index + 1 == last);
                    self.post(Fed::Media { number, captured, timestamp, payloads, ends });
                }
            }
            Said::End { number } => {
                self.packers.retain(|(known, _)| *known != number);
                self.post(Fed::Ends { number });
            }
        }
        Ok(())
    }

    fn wait_for_room(&self) {
        while self.line.behind.load(Ordering::Acquire) > BEHIND && !self.line.closing() {
            thread::sleep(BETWEEN_BURSTS);
        }
    }

    pub fn post(&self, fed: Fed) {
        self.shared.commands.post(Command::Fed { peer: self.peer, feed: self.number, fed });
    }
}
