//! Sending with sendmmsg(2), runs of datagrams to one destination as one UDP_SEGMENT (GSO) message.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;

use socket2::SockAddr;
use str0m::net::DatagramSend;

use super::BATCH;

/// The kernel refuses more bytes in one segmented send (an IP packet's 65,535 less the headers).
const SEGMENTED_BYTES: usize = 65_000;

/// One `cmsghdr` with a u16, as `CMSG_SPACE` lays it out.
const CONTROL_BYTES: usize = 24;

/// What has been sent so far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SendTotals {
    pub packets: u64,
    pub bytes: u64,
    pub calls: u64,
    pub dropped: u64,
}

struct Queued {
    socket: usize,
    destination: SocketAddr,
    contents: DatagramSend,
}

/// Neighbouring datagrams `start..end` that go out as one message.
#[derive(Clone, Copy)]
struct Run {
    start: usize,
    end: usize,
}

#[repr(C, align(8))]
#[derive(Clone, Copy)]
struct Control([u8; CONTROL_BYTES]);

pub(crate) struct SendBatch {
    queued: Vec<Queued>,
    segmentation: bool,
    pub totals: SendTotals,
}

impl SendBatch {
    pub fn new() -> Self {
        SendBatch { queued: Vec::with_capacity(BATCH), segmentation: true, totals: SendTotals::default() }
    }

    /// Queues a datagram; true when the batch is full and wants flushing.
    pub fn push(&mut self, socket: usize, destination: SocketAddr, contents: DatagramSend) -> bool {
        self.queued.push(Queued { socket, destination, contents });
        self.queued.len() >= BATCH
    }

    /// Sends all. What the kernel has no room for is dropped: late media is worth nothing.
    pub fn flush(&mut self, sockets: &[UdpSocket]) {
        let mut start = 0;
        while start < self.queued.len() {
            let socket = self.queued[start].socket;
            let same = self.queued[start..].iter().take_while(|q| q.socket == socket).count();
            self.send(&sockets[socket], start, start + same);
            start += same;
        }
        self.queued.clear();
    }

    fn send(&mut self, socket: &UdpSocket, start: usize, end: usize) {
        let mut next = start;
        while next < end {
            let runs = self.runs(next, end);
            self.totals.calls += 1;
            match self.send_runs(socket, &runs) {
                Ok(sent) => {
                    let done = runs[sent - 1].end;
                    self.totals.packets += (done - next) as u64;
                    self.totals.bytes += self.bytes(next, done);
                    next = done;
                }
                Err(error) => next = self.after_failure(&error, runs[0], end),
            }
        }
    }

    /// Where to go on after the first of the runs was refused.
    fn after_failure(&mut self, error: &io::Error, first: Run, end: usize) -> usize {
        match error.raw_os_error() {
            Some(libc::EINTR) => first.start,
            // A device or kernel without segmentation; single datagrams always work.
            Some(libc::EIO | libc::EINVAL | libc::EOPNOTSUPP | libc::ENOPROTOOPT)
                if self.segmentation && first.end - first.start > 1 =>
            {
                self.segmentation = false;
                first.start
            }
            Some(libc::EAGAIN | libc::ENOBUFS) => {
                self.totals.dropped += (end - first.start) as u64;
                end
            }
            _ => {
                self.totals.dropped += (first.end - first.start) as u64;
                first.end
            }
        }
    }

    fn bytes(&self, start: usize, end: usize) -> u64 {
        self.queued[start..end].iter().map(|q| q.contents.len() as u64).sum()
    }

    /// Splits into runs of one destination and one size; only the last of a run may be shorter.
    fn runs(&self, start: usize, end: usize) -> Vec<Run> {
        let mut runs = Vec::with_capacity(end - start);
        let mut from = start;
        while from < end {
            let size = self.queued[from].contents.len();
            let mut to = from + 1;
            let mut total = size;
            while self.segmentation && to < end {
                let next = &self.queued[to];
                let fits = next.contents.len() <= size && total + next.contents.len() <= SEGMENTED_BYTES;
                if !fits || next.destination != self.queued[from].destination {
                    break;
                }
                total += next.contents.len();
                to += 1;
                if next.contents.len() < size {
                    break;
                }
            }
            runs.push(Run { start: from, end: to });
            from = to;
        }
        runs
    }

    /// Returns how many runs went out, at least one.
    fn send_runs(&self, socket: &UdpSocket, runs: &[Run]) -> io::Result<usize> {
        let queued = &self.queued[runs[0].start..runs[runs.len() - 1].end];
        let mut vectors: Vec<libc::iovec> = queued
            .iter()
            .map(|q| libc::iovec { iov_base: q.contents.as_ptr().cast_mut().cast(), iov_len: q.contents.len() })
            .collect();
        let names: Vec<SockAddr> = runs.iter().map(|r| SockAddr::from(self.queued[r.start].destination)).collect();
        let mut controls = vec![Control([0; CONTROL_BYTES]); runs.len()];
        let mut messages: Vec<libc::mmsghdr> = Vec::with_capacity(runs.len());
        for (i, run) in runs.iter().enumerate() {
            // SAFETY: mmsghdr is a plain C structure for which all zeroes is a valid value.
            let mut message: libc::mmsghdr = unsafe { std::mem::zeroed() };
            let header = &mut message.msg_hdr;
            header.msg_name = names[i].as_ptr().cast_mut().cast();
            header.msg_namelen = names[i].len();
            header.msg_iov = &raw mut vectors[run.start - runs[0].start];
            header.msg_iovlen = (run.end - run.start) as _;
            if run.end - run.start > 1 {
                header.msg_control = controls[i].0.as_mut_ptr().cast();
                header.msg_controllen = CONTROL_BYTES as _;
                segment(header, self.queued[run.start].contents.len() as u16);
            }
            messages.push(message);
        }
        // SAFETY: every pointer set above leads to live memory of the length given with it; the kernel only reads it.
        let sent = unsafe {
            libc::sendmmsg(
                socket.as_raw_fd(),
                messages.as_mut_ptr(),
                messages.len() as libc::c_uint,
                libc::MSG_DONTWAIT as _,
            )
        };
        if sent <= 0 { Err(io::Error::last_os_error()) } else { Ok(sent.unsigned_abs() as usize) }
    }
}

/// Asks the kernel to cut the message into datagrams of `size` bytes (udp(7), UDP_SEGMENT).
fn segment(header: &mut libc::msghdr, size: u16) {
    // SAFETY: msg_control points to CONTROL_BYTES aligned, zeroed bytes, enough for one header with a u16, so the first
    // header exists and its data lies inside.
    unsafe {
        let control = libc::CMSG_FIRSTHDR(header);
        (*control).cmsg_level = libc::SOL_UDP;
        (*control).cmsg_type = libc::UDP_SEGMENT;
        (*control).cmsg_len = libc::CMSG_LEN(size_of::<u16>() as _) as _;
        libc::CMSG_DATA(control).cast::<u16>().write_unaligned(size);
    }
}
