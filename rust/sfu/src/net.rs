//! The unit's sockets with their ICE candidates.

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::os::fd::{AsRawFd, RawFd};

use str0m::net::Transmit;

use crate::config::{Config, Error};
use crate::io::{ReceiveBatch, SendBatch, bind};

/// Bound sockets, and which candidate stands for which.
pub(crate) struct Net {
    sockets: Vec<UdpSocket>,
    /// Candidates with the socket behind each.
    candidates: Vec<(SocketAddr, usize)>,
    pub batch: SendBatch,
}

impl Net {
    pub fn bind(config: &Config) -> Result<Self, Error> {
        if config.listen.is_empty() {
            return Err(Error::Config("no address to listen on".into()));
        }
        let mut sockets = Vec::new();
        let mut candidates = Vec::new();
        for address in &config.listen {
            let socket = bind(*address)?;
            let bound = socket.local_addr()?;
            let own = candidates_of(bound, &config.advertise)?;
            candidates.extend(own.into_iter().map(|ip| (SocketAddr::new(ip, bound.port()), sockets.len())));
            sockets.push(socket);
        }
        if candidates.is_empty() {
            return Err(Error::Config("no advertised address fits a bound one".into()));
        }
        Ok(Net { sockets, candidates, batch: SendBatch::new() })
    }

    pub fn local_addresses(&self) -> Vec<SocketAddr> {
        self.sockets.iter().filter_map(|socket| socket.local_addr().ok()).collect()
    }

    pub fn candidates(&self) -> Vec<SocketAddr> {
        self.candidates.iter().map(|(address, _)| *address).collect()
    }

    pub fn fds(&self) -> Vec<RawFd> {
        self.sockets.iter().map(AsRawFd::as_raw_fd).collect()
    }

    pub fn len(&self) -> usize {
        self.sockets.len()
    }

    pub fn receive(&self, socket: usize, batch: &mut ReceiveBatch) -> usize {
        batch.fill(&self.sockets[socket])
    }

    /// The candidate that packets on this socket were sent to, as far as ICE is concerned.
    pub fn candidate(&self, socket: usize) -> Option<SocketAddr> {
        self.candidates.iter().find(|(_, index)| *index == socket).map(|(address, _)| *address)
    }

    pub fn send(&mut self, transmit: Transmit) {
        let Some((_, socket)) = self.candidates.iter().find(|(address, _)| *address == transmit.source) else {
            return;
        };
        if self.batch.push(*socket, transmit.destination, transmit.contents) {
            self.flush();
        }
    }

    pub fn flush(&mut self) {
        self.batch.flush(&self.sockets);
    }
}

fn candidates_of(bound: SocketAddr, advertise: &[IpAddr]) -> Result<Vec<IpAddr>, Error> {
    if advertise.is_empty() {
        if bound.ip().is_unspecified() {
            return Err(Error::Config(format!("{bound} is a wildcard: say which address to advertise")));
        }
        return Ok(vec![bound.ip()]);
    }
    if advertise.iter().any(IpAddr::is_unspecified) {
        return Err(Error::Config("a wildcard cannot be advertised".into()));
    }
    Ok(advertise.iter().copied().filter(|ip| ip.is_ipv4() == bound.is_ipv4()).collect())
}
