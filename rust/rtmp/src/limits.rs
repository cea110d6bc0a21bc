//! What one server, one address and one encoder may have.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::time::{Duration, Instant};

/// The bounds of a server.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Until a publish is accepted, handshake included.
    pub handshake: Duration,
    /// Silence of an encoder; also how long a reader of a stream may stand still.
    pub idle: Duration,
    /// Connections that publish, in all and from one address.
    pub publishers: usize,
    /// See `publishers`.
    pub publishers_per_address: usize,
    /// Connections that do not publish yet; one too many puts out the oldest of them.
    pub half_open: usize,
    /// See `half_open`.
    pub half_open_per_address: usize,
    /// Bytes a second that are read from one encoder; a second's worth may come at once.
    pub rate: u64,
    /// Bytes of one message, and of all that is unfinished in one connection.
    pub message: usize,
    /// Bytes that wait for the reader of one stream before its encoder is no longer read.
    pub queue: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            handshake: Duration::from_secs(10),
            idle: Duration::from_secs(30),
            publishers: 500,
            publishers_per_address: 100,
            half_open: 512,
            half_open_per_address: 64,
            rate: 12_500_000,
            message: 8 * 1024 * 1024,
            queue: 4 * 1024 * 1024,
        }
    }
}

/// Counts by address; the smaller half of an IPv6 address is one holder's to choose.
#[derive(Default)]
pub(crate) struct Counts(HashMap<IpAddr, usize>);

/// The address under which a connection counts.
pub(crate) fn holder(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(six) => Ipv6Addr::from_bits(six.to_bits() & !u128::from(u64::MAX)).into(),
        four => four,
    }
}

impl Counts {
    pub fn of(&self, holder: IpAddr) -> usize {
        self.0.get(&holder).copied().unwrap_or(0)
    }

    pub fn add(&mut self, holder: IpAddr) {
        *self.0.entry(holder).or_default() += 1;
    }

    pub fn remove(&mut self, holder: IpAddr) {
        if let Some(count) = self.0.get_mut(&holder) {
            *count -= 1;
            if *count == 0 {
                self.0.remove(&holder);
            }
        }
    }
}

/// What one encoder may still send now.
pub(crate) struct Allowance {
    rate: u64,
    left: u64,
    since: Instant,
}

impl Allowance {
    pub fn new(rate: u64, now: Instant) -> Self {
        Allowance { rate, left: rate, since: now }
    }

    pub fn left(&self) -> usize {
        usize::try_from(self.left).unwrap_or(usize::MAX)
    }

    pub fn spend(&mut self, bytes: usize) {
        self.left = self.left.saturating_sub(bytes as u64);
    }

    pub fn refill(&mut self, now: Instant) {
        let grown = (self.rate as f64 * now.duration_since(self.since).as_secs_f64()) as u64;
        self.left = self.rate.min(self.left.saturating_add(grown));
        self.since = now;
    }
}
