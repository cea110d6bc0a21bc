//! epoll(7), level-triggered.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

pub(crate) const READABLE: u32 = libc::EPOLLIN as u32;
pub(crate) const WRITABLE: u32 = libc::EPOLLOUT as u32;
/// Reported whether asked for or not.
pub(crate) const BROKEN: u32 = (libc::EPOLLERR | libc::EPOLLHUP) as u32;

pub(crate) struct Epoll(OwnedFd);

impl Epoll {
    pub fn new() -> io::Result<Self> {
        // SAFETY: epoll_create1 takes no pointers.
        let fd = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the descriptor is fresh and nobody else owns it.
        Ok(Epoll(unsafe { OwnedFd::from_raw_fd(fd) }))
    }

    /// Watches a descriptor until it is closed, copies of it included.
    pub fn add(&self, fd: RawFd, token: u64, interest: u32) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_ADD, fd, token, interest)
    }

    /// What a watched descriptor is watched for now.
    pub fn change(&self, fd: RawFd, token: u64, interest: u32) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_MOD, fd, token, interest)
    }

    /// Watches a descriptor no longer.
    pub fn remove(&self, fd: RawFd) {
        let _ = self.control(libc::EPOLL_CTL_DEL, fd, 0, 0);
    }

    /// Tokens of what is ready, and for what; at most 256 at once. `None` waits without end.
    pub fn wait(&self, milliseconds: Option<i32>) -> io::Result<Vec<(u64, u32)>> {
        let mut ready = [libc::epoll_event { events: 0, u64: 0 }; 256];
        // SAFETY: the buffer is writable for the length given.
        let count = unsafe {
            libc::epoll_wait(self.0.as_raw_fd(), ready.as_mut_ptr(), ready.len() as i32, milliseconds.unwrap_or(-1))
        };
        match usize::try_from(count) {
            Ok(count) => Ok(ready[..count].iter().map(|one| (one.u64, one.events)).collect()),
            Err(_) if io::Error::last_os_error().kind() == io::ErrorKind::Interrupted => Ok(Vec::new()),
            Err(_) => Err(io::Error::last_os_error()),
        }
    }

    fn control(&self, what: i32, fd: RawFd, token: u64, interest: u32) -> io::Result<()> {
        let mut event = libc::epoll_event { events: interest, u64: token };
        // SAFETY: the event is live for the call; the kernel copies it.
        match unsafe { libc::epoll_ctl(self.0.as_raw_fd(), what, fd, &mut event) } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    }
}
