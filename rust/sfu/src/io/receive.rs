//! Receiving many datagrams with one recvmmsg(2).

use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;

use socket2::{SockAddr, SockAddrStorage};

use super::BATCH;

/// str0m's own limit for one datagram; anything longer is no WebRTC.
const DATAGRAM: usize = 2000;

pub(crate) struct ReceiveBatch {
    buffers: Box<[[u8; DATAGRAM]; BATCH]>,
    lengths: [usize; BATCH],
    sources: [Option<SocketAddr>; BATCH],
}

impl ReceiveBatch {
    pub fn new() -> Self {
        ReceiveBatch {
            buffers: vec![[0; DATAGRAM]; BATCH].try_into().expect("BATCH buffers"),
            lengths: [0; BATCH],
            sources: [None; BATCH],
        }
    }

    /// Takes what waits on the socket and returns how many datagrams that were; fewer than `BATCH` means it is empty.
    pub fn fill(&mut self, socket: &UdpSocket) -> usize {
        let mut names: [SockAddrStorage; BATCH] = std::array::from_fn(|_| SockAddrStorage::zeroed());
        // SAFETY: iovec and mmsghdr are plain C structures for which all zeroes is a valid value.
        let mut vectors: [libc::iovec; BATCH] = unsafe { std::mem::zeroed() };
        // SAFETY: as above.
        let mut messages: [libc::mmsghdr; BATCH] = unsafe { std::mem::zeroed() };
        for i in 0..BATCH {
            vectors[i].iov_base = self.buffers[i].as_mut_ptr().cast();
            vectors[i].iov_len = DATAGRAM;
            let header = &mut messages[i].msg_hdr;
            header.msg_name = (&raw mut names[i]).cast();
            header.msg_namelen = names[i].size_of();
            header.msg_iov = &raw mut vectors[i];
            header.msg_iovlen = 1;
        }
        // SAFETY: every pointer set above leads to a live array of the length given with it.
        let received = unsafe {
            libc::recvmmsg(
                socket.as_raw_fd(),
                messages.as_mut_ptr(),
                BATCH as libc::c_uint,
                libc::MSG_DONTWAIT as _,
                std::ptr::null_mut(),
            )
        };
        let count = usize::try_from(received).unwrap_or(0);
        for (i, (message, name)) in messages.iter().zip(names).take(count).enumerate() {
            let whole = message.msg_hdr.msg_flags & libc::MSG_TRUNC == 0;
            self.lengths[i] = if whole { message.msg_len as usize } else { 0 };
            // SAFETY: the kernel has written a socket address of this length into the storage.
            self.sources[i] = unsafe { SockAddr::new(name, message.msg_hdr.msg_namelen) }.as_socket();
        }
        count
    }

    /// The datagram at `i` with its source; None when it was cut off.
    pub fn datagram(&self, i: usize) -> Option<(SocketAddr, &[u8])> {
        let length = self.lengths[i];
        (length > 0).then_some((self.sources[i]?, &self.buffers[i][..length]))
    }
}
