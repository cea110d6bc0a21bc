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

#[cfg(test)]
mod tests {
    use super::*;

    fn request(attributes: &[u8]) -> Vec<u8> {
        let mut message = vec![0, 1, 0, attributes.len() as u8, 0x21, 0x12, 0xa4, 0x42];
        message.extend_from_slice(&[9; 12]);
        message.extend_from_slice(attributes);
        message
    }

    #[test]
    fn the_first_half_of_the_username_is_ours() {
        let padded =
            [0x80, 0x22, 0, 1, b'x', 0, 0, 0, 0, 6, 0, 9, b'o', b'u', b'r', b's', b':', b't', b'h', b'e', b'm'];
        assert_eq!(local_fragment(&request(&padded)), Some("ours"));
        assert_eq!(local_fragment(&request(&[0, 6, 0, 200, b'x'])), None);
        assert_eq!(local_fragment(&request(&[])), None);
    }

    #[test]
    fn noise_is_survived() {
        for noise in crate::noise::bytes(20_000) {
            let _ = local_fragment(&noise);
            let _ = local_fragment(&request(&noise));
        }
    }
}
