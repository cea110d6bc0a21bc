//! From one track to its subscribers: who gets which packet, renumbered how.

use std::time::{Duration, Instant};

use str0m::format::{Codec, PayloadParams};
use str0m::media::{MediaKind, Mid, Pt};
use str0m::rtp::{RtpWrite, Ssrc};

use crate::catch_up::Behind;
use crate::core::Core;
use crate::event::CloseReason;
use crate::ids::{PeerId, TrackId};
use crate::keyframe::{Patience, Throttle, starts_here};
use crate::packet::Packet;
use crate::peer::{Peer, guarded};
use crate::picture::picture_size;
use crate::quality::Measured;
use crate::recent::Recent;
use crate::rewrite::Rewriter;
use crate::stats::Meter;
use crate::tap::Tapped;

/// A second source on the same m-line counts only once the first has been silent for this long.
const SOURCE_SILENCE: Duration = Duration::from_secs(1);

/// One published source and where it goes.
pub(crate) struct Track {
    pub publisher: PeerId,
    pub kind: MediaKind,
    pub ssrc: Ssrc,
    pub params: PayloadParams,
    pub muted: bool,
    pub heard: Instant,
    pub throttle: Throttle,
    pub meter: Meter,
    pub measured: Measured,
    pub recent: Recent,
    /// Only while a listener inside the server has it.
    pub tapped: Option<Box<Tapped>>,
    /// Everybody with an m-line for it, routed or not yet.
    pub subscribers: Vec<PeerId>,
    pub routes: Vec<Route>,
}

impl Track {
    pub fn new(publisher: PeerId, kind: MediaKind, ssrc: Ssrc, params: PayloadParams, now: Instant) -> Self {
        Track {
            publisher,
            kind,
            ssrc,
            params,
            muted: false,
            heard: now,
            throttle: Throttle::default(),
            meter: Meter::default(),
            measured: Measured::new(now),
            recent: Recent::default(),
            tapped: None,
            subscribers: Vec::new(),
            routes: Vec::new(),
        }
    }

    /// Whether a packet of this source belongs to the track.
    pub fn follows(&mut self, ssrc: Ssrc, now: Instant) -> bool {
        if ssrc != self.ssrc {
            if now < self.heard + SOURCE_SILENCE {
                return false;
            }
            self.ssrc = ssrc;
            self.meter.new_source();
        }
        self.heard = now;
        true
    }

    /// What those who are behind were on their way through is gone; they go on with what there is in place of it.
    fn start_again(&mut self) {
        let kept = self.recent.all().first().map(|first| first.timestamp);
        for route in self.routes.iter_mut().filter(|route| route.behind.is_some()) {
            route.open = false;
            route.behind = kept.map(|first| Behind::new(first, first));
        }
    }

    pub fn route(&mut self, subscriber: PeerId) -> Option<&mut Route> {
        self.routes.iter_mut().find(|route| route.subscriber == subscriber)
    }

    pub fn forget(&mut self, subscriber: PeerId) {
        self.routes.retain(|route| route.subscriber != subscriber);
        self.subscribers.retain(|id| *id != subscriber);
    }

    /// Whether a subscriber or a listener still waits for a keyframe.
    pub fn waiting(&self) -> bool {
        let listener = || self.tapped.as_ref().is_some_and(|tapped| tapped.waiting());
        let subscriber = || self.routes.iter().any(|route| !route.paused && !route.open);
        self.kind.is_video() && !self.muted && (subscriber() || listener())
    }

    pub fn clock_rate(&self) -> u32 {
        self.params.spec().clock_rate.get()
    }
}

/// One subscriber of one track.
pub(crate) struct Route {
    pub subscriber: PeerId,
    ssrc: Ssrc,
    mid: Mid,
    pub paused: bool,
    /// A segment is running. Video opens one only at a keyframe.
    pub open: bool,
    /// How far it has caught up with what is kept of the track; None where it has.
    pub behind: Option<Behind>,
    source: Ssrc,
    rewriter: Rewriter,
    /// The subscriber's payload type for the publisher's, once looked up.
    payload_type: Option<(Pt, Option<Pt>)>,
    pub patience: Patience,
}

impl Route {
    pub fn new(subscriber: PeerId, mid: Mid, ssrc: Ssrc, paused: bool) -> Self {
        Route {
            subscriber,
            ssrc,
            mid,
            paused,
            open: false,
            behind: None,
            source: 0.into(),
            rewriter: Rewriter::default(),
            payload_type: None,
            patience: Patience::default(),
        }
    }

    /// Payload types may have changed.
    pub fn renegotiated(&mut self) {
        self.payload_type = None;
    }

    /// The numbers this packet goes out with; None when this subscriber does not get it.
    fn admit(&mut self, packet: &Packet, starts: bool, now: Instant, clock_rate: u32) -> Option<(u64, u32)> {
        if self.paused {
            return None;
        }
        let sequence = packet.sequence;
        let timestamp = self.behind.as_ref().map_or(packet.timestamp, |behind| behind.hasten(packet.timestamp));
        if !self.open || self.source != packet.source {
            if !starts {
                return None;
            }
            self.rewriter.start_segment(sequence, timestamp, now, clock_rate);
            self.open = true;
            self.source = packet.source;
        }
        self.rewriter.rewrite(sequence, timestamp, now)
    }

    fn payload_type(&mut self, peer: &Peer, params: &PayloadParams) -> Option<Pt> {
        if let Some((from, to)) = self.payload_type
            && from == params.pt()
        {
            return to;
        }
        let found = matching(peer, self.mid, params);
        self.payload_type = Some((params.pt(), found));
        found
    }
}

/// The subscriber's closest payload type of the same codec among those it answered with.
fn matching(peer: &Peer, mid: Mid, params: &PayloadParams) -> Option<Pt> {
    let accepted = peer.rtc.media(mid)?.remote_pts();
    let wanted = params.spec();
    let closeness = |candidate: &&PayloadParams| {
        let spec = candidate.spec();
        (spec == wanted, spec.format.packetization_mode == wanted.format.packetization_mode)
    };
    peer.rtc
        .codec_config()
        .params()
        .iter()
        .filter(|p| p.spec().codec == wanted.codec && accepted.contains(&p.pt()))
        // Profiles of VP9 are different bitstreams; H264's are close enough to try.
        .filter(|p| wanted.codec != Codec::Vp9 || p.spec().format.profile_id == wanted.format.profile_id)
        .max_by_key(closeness)
        .map(PayloadParams::pt)
}

/// A packet on its way to subscribers: what is the same for all of them.
pub(crate) struct Outgoing<'a> {
    packet: &'a Packet,
    params: &'a PayloadParams,
    /// Decoding may begin with it.
    starts: bool,
    video: bool,
    ends_picture: bool,
    now: Instant,
}

impl<'a> Outgoing<'a> {
    pub fn new(packet: &'a Packet, params: &'a PayloadParams, video: bool, now: Instant) -> Self {
        Outgoing {
            packet,
            params,
            starts: starts_here(params.spec().codec, &packet.payload),
            video,
            ends_picture: video && packet.marker,
            now,
        }
    }

    /// Writes it to one subscriber; None when that one does not get it, an error when its connection broke.
    pub fn write(&self, route: &mut Route, peer: &mut Peer) -> Option<Result<(), CloseReason>> {
        let clock_rate = self.params.spec().clock_rate.get();
        let (sequence, timestamp) = route.admit(self.packet, self.starts, self.now, clock_rate)?;
        let payload_type = route.payload_type(peer, self.params)?;
        let (packet, payload) = (self.packet, self.packet.payload.clone());
        let moment = if route.behind.is_some() { self.now } else { packet.moment };
        let write = RtpWrite::new(payload_type, sequence.into(), timestamp, moment, payload)
            .marker(packet.marker)
            .nackable(self.video)
            .ext_vals(packet.extensions.clone());
        Some(guarded(|| {
            let mut api = peer.rtc.direct_api();
            if let Some(stream) = api.stream_tx(&route.ssrc) {
                stream.write_rtp(write);
            }
        }))
    }
}

impl Core {
    /// Sends a packet to every subscriber of its track.
    pub(crate) fn forward(&mut self, id: TrackId, packet: Packet) {
        let Some(track) = self.tracks.get_mut(&id) else { return };
        if track.muted {
            return;
        }
        let outgoing = Outgoing::new(&packet, &track.params, track.kind.is_video(), self.now);
        for route in track.routes.iter_mut().filter(|route| route.behind.is_none()) {
            let Some(peer) = self.peers.get_mut(&route.subscriber) else { continue };
            let Some(written) = outgoing.write(route, peer) else { continue };
            track.meter.forwarded += 1;
            peer.measure.pictures += u64::from(outgoing.ends_picture);
            if written.is_err() {
                self.broken.push(route.subscriber);
            }
            if !std::mem::replace(&mut peer.dirty, true) {
                self.dirty.push(route.subscriber);
            }
        }
        let starts = outgoing.starts;
        if track.kind.is_video() {
            if starts && let Some(size) = picture_size(track.params.spec().codec, &packet.payload) {
                track.measured.size = size;
            }
            if track.recent.keep(packet, starts, self.now) {
                track.start_again();
            }
        }
    }

    /// Starts a new subscriber with a young keyframe and all since; false when there is none to start with.
    pub(crate) fn replay(&mut self, id: TrackId, subscriber: PeerId) -> bool {
        let Some(track) = self.tracks.get_mut(&id) else { return false };
        if track.recent.whole {
            return self.begin_behind(id, subscriber);
        }
        let Some(peer) = self.peers.get_mut(&subscriber) else { return false };
        let Some(route) = track.routes.iter_mut().find(|route| route.subscriber == subscriber) else { return false };
        for packet in track.recent.packets(self.now) {
            let outgoing = Outgoing::new(packet, &track.params, true, self.now);
            match outgoing.write(route, peer) {
                Some(Ok(())) => track.meter.forwarded += 1,
                Some(Err(_)) => self.broken.push(subscriber),
                None => {}
            }
        }
        let open = route.open;
        self.mark(subscriber);
        open
    }
}
