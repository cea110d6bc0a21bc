//! Publishers without a connection: a process beside the server hands in whole encoded frames through a unix socket.
//!
//! A source is a peer of its own kind. Its tracks are forwarded, tapped, muted and counted as everybody's. They outlive
//! the socket: the next one fed to the same source goes on with the tracks it has a number of, until the peer is closed.

mod feed;
mod message;
mod pack;

use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use str0m::format::Codec;
use str0m::media::MediaKind;
use str0m::rtp::ExtensionValues;

use crate::core::Core;
use crate::event::{CloseReason, Event};
use crate::ids::{PeerId, TrackId};
use crate::io::monotonic;
use crate::packet::Packet;
use crate::peer::guarded;
use crate::route::Track;
use crate::webrtc::params_of;
pub(crate) use feed::Fed;
use feed::{Feed, Line};

/// Tracks one source may have.
const MOST_TRACKS: usize = 16;
/// A writer's time further from ours than this is wrong.
const FAR: Duration = Duration::from_secs(10);

/// A publisher inside the machine.
pub(crate) struct Source {
    feed: Option<(u64, Arc<Line>)>,
    tracks: Vec<Own>,
    pub measured: Instant,
}

/// One track as its writer and as the core know it.
struct Own {
    number: u64,
    codec: Codec,
    /// Its writer makes no keyframe when asked.
    whole: bool,
    track: Option<TrackId>,
    /// Another with each feed: decoding begins anew.
    source: u32,
    sequence: u64,
}

impl Source {
    pub fn new(now: Instant) -> Self {
        Source { feed: None, tracks: Vec::new(), measured: now }
    }

    /// The core's numbers of its tracks.
    pub fn tracks(&self) -> impl Iterator<Item = TrackId> {
        self.tracks.iter().filter_map(|own| own.track)
    }

    /// A track has ended; it starts anew if its writer goes on.
    pub fn forget(&mut self, id: TrackId) {
        for own in &mut self.tracks {
            own.track = own.track.filter(|track| *track != id);
        }
    }

    /// Asks the writer for a keyframe.
    pub fn want_keyframe(&self, id: TrackId) {
        let own = self.tracks.iter().find(|own| own.track == Some(id));
        if let (Some(own), Some((_, line))) = (own, &self.feed) {
            line.want_keyframe(own.number);
        }
    }

    /// Lets the writer go.
    pub fn close(&mut self) {
        if let Some((_, line)) = self.feed.take() {
            line.close();
        }
    }
}

impl Core {
    pub(crate) fn open_source(&mut self, id: PeerId) {
        self.sources.insert(id, Source::new(self.now));
    }

    /// Begins to take frames from a socket, which is non-blocking; the one before is let go.
    pub(crate) fn feed_source(&mut self, id: PeerId, mut stream: UnixStream) {
        let greeting = message::greeting(self.epoch.at(Instant::now()), monotonic());
        self.last_feed += 1;
        let number = self.last_feed;
        let Some(source) = self.sources.get_mut(&id) else { return };
        source.close();
        let shared = self.shared.clone();
        // A fresh socket has room for so little.
        let opened = std::io::Write::write_all(&mut stream, &greeting).and_then(|()| Line::new()).and_then(|line| {
            let line = Arc::new(line);
            let theirs = line.clone();
            thread::Builder::new().name("source".into()).spawn(move || {
                let mut feed = Feed::new(id, number, stream, &theirs, &shared);
                let ending = guarded(|| feed.serve()).unwrap_or("panic");
                feed.post(Fed::Over(ending));
            })?;
            Ok(line)
        });
        match opened {
            Ok(line) => source.feed = Some((number, line)),
            Err(_) => self.tell(Event::FeedEnded { peer: id, reason: "closed" }),
        }
    }

    /// What a writer's thread tells; nothing of one that was let go counts any more.
    pub(crate) fn on_fed(&mut self, id: PeerId, feed: u64, fed: Fed) {
        let Some(source) = self.sources.get_mut(&id) else { return };
        let Some((_, line)) = source.feed.as_ref().filter(|(number, _)| *number == feed) else { return };
        match fed {
            Fed::Begins { number, codec, whole } => self.begin_own(id, number, codec, whole),
            Fed::Media { number, captured, timestamp, payloads, ends } => {
                line.done(payloads.len());
                self.on_frame(id, number, Stamp { captured, timestamp }, payloads, ends);
            }
            Fed::Ends { number } => self.end_own(id, number),
            Fed::Over(reason) => {
                source.feed = None;
                self.tell(Event::FeedEnded { peer: id, reason });
            }
        }
    }

    /// Ends a source with its tracks.
    pub(crate) fn close_source(&mut self, id: PeerId, reason: CloseReason) {
        let Some(mut source) = self.sources.remove(&id) else { return };
        source.close();
        for track in source.tracks() {
            self.end_track(track);
        }
        self.shared.peer_closed();
        self.tell(Event::PeerClosed { peer: id, reason });
    }

    fn begin_own(&mut self, id: PeerId, number: u64, codec: Codec, whole: bool) {
        self.last_source = self.last_source.wrapping_add(1);
        let fresh = self.last_source;
        let Some(source) = self.sources.get_mut(&id) else { return };
        if let Some(own) = source.tracks.iter_mut().find(|own| own.number == number && own.codec == codec) {
            (own.source, own.whole) = (fresh, whole);
            if let Some(track) = own.track.and_then(|track| self.tracks.get_mut(&track)) {
                track.recent.whole = whole;
            }
            return;
        }
        self.end_own(id, number);
        let Some(source) = self.sources.get_mut(&id) else { return };
        if source.tracks.len() < MOST_TRACKS {
            source.tracks.push(Own { number, codec, whole, track: None, source: fresh, sequence: 0 });
        }
    }

    fn end_own(&mut self, id: PeerId, number: u64) {
        let Some(source) = self.sources.get_mut(&id) else { return };
        let Some(at) = source.tracks.iter().position(|own| own.number == number) else { return };
        if let Some(track) = source.tracks.remove(at).track {
            self.end_track(track);
        }
    }

    fn on_frame(&mut self, id: PeerId, number: u64, stamp: Stamp, payloads: Vec<Arc<[u8]>>, ends: bool) {
        let now = self.now;
        let told =
            self.epoch.instant(stamp.captured).filter(|told| told.max(&now).duration_since(now.min(*told)) < FAR);
        let (captured, moment) = match told {
            Some(moment) => (stamp.captured, moment.min(now)),
            None => (self.epoch.at(now), now),
        };
        let Some(own) = self.sources.get_mut(&id).and_then(|source| source.own(number)) else { return };
        let (codec, ssrc, first) = (own.codec, own.source.into(), own.sequence + 1);
        own.sequence += payloads.len() as u64;
        let track_id = match own.track {
            Some(track) => track,
            None => self.start_own(id, number, codec, own_kind(codec)),
        };
        let Some(track) = self.tracks.get_mut(&track_id) else { return };
        if track.ssrc != ssrc {
            track.ssrc = ssrc;
            track.meter.new_source();
        }
        track.heard = now;
        let last = payloads.len() - 1;
        for (index, payload) in payloads.into_iter().enumerate() {
            self.take(
                track_id,
                Packet {
                    source: ssrc,
                    sequence: first + index as u64,
                    timestamp: stamp.timestamp as u32,
                    marker: ends && index == last && codec != Codec::Opus,
                    payload,
                    extensions: ExtensionValues::default(),
                    arrived: now,
                    moment,
                    captured: Some(captured),
                    report: None,
                },
            );
        }
    }

    fn start_own(&mut self, id: PeerId, number: u64, codec: Codec, kind: MediaKind) -> TrackId {
        let track_id = self.next_track_id();
        let (mut ssrc, mut whole) = (0, false);
        if let Some(own) = self.sources.get_mut(&id).and_then(|source| source.own(number)) {
            own.track = Some(track_id);
            (ssrc, whole) = (own.source, own.whole);
        }
        let mut track = Track::new(id, kind, ssrc.into(), params_of(codec), self.now);
        track.recent.whole = whole;
        self.tracks.insert(track_id, track);
        let mime = format!("{kind}/{codec}").to_lowercase();
        self.tell(Event::TrackStarted { peer: id, mid: number.to_string(), track: track_id, kind, mime, ssrc });
        track_id
    }
}

impl Source {
    fn own(&mut self, number: u64) -> Option<&mut Own> {
        self.tracks.iter_mut().find(|own| own.number == number)
    }
}

/// When a frame was taken, by our clock in microseconds, and in its codec's.
#[derive(Clone, Copy)]
struct Stamp {
    captured: i64,
    timestamp: i64,
}

fn own_kind(codec: Codec) -> MediaKind {
    if codec == Codec::Opus { MediaKind::Audio } else { MediaKind::Video }
}
