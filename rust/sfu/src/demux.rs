//! Which peer a datagram belongs to (RFC 7983, RFC 8445 §7.3).

use std::collections::HashMap;
use std::net::SocketAddr;

use crate::ids::PeerId;

/// Addresses and ICE username fragments of the open peers.
#[derive(Default)]
pub(crate) struct Demux {
    by_address: HashMap<SocketAddr, PeerId>,
    by_fragment: HashMap<String, PeerId>,
}

impl Demux {
    pub fn by_address(&self, source: SocketAddr) -> Option<PeerId> {
        self.by_address.get(&source).copied()
    }

    pub fn by_fragment(&self, fragment: &str) -> Option<PeerId> {
        self.by_fragment.get(fragment).copied()
    }

    /// Returns the peer that had the address before.
    pub fn bind(&mut self, source: SocketAddr, peer: PeerId) -> Option<PeerId> {
        self.by_address.insert(source, peer)
    }

    pub fn unbind(&mut self, source: SocketAddr, peer: PeerId) {
        if self.by_address.get(&source) == Some(&peer) {
            self.by_address.remove(&source);
        }
    }

    pub fn name(&mut self, fragment: String, peer: PeerId) {
        self.by_fragment.insert(fragment, peer);
    }

    pub fn forget_name(&mut self, fragment: &str) {
        self.by_fragment.remove(fragment);
    }
}

/// First byte 0 or 1 (RFC 7983 §7).
pub(crate) fn is_stun(datagram: &[u8]) -> bool {
    datagram.first().is_some_and(|byte| *byte < 2)
}

/// The receiver's part of the USERNAME of a binding request (RFC 8489 §14.3, RFC 8445 §7.2.2). Proves nothing.
pub(crate) fn local_fragment(datagram: &[u8]) -> Option<&str> {
    const HEADER: usize = 20;
    const BINDING_REQUEST: [u8; 2] = [0, 1];
    const MAGIC_COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
    const USERNAME: [u8; 2] = [0, 6];
    if datagram.len() < HEADER || datagram[..2] != BINDING_REQUEST || datagram[4..8] != MAGIC_COOKIE {
        return None;
    }
    let mut rest = &datagram[HEADER..];
    while let [t0, t1, l0, l1, value @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*l0, *l1]));
        if [*t0, *t1] == USERNAME {
            return std::str::from_utf8(value.get(..length)?).ok()?.split(':').next();
        }
        rest = value.get(length.next_multiple_of(4)..)?;
    }
    None
}
