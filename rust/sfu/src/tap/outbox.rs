//! What waits for one listener, and the thread that writes it to its socket and reads what it asks for.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::command::Command;
use crate::ids::{TapId, TrackId};
use crate::io::{EventFd, wait_stream};
use crate::sfu::Shared;
use crate::tap::message::{Message, REQUEST, requested};

/// What still waits when the tap is closed has this long to leave.
const LINGER: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(1);

/// The bounded queue between the packet thread and one listener's thread.
pub(crate) struct Outbox {
    waiting: Mutex<VecDeque<Message>>,
    /// Of what waits or is being written.
    bytes: AtomicU64,
    most: usize,
    wake: EventFd,
    closing: AtomicBool,
    pub sent: AtomicU64,
    pub dropped: AtomicU64,
}

impl Outbox {
    pub fn new(most: usize) -> io::Result<Self> {
        Ok(Outbox {
            most,
            waiting: Mutex::default(),
            bytes: AtomicU64::new(0),
            wake: EventFd::new()?,
            closing: AtomicBool::new(false),
            sent: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
        })
    }

    /// Whether a frame has room.
    pub fn has_room(&self, length: usize, sound: bool) -> bool {
        let most = if sound { self.most } else { self.most / 4 * 3 };
        self.bytes.load(Ordering::Acquire) as usize + length <= most
    }

    /// Never waits for the listener.
    pub fn push(&self, message: Message) {
        self.bytes.fetch_add(message.len() as u64, Ordering::AcqRel);
        let mut waiting = self.lock();
        waiting.push_back(message);
        if waiting.len() == 1 {
            self.wake.signal();
        }
    }

    pub fn close(&self) {
        self.closing.store(true, Ordering::Release);
        self.wake.signal();
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Message>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs until the listener is gone or the tap is closed.
pub(crate) fn serve(id: TapId, mut stream: UnixStream, outbox: &Outbox, shared: &Shared) {
    let mut writer = Writer { current: None, written: 0 };
    let mut reader = Reader { buffer: [0; REQUEST], filled: 0 };
    let mut leave_by = None;
    loop {
        if outbox.closing.load(Ordering::Acquire) {
            leave_by.get_or_insert_with(|| Instant::now() + LINGER);
        }
        let empty = match writer.write(&mut stream, outbox) {
            Ok(empty) => empty,
            Err(_) => break,
        };
        let over = leave_by.is_some_and(|by| empty || Instant::now() >= by);
        if over || reader.read(&mut stream, id, shared).is_err() {
            break;
        }
        wait_stream(stream.as_raw_fd(), !empty, outbox.wake.raw(), leave_by.map_or(PATIENCE, |_| LINGER / 10));
        outbox.wake.clear();
    }
    shared.commands.post(Command::TapGone(id));
}

struct Writer {
    current: Option<Message>,
    written: usize,
}

impl Writer {
    /// True when nothing waits any more, false when the socket is full.
    fn write(&mut self, stream: &mut UnixStream, outbox: &Outbox) -> io::Result<bool> {
        loop {
            if self.current.is_none() {
                self.current = outbox.lock().pop_front();
                self.written = 0;
            }
            let Some(message) = &self.current else { return Ok(true) };
            let [head, body] = message.parts(self.written);
            match stream.write_vectored(&[io::IoSlice::new(head), io::IoSlice::new(body)]) {
                Ok(count) => self.written += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            }
            if self.written == message.len() {
                outbox.bytes.fetch_sub(message.len() as u64, Ordering::AcqRel);
                outbox.sent.fetch_add(u64::from(message.is_frame()), Ordering::Relaxed);
                self.current = None;
            }
        }
    }
}

struct Reader {
    buffer: [u8; REQUEST],
    filled: usize,
}

impl Reader {
    fn read(&mut self, stream: &mut UnixStream, id: TapId, shared: &Shared) -> io::Result<()> {
        loop {
            match stream.read(&mut self.buffer[self.filled..]) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(count) => self.filled += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            }
            if self.filled == REQUEST {
                self.filled = 0;
                let track: Option<TrackId> = requested(&self.buffer);
                let track = track.ok_or(ErrorKind::InvalidData)?;
                shared.commands.post(Command::TapKeyframe { tap: id, track });
            }
        }
    }
}
