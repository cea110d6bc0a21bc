//! What the packet thread tells its owner, and the queue it travels in.

use std::collections::VecDeque;
use std::io;
use std::os::fd::RawFd;
use std::sync::{Mutex, MutexGuard, PoisonError};

use str0m::media::MediaKind;

use crate::ids::{PeerId, TapId, TrackId};
use crate::io::EventFd;
use crate::quality::Sample;

/// One audio or video m-line of a publisher's offer (RFC 8866 §5.14).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaSection {
    /// `a=mid` (RFC 5888).
    pub mid: String,
    /// What it carries.
    pub kind: MediaKind,
    /// The track part of `a=msid` (RFC 8830), when it sends something.
    pub track_id: Option<String>,
    /// Whether the client sends on it.
    pub sending: bool,
}

/// Why a peer is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseReason {
    /// Asked for, by us or by the other side's DTLS close_notify.
    Closed,
    /// Not connected within [`Config::handshake_timeout`](crate::Config::handshake_timeout).
    HandshakeTimeout,
    /// Silent for [`Config::vanish_after`](crate::Config::vanish_after).
    Vanished,
    /// The connection broke, such as a certificate that does not fit the description.
    Failed,
    /// Our own fault; only this peer is lost by it.
    Panic,
}

/// A fact from the packet thread.
#[derive(Debug)]
#[allow(missing_docs)] // The fields carry the names of the calls they answer.
pub enum Event {
    /// The answer to a publisher's offer.
    Answer { peer: PeerId, offer_id: u64, sdp: String, sections: Vec<MediaSection> },
    /// An offer for a subscriber; `tracks` are the live (mid, track id) pairs.
    Offer { peer: PeerId, offer_id: u64, sdp: String, tracks: Vec<(String, String)> },
    /// A description that could not be used; the peer lives on.
    SdpRejected { peer: PeerId, offer_id: u64, message: String },
    /// ICE and DTLS are up for the first time.
    PeerConnected { peer: PeerId },
    /// The last event of a peer.
    PeerClosed { peer: PeerId, reason: CloseReason },
    /// First RTP of a published m-line.
    TrackStarted { peer: PeerId, mid: String, track: TrackId, kind: MediaKind, mime: String, ssrc: u32 },
    /// The publisher stopped it or went away.
    TrackEnded { peer: PeerId, track: TrackId },
    /// A source's socket is over, and why in a word; its tracks stay until the peer is closed.
    FeedEnded { peer: PeerId, reason: &'static str },
    /// One message from a publisher's data channel.
    DataReceived { peer: PeerId, reliable: bool, payload: Vec<u8> },
    /// A listener inside the server is gone, or its tap was closed: frames it got, and those that did not fit.
    TapClosed { tap: TapId, frames: u64, dropped: u64 },
    /// What was counted of some tracks and subscribers, each every [`Config::sample_every`](crate::Config::sample_every).
    Measured { samples: Vec<Sample> },
}

/// Messages and samples that may wait while nobody polls; beyond that they are dropped, lifecycle events never.
const MAX_WAITING_MESSAGES: usize = 16 * 1024;
const MAX_WAITING_BYTES: usize = 32 * 1024 * 1024;
const MAX_WAITING_SAMPLES: usize = 64 * 1024;

/// A queue with a descriptor that is readable while something waits.
pub(crate) struct EventQueue {
    inner: Mutex<Waiting>,
    fd: EventFd,
}

#[derive(Default)]
struct Waiting {
    events: VecDeque<Event>,
    messages: usize,
    bytes: usize,
    samples: usize,
    signalled: bool,
}

impl EventQueue {
    pub fn new() -> io::Result<Self> {
        Ok(EventQueue { inner: Mutex::default(), fd: EventFd::new()? })
    }

    pub fn fd(&self) -> RawFd {
        self.fd.raw()
    }

    /// Returns false when the event had to be dropped.
    pub fn push(&self, event: Event) -> bool {
        let mut waiting = self.lock();
        match &event {
            Event::DataReceived { payload, .. } => {
                if waiting.messages >= MAX_WAITING_MESSAGES || waiting.bytes + payload.len() > MAX_WAITING_BYTES {
                    return false;
                }
                waiting.messages += 1;
                waiting.bytes += payload.len();
            }
            Event::Measured { samples } => {
                if waiting.samples + samples.len() > MAX_WAITING_SAMPLES {
                    return false;
                }
                waiting.samples += samples.len();
            }
            _ => {}
        }
        waiting.events.push_back(event);
        if !waiting.signalled {
            waiting.signalled = true;
            self.fd.signal();
        }
        true
    }

    pub fn take(&self, limit: usize) -> Vec<Event> {
        let mut waiting = self.lock();
        let count = limit.min(waiting.events.len());
        let taken: Vec<Event> = waiting.events.drain(..count).collect();
        for event in &taken {
            match event {
                Event::DataReceived { payload, .. } => {
                    waiting.messages -= 1;
                    waiting.bytes -= payload.len();
                }
                Event::Measured { samples } => waiting.samples -= samples.len(),
                _ => {}
            }
        }
        if waiting.events.is_empty() && waiting.signalled {
            waiting.signalled = false;
            self.fd.clear();
        }
        taken
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
