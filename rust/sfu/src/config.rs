//! What an `Sfu` is started with, and how starting can fail.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// Settings of one [`Sfu`](crate::Sfu).
#[derive(Clone, Debug)]
pub struct Config {
    /// Addresses to bind; port 0 picks a free one.
    pub listen: Vec<SocketAddr>,
    /// Addresses put into ICE candidates (RFC 8445 §5.1.1), each with the bound port of its family. Empty: the bound
    /// addresses themselves.
    pub advertise: Vec<IpAddr>,
    /// How long a peer may be silent, counting only authenticated packets.
    pub vanish_after: Duration,
    /// How long a new peer may take until ICE and DTLS are up.
    pub handshake_timeout: Duration,
    /// Most peers at one time.
    pub max_peers: usize,
    /// How often each track and each subscriber is measured.
    pub sample_every: Duration,
    /// Bytes that may wait for one tap's listener; pictures leave the last quarter to sound.
    pub tap_queue: usize,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            listen: Vec::new(),
            advertise: Vec::new(),
            vanish_after: Duration::from_secs(30),
            handshake_timeout: Duration::from_secs(15),
            max_peers: 20_000,
            sample_every: Duration::from_secs(10),
            tap_queue: 16 * 1024 * 1024,
        }
    }
}

/// Why a call was refused.
#[derive(Debug)]
pub enum Error {
    /// The configuration contradicts itself.
    Config(String),
    /// A socket or descriptor could not be made.
    Io(io::Error),
    /// [`Config::max_peers`] are open.
    TooManyPeers,
    /// The unit was closed.
    Closed,
    /// A message is larger than [`MAX_MESSAGE`](crate::MAX_MESSAGE).
    MessageTooLarge,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Config(text) => f.write_str(text),
            Error::Io(error) => error.fmt(f),
            Error::TooManyPeers => f.write_str("too many peers"),
            Error::Closed => f.write_str("the packet core is closed"),
            Error::MessageTooLarge => f.write_str("data message over 64 KiB"),
        }
    }
}

impl std::error::Error for Error {}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Error::Io(error)
    }
}
