//! The packet thread: one loop over sockets, commands and timers.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use str0m::Event as RtcEvent;

use crate::command::Command;
use crate::demux::{Demux, is_stun, local_fragment};
use crate::event::{CloseReason, Event};
use crate::ids::{IdMap, PeerId, TapId, TrackId};
use crate::io::{BATCH, ReceiveBatch, wait_readable};
use crate::net::Net;
use crate::peer::{Peer, Side, guarded};
use crate::route::Track;
use crate::sfu::Shared;
use crate::source::Source;
use crate::tap::{Epoch, Tap};
use crate::timers::{Timer, Timers};

/// Commands get this much of a turn; a storm of joins must not hold up packets.
const COMMAND_SLICE: Duration = Duration::from_millis(1);
/// Batches taken from one socket before the others get their turn.
const BATCHES_PER_TURN: usize = 4;

pub(crate) struct Core {
    pub now: Instant,
    pub peers: IdMap<PeerId, Box<Peer>>,
    pub tracks: IdMap<TrackId, Track>,
    pub taps: IdMap<TapId, Tap>,
    pub sources: IdMap<PeerId, Source>,
    /// What listeners' frames are stamped with.
    pub epoch: Epoch,
    pub demux: Demux,
    pub timers: Timers,
    pub net: Net,
    pub shared: Arc<Shared>,
    /// Peers with input that was not polled for output yet.
    pub dirty: Vec<PeerId>,
    /// Subscribers whose tracks ended and who are to be told when there is time.
    pub offers_due: VecDeque<PeerId>,
    /// Peers that are to be measured with the next housekeeping.
    pub measures_due: VecDeque<PeerId>,
    /// Peers whose str0m panicked.
    pub broken: Vec<PeerId>,
    pub received: (u64, u64),
    pub unroutable: u64,
    pub events_dropped: u64,
    /// Reused between polls.
    events: Vec<RtcEvent>,
    pub snapshot_due: Instant,
    pub last_feed: u64,
    /// In place of the SSRC that strangers choose.
    pub last_source: u32,
    last_track: u64,
    running: bool,
}

impl Core {
    pub fn new(net: Net, shared: Arc<Shared>) -> Self {
        Core {
            now: Instant::now(),
            peers: IdMap::default(),
            tracks: IdMap::default(),
            taps: IdMap::default(),
            sources: IdMap::default(),
            last_feed: 0,
            last_source: 0,
            epoch: Epoch::new(),
            demux: Demux::default(),
            timers: Timers::default(),
            net,
            shared,
            dirty: Vec::new(),
            offers_due: VecDeque::new(),
            measures_due: VecDeque::new(),
            broken: Vec::new(),
            received: (0, 0),
            unroutable: 0,
            events_dropped: 0,
            events: Vec::new(),
            snapshot_due: Instant::now(),
            last_track: 0,
            running: true,
        }
    }

    pub fn run(mut self) {
        let mut inbox = ReceiveBatch::new();
        let mut commands = VecDeque::new();
        let mut fds = self.net.fds();
        fds.push(self.shared.commands.fd());
        self.timers.set(self.now, Timer::Housekeeping);
        while self.running {
            let until = self.timers.next().map_or(Duration::ZERO, |at| at.saturating_duration_since(Instant::now()));
            let idle = commands.is_empty() && self.offers_due.is_empty();
            wait_readable(&fds, if idle { until } else { Duration::ZERO });
            // What panics here is our own code about no peer in particular; the next turn starts afresh.
            let _ = guarded(|| self.turn(&mut inbox, &mut commands));
        }
        let open: Vec<PeerId> = self.peers.keys().chain(self.sources.keys()).copied().collect();
        for id in open {
            self.close(id, CloseReason::Closed);
        }
        let taps: Vec<TapId> = self.taps.keys().copied().collect();
        for id in taps {
            self.close_tap(id);
        }
        self.net.flush();
    }

    fn turn(&mut self, inbox: &mut ReceiveBatch, commands: &mut VecDeque<Command>) {
        for socket in 0..self.net.len() {
            self.receive(socket, inbox);
        }
        self.now = Instant::now();
        self.shared.commands.take(commands);
        while self.now.elapsed() < COMMAND_SLICE {
            if let Some(command) = commands.pop_front() {
                self.obey(command);
            } else if let Some(id) = self.offers_due.pop_front() {
                self.offer_next(id);
            } else {
                break;
            }
        }
        self.fire_timers();
        self.settle();
        self.net.flush();
    }

    fn receive(&mut self, socket: usize, inbox: &mut ReceiveBatch) {
        for _ in 0..BATCHES_PER_TURN {
            let count = self.net.receive(socket, inbox);
            self.now = Instant::now();
            if let Some(destination) = self.net.candidate(socket) {
                for i in 0..count {
                    if let Some((source, datagram)) = inbox.datagram(i) {
                        self.received.0 += 1;
                        self.received.1 += datagram.len() as u64;
                        self.datagram(source, destination, datagram);
                    }
                }
            }
            self.settle();
            if count < BATCH {
                return;
            }
        }
    }

    fn datagram(&mut self, source: SocketAddr, destination: SocketAddr, datagram: &[u8]) {
        let bound = self.demux.by_address(source);
        let fragment = if is_stun(datagram) { local_fragment(datagram) } else { None };
        let id = match fragment {
            Some(fragment) => self.demux.by_fragment(fragment),
            None => bound,
        };
        let Some((id, peer)) = id.and_then(|id| Some((id, self.peers.get_mut(&id)?))) else {
            self.unroutable += 1;
            return;
        };
        match peer.receive(self.now, source, destination, datagram) {
            Ok(true) => {
                if bound != Some(id) {
                    self.bind(source, id);
                }
                self.service(id);
            }
            Ok(false) => self.unroutable += 1,
            Err(reason) => self.close(id, reason),
        }
    }

    /// Only called for a request whose MESSAGE-INTEGRITY (RFC 8489 §14.5) was right.
    fn bind(&mut self, source: SocketAddr, id: PeerId) {
        if let Some(former) = self.demux.bind(source, id).and_then(|former| self.peers.get_mut(&former)) {
            former.addresses.retain(|address| *address != source);
        }
        if let Some(retired) = self.peers.get_mut(&id).and_then(|peer| peer.add_address(source)) {
            self.demux.unbind(retired, id);
        }
    }

    fn fire_timers(&mut self) {
        while let Some((at, timer)) = self.timers.pop_due(self.now) {
            match timer {
                Timer::Peer(id) => self.fire_peer(id, at),
                Timer::Keyframe(id) => self.wish_keyframe(id),
                Timer::CatchUp(id) => self.catch_up(id),
                Timer::Housekeeping => self.keep_house(),
            }
        }
    }

    fn fire_peer(&mut self, id: PeerId, at: Instant) {
        let Some(peer) = self.peers.get_mut(&id) else { return };
        if !peer.alarm.fire(at) {
            return;
        }
        if peer.deadline > self.now {
            if peer.alarm.arm(peer.deadline) {
                self.timers.set(peer.deadline, Timer::Peer(id));
            }
            return;
        }
        self.tick(id);
    }

    /// Tells a peer the time and takes its output.
    pub(crate) fn tick(&mut self, id: PeerId) {
        let Some(peer) = self.peers.get_mut(&id) else { return };
        match peer.tick(self.now) {
            Ok(()) => self.service(id),
            Err(reason) => self.close(id, reason),
        }
    }

    /// Takes a peer's output: datagrams to send, things that happened, its next deadline.
    pub(crate) fn service(&mut self, id: PeerId) {
        let Some(peer) = self.peers.get_mut(&id) else { return };
        let mut events = std::mem::take(&mut self.events);
        let polled = peer.poll(self.now, |transmit| self.net.send(transmit), &mut events);
        if peer.alarm.arm(peer.deadline) {
            self.timers.set(peer.deadline, Timer::Peer(id));
        }
        let handled = guarded(|| {
            for event in events.drain(..) {
                self.on_event(id, event);
            }
        });
        events.clear();
        self.events = events;
        self.refill(id);
        if let Err(reason) = polled.and(handled) {
            self.close(id, reason);
        }
    }

    /// Acknowledgements may have made room for messages that wait.
    fn refill(&mut self, id: PeerId) {
        let Some(peer) = self.peers.get_mut(&id) else { return };
        let Peer { rtc, side, .. } = &mut **peer;
        let Side::Subscriber(subscriber) = side else { return };
        if !subscriber.messages.waiting() {
            return;
        }
        match guarded(|| subscriber.messages.refill(rtc)) {
            Ok(true) => self.mark(id),
            Ok(false) => {}
            Err(_) => self.broken.push(id),
        }
    }

    pub(crate) fn mark(&mut self, id: PeerId) {
        if let Some(peer) = self.peers.get_mut(&id)
            && !std::mem::replace(&mut peer.dirty, true)
        {
            self.dirty.push(id);
        }
    }

    /// Serves every peer that got something to send.
    fn settle(&mut self) {
        let mut next = 0;
        while let Some(id) = self.dirty.get(next).copied() {
            next += 1;
            if self.peers.get(&id).is_some_and(|peer| peer.dirty) {
                self.tick(id);
            }
        }
        self.dirty.clear();
        while let Some(id) = self.broken.pop() {
            self.close(id, CloseReason::Panic);
        }
    }

    pub(crate) fn next_track_id(&mut self) -> TrackId {
        self.last_track += 1;
        TrackId(self.last_track)
    }

    pub(crate) fn tell(&mut self, event: Event) {
        if !self.shared.events.push(event) {
            self.events_dropped += 1;
        }
    }

    pub(crate) fn stop(&mut self) {
        self.running = false;
    }
}
