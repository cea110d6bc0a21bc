//! Where a stream leaves: a descriptor that somebody reads, and what waits for it.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::Arc;

use crate::epoll::Epoll;
use crate::flv;

/// The reader's end is never waited for.
pub(crate) struct Sink {
    file: File,
    epoll: Arc<Epoll>,
    token: u64,
    waiting: Vec<u8>,
    written: usize,
}

impl Sink {
    /// A stream that begins with its file header, watched for its reader's end.
    pub fn new(descriptor: OwnedFd, epoll: Arc<Epoll>, token: u64) -> io::Result<Self> {
        let file = File::from(descriptor);
        // SAFETY: the descriptor is ours and open; these two calls take no pointers.
        let set = unsafe {
            let flags = libc::fcntl(file.as_raw_fd(), libc::F_GETFL);
            libc::fcntl(file.as_raw_fd(), libc::F_SETFL, flags | libc::O_NONBLOCK)
        };
        if set < 0 {
            return Err(io::Error::last_os_error());
        }
        epoll.add(file.as_raw_fd(), token, 0)?;
        Ok(Sink { file, epoll, token, waiting: flv::HEADER.to_vec(), written: 0 })
    }

    pub fn watch(&self, interest: u32) {
        let _ = self.epoll.change(self.file.as_raw_fd(), self.token, interest);
    }

    pub fn tag(&mut self, kind: u8, timestamp: u32, payload: &[u8]) {
        flv::tag(&mut self.waiting, kind, timestamp, payload);
    }

    /// Bytes that wait.
    pub fn waiting(&self) -> usize {
        self.waiting.len() - self.written
    }

    /// Writes what the reader takes now, and says how much that was; an error says that nobody reads any more.
    pub fn flush(&mut self) -> io::Result<usize> {
        let before = self.waiting();
        while self.waiting() > 0 {
            match self.file.write(&self.waiting[self.written..]) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => self.written += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        let after = self.waiting();
        if after == 0 {
            self.waiting.clear();
            self.written = 0;
            self.waiting.shrink_to(64 * 1024);
        } else if self.written > self.waiting.len() / 2 {
            self.waiting.drain(..self.written);
            self.written = 0;
        }
        Ok(before - after)
    }
}

impl Drop for Sink {
    /// The owner may hold a copy of the descriptor, which would keep it watched.
    fn drop(&mut self) {
        self.epoll.remove(self.file.as_raw_fd());
    }
}
