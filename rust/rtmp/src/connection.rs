//! One encoder's socket with its conversation and the descriptor its stream leaves by.

use std::io::{self, Read, Write};
use std::net::{IpAddr, Shutdown, SocketAddr, TcpStream};
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::epoll::{Epoll, READABLE, WRITABLE};
use crate::event::{ConnectionId, EndReason};
use crate::limits::{Allowance, Limits, holder};
use crate::session::{Happening, Session};
use crate::sink::Sink;

/// How long a farewell may take to be read, and a stream's last bytes.
const FAREWELL: Duration = Duration::from_secs(2);
/// How long its owner has to say why nobody reads a stream any more.
const GRACE: Duration = Duration::from_millis(500);

/// What a turn made of a connection.
pub(crate) enum Turn {
    /// It goes on.
    On,
    /// A stream wants in.
    Asked { app: String, name: String, encoder: String },
}

pub(crate) struct Connection {
    pub id: ConnectionId,
    pub address: SocketAddr,
    pub holder: IpAddr,
    /// Whether the owner heard of it and has not heard of its end.
    pub announced: bool,
    pub live: bool,
    pub bytes: u64,
    pub ending: Option<EndReason>,
    socket: TcpStream,
    session: Session,
    sink: Option<Sink>,
    allowance: Allowance,
    began: Instant,
    heard: Instant,
    moved: Instant,
    until: Instant,
    /// Since when nobody reads the stream.
    abandoned: Option<Instant>,
    /// The other side will send nothing more.
    gone: bool,
    interest: (u32, u32),
}

impl Connection {
    pub fn new(id: ConnectionId, socket: TcpStream, address: SocketAddr, limits: &Limits, now: Instant) -> Self {
        Connection {
            id,
            address,
            holder: holder(address.ip()),
            announced: false,
            live: false,
            bytes: 0,
            ending: None,
            socket,
            session: Session::new(limits.message),
            sink: None,
            allowance: Allowance::new(limits.rate, now),
            began: now,
            heard: now,
            moved: now,
            until: now,
            abandoned: None,
            gone: false,
            interest: (0, 0),
        }
    }

    pub fn raw(&self) -> RawFd {
        self.socket.as_raw_fd()
    }

    fn token(&self, sink: bool) -> u64 {
        self.id.0 * 2 + u64::from(sink)
    }

    /// Reads once and lets everything happen that this brings.
    pub fn read(&mut self, buffer: &mut [u8], now: Instant) -> Turn {
        let most = if self.ending.is_some() { buffer.len() } else { self.allowance.left().min(buffer.len()) };
        match self.socket.read(&mut buffer[..most]) {
            Ok(0) if most == 0 => {}
            Ok(0) => self.lost(now),
            Ok(_) if self.ending.is_some() => {}
            Ok(count) => {
                self.allowance.spend(count);
                self.bytes += count as u64;
                self.heard = now;
                if self.session.feed(&buffer[..count]).is_err() {
                    self.end(EndReason::Fault, "NetConnection.Connect.Failed", "Not understood.", now);
                    self.gone = true;
                }
                return self.happen(now);
            }
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {}
            Err(_) => self.lost(now),
        }
        Turn::On
    }

    fn happen(&mut self, now: Instant) -> Turn {
        while let Some(happening) = self.session.happenings.pop_front() {
            match happening {
                Happening::Asked { app, name, encoder } => return Turn::Asked { app, name, encoder },
                Happening::Tag { kind, timestamp, payload } => {
                    if let Some(sink) = &mut self.sink {
                        if sink.waiting() == 0 {
                            self.moved = now;
                        }
                        sink.tag(kind, timestamp, &payload);
                    }
                }
                Happening::Finished => self.end(EndReason::Finished, "", "", now),
            }
        }
        self.flush(now);
        Turn::On
    }

    /// Lets the stream leave by a descriptor.
    pub fn accept(&mut self, descriptor: OwnedFd, epoll: &Arc<Epoll>, now: Instant) {
        let opened = Sink::new(descriptor, epoll.clone(), self.token(true));
        let Ok(sink) = opened else {
            return self.end(EndReason::Unread, "NetStream.Failed", "Nobody takes it.", now);
        };
        self.sink = Some(sink);
        (self.live, self.heard, self.moved) = (true, now, now);
        if self.session.accept().is_err() {
            self.end(EndReason::Fault, "NetStream.Failed", "Not understood.", now);
        }
        self.happen(now);
    }

    /// Says goodbye; the connection is done with once that has left, or after two seconds.
    pub fn end(&mut self, reason: EndReason, code: &str, description: &str, now: Instant) {
        if self.ending.is_none() {
            self.session.farewell(code, description);
            (self.ending, self.until) = (Some(reason), now + FAREWELL);
        }
    }

    /// The connection broke, or the other side has closed it.
    pub fn lost(&mut self, now: Instant) {
        self.end(EndReason::Gone, "", "", now);
        self.gone = true;
    }

    /// Writes what can leave now, on both sides.
    pub fn flush(&mut self, now: Instant) {
        let out = &mut self.session.out;
        while !out.is_empty() && !self.gone {
            match self.socket.write(out) {
                Ok(count) => drop(out.drain(..count)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return self.lost(now),
            }
        }
        if self.ending.is_some() && out.is_empty() && !self.gone {
            let _ = self.socket.shutdown(Shutdown::Write);
        }
        match self.sink.as_mut().map(Sink::flush) {
            Some(Ok(count)) if count > 0 => self.moved = now,
            Some(Err(_)) => self.unread(now),
            _ => {}
        }
    }

    /// Whoever read the stream has gone; its owner may know why.
    pub fn unread(&mut self, now: Instant) {
        self.sink = None;
        self.abandoned.get_or_insert(now);
    }

    /// Ends what has stood still for too long, and lets a hasty encoder send again.
    pub fn tick(&mut self, limits: &Limits, now: Instant) {
        self.allowance.refill(now);
        if self.ending.is_some() {
            if now >= self.until {
                (self.gone, self.sink) = (true, None);
            }
        } else if !self.live {
            if now > self.began + limits.handshake {
                self.end(EndReason::Silent, "NetStream.Publish.Denied", "Too late.", now);
                self.gone = self.session.out.is_empty();
            }
        } else if self.abandoned.is_some_and(|since| now >= since + GRACE) {
            self.end(EndReason::Unread, "NetStream.Failed", "Nobody takes it any more.", now);
        } else if self.sink.as_ref().is_some_and(|sink| sink.waiting() > 0) && now > self.moved + limits.idle {
            self.unread(now);
        } else if now > self.heard + limits.idle && self.reading(limits) {
            self.end(EndReason::Silent, "NetStream.Failed", "Nothing came.", now);
        }
        self.flush(now);
    }

    fn reading(&self, limits: &Limits) -> bool {
        !self.session.asks()
            && self.allowance.left() > 0
            && self.sink.as_ref().is_none_or(|sink| sink.waiting() <= limits.queue)
    }

    /// Whether an ended stream has wholly left: its descriptor is closed then.
    pub fn settled(&mut self) -> bool {
        if self.ending.is_some() && self.sink.as_ref().is_none_or(|sink| sink.waiting() == 0) {
            self.sink = None;
        }
        self.ending.is_some() && self.sink.is_none()
    }

    /// Whether nothing is left to do.
    pub fn finished(&self) -> bool {
        self.ending.is_some() && self.gone && self.sink.is_none()
    }

    /// Watches the socket and the descriptor for what matters now.
    pub fn watch(&mut self, epoll: &Epoll, limits: &Limits) {
        let read = if self.gone || (self.ending.is_none() && !self.reading(limits)) { 0 } else { READABLE };
        let write = if self.gone || self.session.out.is_empty() { 0 } else { WRITABLE };
        let leave = self.sink.as_ref().map_or(0, |sink| if sink.waiting() > 0 { WRITABLE } else { 0 });
        if self.interest.0 != read | write {
            self.interest.0 = read | write;
            let _ = epoll.change(self.raw(), self.token(false), read | write);
        }
        if let Some(sink) = &self.sink
            && self.interest.1 != leave
        {
            self.interest.1 = leave;
            sink.watch(leave);
        }
    }
}
