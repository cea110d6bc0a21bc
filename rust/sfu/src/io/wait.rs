//! Sleeping until a descriptor is readable, and the thread's own clock.

use std::os::fd::RawFd;
use std::time::Duration;

/// Sleeps until one of `fds` is readable or `timeout` has passed. ppoll because poll's milliseconds are too coarse.
pub(crate) fn wait_readable(fds: &[RawFd], timeout: Duration) {
    let mut polled: Vec<libc::pollfd> =
        fds.iter().map(|fd| libc::pollfd { fd: *fd, events: libc::POLLIN, revents: 0 }).collect();
    wait(&mut polled, timeout);
}

/// Sleeps until a stream has something to read, or room when that is wanted, or `wake` is readable.
pub(crate) fn wait_stream(stream: RawFd, room: bool, wake: RawFd, timeout: Duration) {
    let wanted = libc::POLLIN | if room { libc::POLLOUT } else { 0 };
    let polled = |fd, events| libc::pollfd { fd, events, revents: 0 };
    wait(&mut [polled(stream, wanted), polled(wake, libc::POLLIN)], timeout);
}

fn wait(polled: &mut [libc::pollfd], timeout: Duration) {
    let timeout = libc::timespec {
        tv_sec: timeout.as_secs().try_into().unwrap_or(libc::time_t::MAX),
        tv_nsec: timeout.subsec_nanos().into(),
    };
    // SAFETY: the array and the timespec outlive the call; a null signal mask changes nothing. Errors (EINTR) only
    // wake the loop early.
    let _ =
        unsafe { libc::ppoll(polled.as_mut_ptr(), polled.len() as libc::nfds_t, &raw const timeout, std::ptr::null()) };
}

/// CPU time used by the calling thread.
pub(crate) fn thread_cpu() -> Duration {
    clock(libc::CLOCK_THREAD_CPUTIME_ID)
}

/// The clock that all processes of the machine share and nobody sets.
pub(crate) fn monotonic() -> Duration {
    clock(libc::CLOCK_MONOTONIC)
}

fn clock(which: libc::clockid_t) -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the timespec is writable.
    let _ = unsafe { libc::clock_gettime(which, &raw mut time) };
    Duration::new(time.tv_sec.max(0).unsigned_abs(), time.tv_nsec.max(0).unsigned_abs() as u32)
}
