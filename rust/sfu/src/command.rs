//! What the owner asks of the packet thread, and how it gets there.

use std::collections::VecDeque;
use std::io;
use std::os::fd::RawFd;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, PoisonError};

use str0m::change::SdpAnswer;

use crate::ids::{PeerId, TapId, TrackId};
use crate::io::EventFd;
use crate::peer::Peer;
use crate::sdp::RemoteOffer;
use crate::sfu::Subscription;
use crate::source::Fed;

pub(crate) enum Command {
    Open(Box<Peer>),
    Offer {
        peer: PeerId,
        offer_id: u64,
        offer: Result<Box<RemoteOffer>, String>,
    },
    Negotiate(PeerId),
    Answer {
        peer: PeerId,
        offer_id: u64,
        answer: Result<Box<SdpAnswer>, String>,
    },
    Subscribe {
        peer: PeerId,
        tracks: Vec<Subscription>,
    },
    Unsubscribe {
        peer: PeerId,
        tracks: Vec<TrackId>,
    },
    SetPaused {
        peer: PeerId,
        track: TrackId,
        paused: bool,
    },
    SetMuted {
        track: TrackId,
        muted: bool,
    },
    RequestKeyframe(TrackId),
    SendData {
        peers: Vec<PeerId>,
        reliable: bool,
        payload: Arc<[u8]>,
    },
    OpenTap(TapId, UnixStream),
    Tap(TapId, TrackId),
    Untap(TapId, TrackId),
    CloseTap(TapId),
    TapGone(TapId),
    TapKeyframe {
        tap: TapId,
        track: TrackId,
    },
    OpenSource(PeerId),
    FeedSource(PeerId, UnixStream),
    Fed {
        peer: PeerId,
        feed: u64,
        fed: Fed,
    },
    ClosePeer(PeerId),
    Shutdown,
    #[cfg(feature = "fault-injection")]
    Fault(PeerId),
}

/// Commands on their way; posting never waits for the packet thread's work.
pub(crate) struct CommandQueue {
    waiting: Mutex<VecDeque<Command>>,
    fd: EventFd,
}

impl CommandQueue {
    pub fn new() -> io::Result<Self> {
        Ok(CommandQueue { waiting: Mutex::default(), fd: EventFd::new()? })
    }

    pub fn fd(&self) -> RawFd {
        self.fd.raw()
    }

    pub fn post(&self, command: Command) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.push_back(command);
        if waiting.len() == 1 {
            self.fd.signal();
        }
    }

    /// Moves everything that waits behind what is in `taken` already.
    pub fn take(&self, taken: &mut VecDeque<Command>) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if !waiting.is_empty() {
            self.fd.clear();
            taken.append(&mut waiting);
        }
    }
}
