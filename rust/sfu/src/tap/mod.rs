//! Listeners inside the server, such as a recorder: they get whole encoded frames of the tracks they chose.
//!
//! A tap is one unix socket with a thread of its own, so a listener that is slow or gone holds up nobody. What does not
//! fit into its queue is left out: pictures up to the next keyframe, sounds one by one. A track without taps costs
//! nothing.

mod assembler;
mod clock;
mod message;
mod outbox;
mod unpack;

use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Instant;

use str0m::format::Codec;
use str0m::rtp::Ssrc;

use crate::core::Core;
use crate::event::Event;
use crate::ids::{PeerId, TapId, TrackId};
use crate::io::monotonic;
use crate::peer::guarded;
pub(crate) use assembler::Piece;
use assembler::{Assembler, Frame};
use clock::Timeline;
pub(crate) use clock::{Epoch, Least};
use message::{FrameHead, Message};
use outbox::Outbox;
#[cfg(test)]
pub(crate) use unpack::unpack;

/// One listener.
pub(crate) struct Tap {
    outbox: Arc<Outbox>,
    tracks: Vec<TrackId>,
}

/// What a track with listeners has more than others.
pub(crate) struct Tapped {
    source: Ssrc,
    codec: Codec,
    assembler: Assembler,
    timeline: Timeline,
    frames: u64,
    listeners: Vec<Listener>,
}

struct Listener {
    tap: TapId,
    /// It lacks a picture and gets nothing up to the next keyframe.
    broken: bool,
    /// Its queue is so full that a keyframe would be asked for in vain.
    full: bool,
    /// Something was left out since the last frame it got.
    gap: bool,
}

impl Tapped {
    fn new(source: Ssrc, codec: Codec) -> Self {
        Tapped {
            source,
            codec,
            assembler: Assembler::new(codec),
            timeline: Timeline::default(),
            frames: 0,
            listeners: Vec::new(),
        }
    }

    /// Whether somebody can go on only with a keyframe.
    pub fn waiting(&self) -> bool {
        self.assembler.wants_key() || self.listeners.iter().any(|listener| listener.broken && !listener.full)
    }

    /// Starts anew: another source, another codec, or after a time of silence.
    pub fn restart(&mut self, source: Ssrc, codec: Codec) {
        if (self.source, self.codec) != (source, codec) {
            self.timeline = Timeline::default();
        }
        (self.source, self.codec) = (source, codec);
        self.assembler = Assembler::new(codec);
        for listener in &mut self.listeners {
            listener.gap = true;
        }
    }
}

impl Core {
    /// Begins to serve a listener; its socket is non-blocking.
    pub(crate) fn open_tap(&mut self, id: TapId, stream: UnixStream) {
        let opened = Outbox::new(self.shared.config.tap_queue).and_then(|outbox| {
            let outbox = Arc::new(outbox);
            outbox.push(Message::hello(self.epoch.at(Instant::now()), monotonic()));
            let (shared, serving) = (self.shared.clone(), outbox.clone());
            thread::Builder::new().name("tap".into()).spawn(move || outbox::serve(id, stream, &serving, &shared))?;
            Ok(outbox)
        });
        match opened {
            Ok(outbox) => drop(self.taps.insert(id, Tap { outbox, tracks: Vec::new() })),
            Err(_) => self.tell(Event::TapClosed { tap: id, frames: 0, dropped: 0 }),
        }
    }

    /// Gives a listener a track too.
    pub(crate) fn tap(&mut self, id: TapId, track_id: TrackId) {
        let (Some(tap), Some(track)) = (self.taps.get_mut(&id), self.tracks.get_mut(&track_id)) else { return };
        if tap.tracks.contains(&track_id) {
            return;
        }
        tap.tracks.push(track_id);
        let (source, codec) = (track.ssrc, track.params.spec().codec);
        let fresh = track.tapped.is_none();
        let tapped = track.tapped.get_or_insert_with(|| Box::new(Tapped::new(source, codec)));
        tapped.listeners.push(Listener { tap: id, broken: track.kind.is_video(), full: false, gap: false });
        let young: Vec<Piece> = match fresh {
            true => track.recent.packets(self.now).iter().map(Piece::new).collect(),
            false => Vec::new(),
        };
        for piece in young {
            self.listen(track_id, piece);
        }
        self.wish_if_waiting(track_id);
    }

    pub(crate) fn untap(&mut self, id: TapId, track_id: TrackId) {
        if let Some(tap) = self.taps.get_mut(&id) {
            tap.tracks.retain(|track| *track != track_id);
        }
        if let Some(track) = self.tracks.get_mut(&track_id)
            && let Some(tapped) = &mut track.tapped
        {
            tapped.listeners.retain(|listener| listener.tap != id);
            if tapped.listeners.is_empty() {
                track.tapped = None;
            }
        }
    }

    /// Lets what waits leave, then closes the socket; [`Event::TapClosed`] follows.
    pub(crate) fn close_tap(&mut self, id: TapId) {
        let Some(tap) = self.taps.get(&id) else { return };
        tap.outbox.close();
        for track in tap.tracks.clone() {
            self.untap(id, track);
        }
    }

    /// The listener's thread has ended.
    pub(crate) fn tap_gone(&mut self, id: TapId) {
        self.close_tap(id);
        if let Some(tap) = self.taps.remove(&id) {
            let count = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
            let (frames, dropped) = (count(&tap.outbox.sent), count(&tap.outbox.dropped));
            self.tell(Event::TapClosed { tap: id, frames, dropped });
        }
    }

    /// A listener asks for a keyframe of a track it has.
    pub(crate) fn tap_keyframe(&mut self, id: TapId, track: TrackId) {
        if self.taps.get(&id).is_some_and(|tap| tap.tracks.contains(&track)) {
            self.wish_keyframe(track);
        }
    }

    /// Tells a track's listeners that nothing more of it comes.
    pub(crate) fn end_tapped(&mut self, id: TrackId, tapped: &Tapped) {
        let now = self.epoch.at(self.now);
        for listener in &tapped.listeners {
            if let Some(tap) = self.taps.get_mut(&listener.tap) {
                tap.tracks.retain(|track| *track != id);
                tap.outbox.push(Message::track_ended(id, now));
            }
        }
    }

    /// Hands a packet to the listeners of its track.
    pub(crate) fn listen(&mut self, id: TrackId, piece: Piece) {
        let Some(track) = self.tracks.get_mut(&id) else { return };
        let (source, codec) = (piece.source, track.params.spec().codec);
        let (muted, publisher, rate, waited) = (track.muted, track.publisher, track.clock_rate(), track.waiting());
        let Some(tapped) = &mut track.tapped else { return };
        if muted || (tapped.source, tapped.codec) != (source, codec) {
            tapped.restart(source, codec);
        }
        if muted {
            return;
        }
        // A reader of strangers' bytes may be wrong about them; only this track's order is lost by it.
        let frames = guarded(|| tapped.assembler.push(piece));
        let Ok(frames) = frames else { return tapped.restart(source, codec) };
        for frame in frames {
            self.deliver(id, publisher, rate, frame);
        }
        if !waited {
            self.wish_if_waiting(id);
        }
    }

    /// Further requests are left to the housekeeping: they cost everybody who watches.
    fn wish_if_waiting(&mut self, id: TrackId) {
        if self.tracks.get(&id).is_some_and(|track| track.waiting()) {
            self.wish_keyframe(id);
        }
    }

    fn deliver(&mut self, id: TrackId, publisher: PeerId, rate: u32, frame: Frame) {
        let Some(tapped) = self.tracks.get_mut(&id).and_then(|track| track.tapped.as_mut()) else { return };
        let arrived = (frame.arrived, self.epoch.at(frame.arrived));
        let timestamp = tapped.timeline.extend(frame.timestamp);
        let sender = self.peers.get_mut(&publisher).and_then(|peer| peer.publisher());
        let captured = match (frame.captured, sender) {
            (Some(captured), _) => captured,
            (None, Some(sender)) => {
                tapped.timeline.captured(timestamp, arrived, rate, frame.report, &mut sender.distance)
            }
            (None, None) => return,
        };
        tapped.frames += 1;
        let sound = tapped.codec == Codec::Opus;
        let data: Arc<[u8]> = frame.data.into();
        for listener in &mut tapped.listeners {
            let Some(tap) = self.taps.get(&listener.tap) else { continue };
            let wanted = !listener.broken || frame.key;
            listener.full = !tap.outbox.has_room(data.len() * 2, sound);
            if !wanted || !tap.outbox.has_room(data.len(), sound) {
                listener.broken = !sound;
                listener.gap = true;
                tap.outbox.dropped.fetch_add(1, Ordering::Relaxed);
                continue;
            }
            listener.broken = false;
            let gap = frame.gap | std::mem::take(&mut listener.gap);
            let head = FrameHead {
                track: id,
                codec: tapped.codec,
                key: frame.key,
                gap,
                turns: frame.turns,
                captured,
                timestamp,
                number: tapped.frames,
            };
            tap.outbox.push(Message::frame(&head, data.clone()));
        }
    }
}
