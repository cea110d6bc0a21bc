//! One WebRTC connection: its str0m instance, and what the demultiplexer and the timers know of it.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use str0m::net::{Protocol, Receive, Transmit};
use str0m::{Event as RtcEvent, Input, Output, Rtc, RtcError};

use crate::demux::is_stun;
use crate::event::CloseReason;
use crate::ids::PeerId;
use crate::measure::Measure;
use crate::publisher::Publisher;
use crate::subscriber::Subscriber;
use crate::timers::Alarm;

/// Which way media flows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The client offers and sends.
    Publisher,
    /// The server offers and sends.
    Subscriber,
}

pub(crate) enum Side {
    Publisher(Publisher),
    Subscriber(Subscriber),
}

/// Addresses one peer may use at a time; more only appear when somebody plays.
const MAX_ADDRESSES: usize = 16;
/// str0m asks for timers microseconds ahead between packets; going back to the poll for each would break up batches.
const NEAR: Duration = Duration::from_micros(200);
const MAX_NEAR_TIMERS: usize = 3000;
/// No peer sends from here, so `Rtc::accepts` cannot take its short cut by address and checks MESSAGE-INTEGRITY.
const NOWHERE: SocketAddr = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0));

pub(crate) struct Peer {
    pub id: PeerId,
    pub rtc: Rtc,
    pub side: Side,
    pub connected: bool,
    pub opened: Instant,
    /// When something authenticated arrived last.
    pub heard: Instant,
    pub deadline: Instant,
    pub alarm: Alarm,
    /// Has input that was not polled for output yet.
    pub dirty: bool,
    /// Its own ICE username fragment, as the demultiplexer knows it.
    pub fragment: String,
    pub addresses: Vec<SocketAddr>,
    pub measure: Measure,
    /// str0m ignores a time before the one it was last given.
    clock: Instant,
    closed_remotely: bool,
}

impl Peer {
    pub fn new(id: PeerId, rtc: Rtc, role: Role, now: Instant) -> Self {
        let side = match role {
            Role::Publisher => Side::Publisher(Publisher::default()),
            Role::Subscriber => Side::Subscriber(Subscriber::default()),
        };
        Peer {
            id,
            rtc,
            side,
            connected: false,
            opened: now,
            heard: now,
            deadline: now,
            alarm: Alarm::default(),
            dirty: false,
            fragment: String::new(),
            addresses: Vec::new(),
            measure: Measure::new(now),
            clock: now,
            closed_remotely: false,
        }
    }

    /// Hands in a datagram. Ok(false): it was not for this peer or proved nothing.
    pub fn receive(
        &mut self,
        now: Instant,
        source: SocketAddr,
        destination: SocketAddr,
        datagram: &[u8],
    ) -> Result<bool, CloseReason> {
        self.clock = self.clock.max(now);
        guarded(|| {
            let Ok(mut receive) = Receive::new(Protocol::Udp, source, destination, datagram) else { return false };
            if is_stun(datagram) {
                receive.source = NOWHERE;
                let input = Input::Receive(self.clock, receive);
                if !self.rtc.accepts(&input) {
                    return false;
                }
                let Input::Receive(_, checked) = input else { return false };
                receive = checked;
                receive.source = source;
                self.heard = now;
            }
            // An error is about this datagram, which anybody may have forged; a broken connection shows when polled.
            let _ = self.rtc.handle_input(Input::Receive(self.clock, receive));
            true
        })
    }

    /// Tells the time, which also releases what was written.
    pub fn tick(&mut self, now: Instant) -> Result<(), CloseReason> {
        self.clock = self.clock.max(now);
        guarded(|| self.rtc.handle_input(Input::Timeout(self.clock)))?.map_err(|_| CloseReason::Failed)
    }

    /// Takes everything str0m has to send or tell, up to its next timer.
    pub fn poll(
        &mut self,
        now: Instant,
        mut send: impl FnMut(Transmit),
        events: &mut Vec<RtcEvent>,
    ) -> Result<(), CloseReason> {
        self.dirty = false;
        guarded(|| self.poll_unguarded(now, &mut send, events))?
    }

    fn poll_unguarded(
        &mut self,
        now: Instant,
        send: &mut impl FnMut(Transmit),
        events: &mut Vec<RtcEvent>,
    ) -> Result<(), CloseReason> {
        let mut near_timers = 0;
        loop {
            match self.rtc.poll_output().map_err(|error| reason_for(&error))? {
                Output::Transmit(transmit) => send(transmit),
                Output::Event(event) => {
                    self.closed_remotely |= matches!(event, RtcEvent::Closed);
                    events.push(event);
                }
                // What could be sent in reply is sent; without a nominated pair str0m would wait for ever.
                Output::Timeout(_) if self.closed_remotely => return Err(CloseReason::Closed),
                Output::Timeout(_) if !self.rtc.is_alive() => return Err(CloseReason::Failed),
                Output::Timeout(at) if at <= now + NEAR && near_timers < MAX_NEAR_TIMERS => {
                    near_timers += 1;
                    self.clock = self.clock.max(at);
                    self.rtc.handle_input(Input::Timeout(self.clock)).map_err(|_| CloseReason::Failed)?;
                }
                Output::Timeout(at) => {
                    self.deadline = at.max(now + NEAR);
                    return Ok(());
                }
            }
        }
    }

    /// Remembers an address that proved itself; returns the one that had to make room.
    pub fn add_address(&mut self, address: SocketAddr) -> Option<SocketAddr> {
        self.addresses.push(address);
        (self.addresses.len() > MAX_ADDRESSES).then(|| self.addresses.remove(0))
    }

    pub fn publisher(&mut self) -> Option<&mut Publisher> {
        match &mut self.side {
            Side::Publisher(publisher) => Some(publisher),
            Side::Subscriber(_) => None,
        }
    }

    pub fn subscriber(&mut self) -> Option<&mut Subscriber> {
        match &mut self.side {
            Side::Subscriber(subscriber) => Some(subscriber),
            Side::Publisher(_) => None,
        }
    }
}

/// A goodbye that comes while SCTP is still being set up ends in str0m's own failure to shut SCTP down.
fn reason_for(error: &RtcError) -> CloseReason {
    if matches!(error, RtcError::Sctp(_)) { CloseReason::Closed } else { CloseReason::Failed }
}

/// str0m panics on its own bugs rather than going on; that must cost only the peer it happened in.
pub(crate) fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, CloseReason> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| CloseReason::Panic)
}
