//! What the owner hears, what it orders, and what is counted.

use std::net::SocketAddr;
use std::os::fd::OwnedFd;

/// A connection; never reused within one server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

/// What the owner hears.
#[derive(Debug)]
pub enum Event {
    /// An encoder wants to publish; it waits for [`crate::RtmpServer::accept`] or [`crate::RtmpServer::close_connection`].
    Asked {
        /// Who.
        connection: ConnectionId,
        /// What the address had before the stream's name.
        app: String,
        /// The stream's name: as good as a password.
        name: String,
        /// What the encoder calls itself.
        encoder: String,
        /// Where it comes from.
        address: SocketAddr,
    },
    /// A connection that asked is done with: nothing more of it reaches its descriptor, which is closed.
    Ended {
        /// Who.
        connection: ConnectionId,
        /// Why.
        reason: EndReason,
        /// Read from it in all.
        bytes: u64,
    },
}

/// Why a connection is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndReason {
    /// The encoder said that it has finished.
    Finished,
    /// The connection broke.
    Gone,
    /// Nothing came for too long, or no answer to a publish.
    Silent,
    /// It broke the protocol or a limit.
    Fault,
    /// The owner ended it.
    Closed,
    /// Whoever read the stream has gone.
    Unread,
    /// It made room for newer ones, or there was none.
    Full,
}

/// What the owner orders.
pub(crate) enum Command {
    Accept { connection: ConnectionId, descriptor: OwnedFd },
    Close { connection: ConnectionId, code: String, description: String },
    Stop { code: String, description: String },
}

/// What has happened since the start, and what is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counters {
    /// Open connections.
    pub connections: u64,
    /// Of these, those that publish.
    pub publishers: u64,
    /// Connections taken in all.
    pub connections_taken: u64,
    /// Connections put out for a fault or a limit.
    pub connections_refused: u64,
    /// Bytes read in all.
    pub bytes_received: u64,
    /// CPU time of the thread, in nanoseconds.
    pub thread_cpu_ns: u64,
}
