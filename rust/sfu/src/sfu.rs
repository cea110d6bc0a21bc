//! The owner's handle: posts commands, takes events, reads the last snapshot.

use std::net::SocketAddr;
use std::os::fd::RawFd;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use crate::MAX_MESSAGE;
use crate::command::{Command, CommandQueue};
use crate::config::{Config, Error};
use crate::core::Core;
use crate::event::{Event, EventQueue};
use crate::ids::{PeerId, TapId, TrackId};
use crate::net::Net;
use crate::peer::{Peer, Role};
use crate::sdp;
use crate::stats::{Counters, Snapshot, TrackStats};
use crate::webrtc::Factory;

/// A wish to receive a track; the ids become the m-line's msid (RFC 8830).
#[derive(Clone, Debug)]
pub struct Subscription {
    /// The track.
    pub track: TrackId,
    /// First part of the msid.
    pub stream_id: String,
    /// Second part of the msid.
    pub track_id: String,
}

/// What handle and thread have in common. No lock is held while either works.
pub(crate) struct Shared {
    pub config: Config,
    pub commands: CommandQueue,
    pub events: EventQueue,
    snapshot: Mutex<Arc<Snapshot>>,
    open_peers: AtomicUsize,
}

impl Shared {
    pub fn peer_closed(&self) {
        self.open_peers.fetch_sub(1, Ordering::AcqRel);
    }

    pub fn publish(&self, snapshot: Snapshot) {
        *lock(&self.snapshot) = Arc::new(snapshot);
    }
}

/// A selective forwarding unit with its sockets and its thread.
pub struct Sfu {
    shared: Arc<Shared>,
    factory: Factory,
    addresses: Vec<SocketAddr>,
    last_peer: AtomicU64,
    last_tap: AtomicU64,
    closed: AtomicBool,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Sfu {
    /// Binds the sockets and starts the thread.
    pub fn start(config: Config) -> Result<Self, Error> {
        let net = Net::bind(&config)?;
        let addresses = net.local_addresses();
        let factory = Factory::new(net.candidates(), config.sample_every)
            .ok_or_else(|| Error::Config("the crypto provider makes no certificates".into()))?;
        let shared = Arc::new(Shared {
            config,
            commands: CommandQueue::new()?,
            events: EventQueue::new()?,
            snapshot: Mutex::default(),
            open_peers: AtomicUsize::new(0),
        });
        let core = Core::new(net, shared.clone());
        let thread = std::thread::Builder::new().name("sfu".into()).spawn(move || core.run())?;
        Ok(Sfu {
            shared,
            factory,
            addresses,
            last_peer: AtomicU64::new(0),
            last_tap: AtomicU64::new(0),
            closed: AtomicBool::new(false),
            thread: Mutex::new(Some(thread)),
        })
    }

    /// The bound addresses.
    pub fn local_addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Readable while events wait. Owned by the unit.
    pub fn event_fd(&self) -> RawFd {
        self.shared.events.fd()
    }

    /// Takes up to `limit` events, oldest first.
    pub fn poll_events(&self, limit: usize) -> Vec<Event> {
        self.shared.events.take(limit)
    }

    /// Makes a peer. The costly part happens here, on the caller's thread.
    pub fn open_peer(&self, role: Role) -> Result<PeerId, Error> {
        let id = self.take_place()?;
        let now = Instant::now();
        let peer = Peer::new(id, self.factory.build(role, now), role, now);
        self.post(Command::Open(Box::new(peer)));
        Ok(id)
    }

    /// Makes a publisher without a connection; what is fed to it are its tracks.
    pub fn open_source(&self) -> Result<PeerId, Error> {
        let id = self.take_place()?;
        self.post(Command::OpenSource(id));
        Ok(id)
    }

    /// Lets a source take whole encoded frames from this socket, in place of the one before. Ends in
    /// [`Event::FeedEnded`], unless another takes its place.
    pub fn feed_source(&self, source: PeerId, stream: UnixStream) -> Result<(), Error> {
        stream.set_nonblocking(true)?;
        self.post(Command::FeedSource(source, stream));
        Ok(())
    }

    fn take_place(&self) -> Result<PeerId, Error> {
        if self.closed.load(Ordering::Acquire) {
            return Err(Error::Closed);
        }
        let limit = self.shared.config.max_peers;
        let grow = |open: usize| (open < limit).then_some(open + 1);
        self.shared
            .open_peers
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, grow)
            .map_err(|_| Error::TooManyPeers)?;
        Ok(PeerId(self.last_peer.fetch_add(1, Ordering::Relaxed) + 1))
    }

    /// Applies a publisher's offer. Ends in [`Event::Answer`] or [`Event::SdpRejected`].
    pub fn offer(&self, peer: PeerId, offer_id: u64, sdp: &str) {
        self.post(Command::Offer { peer, offer_id, offer: sdp::parse_offer(sdp).map(Box::new) });
    }

    /// Sends a subscriber's first offer. Ends in [`Event::Offer`].
    pub fn negotiate(&self, peer: PeerId) {
        self.post(Command::Negotiate(peer));
    }

    /// Applies a subscriber's answer; id 0 is for whatever offer is pending.
    pub fn answer(&self, peer: PeerId, offer_id: u64, sdp: &str) {
        self.post(Command::Answer { peer, offer_id, answer: sdp::parse_answer(sdp).map(Box::new) });
    }

    /// Forwards tracks to a subscriber; those already subscribed or unknown are skipped.
    pub fn subscribe(&self, peer: PeerId, tracks: Vec<Subscription>) {
        self.post(Command::Subscribe { peer, tracks });
    }

    /// Stops forwarding and takes the m-lines out.
    pub fn unsubscribe(&self, peer: PeerId, tracks: Vec<TrackId>) {
        self.post(Command::Unsubscribe { peer, tracks });
    }

    /// Holds one track back from one subscriber.
    pub fn set_paused(&self, peer: PeerId, track: TrackId, paused: bool) {
        self.post(Command::SetPaused { peer, track, paused });
    }

    /// Drops a track's packets, whatever its publisher sends.
    pub fn set_muted(&self, track: TrackId, muted: bool) {
        self.post(Command::SetMuted { track, muted });
    }

    /// Asks the publisher for a keyframe.
    pub fn request_keyframe(&self, track: TrackId) {
        self.post(Command::RequestKeyframe(track));
    }

    /// Sends one message to each subscriber's channel.
    pub fn send_data(&self, peers: Vec<PeerId>, reliable: bool, payload: &[u8]) -> Result<(), Error> {
        if payload.len() > MAX_MESSAGE {
            return Err(Error::MessageTooLarge);
        }
        self.post(Command::SendData { peers, reliable, payload: payload.into() });
        Ok(())
    }

    /// Opens a tap: whole encoded frames of chosen tracks go into this socket, and keyframe requests come out of it.
    pub fn open_tap(&self, stream: UnixStream) -> Result<TapId, Error> {
        if self.closed.load(Ordering::Acquire) {
            return Err(Error::Closed);
        }
        stream.set_nonblocking(true)?;
        let id = TapId(self.last_tap.fetch_add(1, Ordering::Relaxed) + 1);
        self.post(Command::OpenTap(id, stream));
        Ok(id)
    }

    /// Lets a tap have a track; unknown ones are skipped.
    pub fn tap(&self, tap: TapId, track: TrackId) {
        self.post(Command::Tap(tap, track));
    }

    /// Takes a track from a tap.
    pub fn untap(&self, tap: TapId, track: TrackId) {
        self.post(Command::Untap(tap, track));
    }

    /// Closes a tap once what waits has left. Ends in [`Event::TapClosed`].
    pub fn close_tap(&self, tap: TapId) {
        self.post(Command::CloseTap(tap));
    }

    /// Closes one peer.
    pub fn close_peer(&self, peer: PeerId) {
        self.post(Command::ClosePeer(peer));
    }

    /// The last second's figures of every live track.
    pub fn track_stats(&self) -> Vec<TrackStats> {
        let snapshot = lock(&self.shared.snapshot).clone();
        snapshot.tracks.clone()
    }

    /// The last second's totals.
    pub fn counters(&self) -> Counters {
        lock(&self.shared.snapshot).counters
    }

    /// Closes every peer and socket and joins the thread. Idempotent.
    pub fn close(&self) {
        self.closed.store(true, Ordering::Release);
        let thread = lock(&self.thread).take();
        if let Some(thread) = thread {
            self.shared.commands.post(Command::Shutdown);
            let _ = thread.join();
        }
    }

    /// Makes the thread panic while it works for this peer.
    #[cfg(feature = "fault-injection")]
    #[doc(hidden)]
    pub fn inject_fault(&self, peer: PeerId) {
        self.post(Command::Fault(peer));
    }

    fn post(&self, command: Command) {
        if !self.closed.load(Ordering::Acquire) {
            self.shared.commands.post(command);
        }
    }
}

impl Drop for Sfu {
    fn drop(&mut self) {
        self.close();
    }
}

/// A lock poisoned by a panic still guards whole values here.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
