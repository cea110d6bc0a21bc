//! What publishers do: offer, send media, send messages, stop.

use str0m::channel::ChannelId;
use str0m::media::{KeyframeRequestKind, Mid};
use str0m::rtp::{RtpPacket, Ssrc};

use crate::core::Core;
use crate::event::Event;
use crate::ids::{PeerId, TrackId};
use crate::keyframe::Wish;
use crate::packet::Packet;
use crate::peer::guarded;
use crate::route::Track;
use crate::sdp::RemoteOffer;
use crate::tap::{Least, Piece};

/// Sources one publisher may use at a time; a client that invents more gets them looked up anew.
const MAX_SOURCES: usize = 64;

#[derive(Default)]
pub(crate) struct Publisher {
    pub tracks: Vec<(Mid, TrackId)>,
    sources: Vec<(Ssrc, TrackId)>,
    /// Open channels, and whether each is the reliable one.
    channels: Vec<(ChannelId, bool)>,
    /// Of its clock to ours.
    pub distance: Least,
}

impl Publisher {
    pub fn channel_opened(&mut self, id: ChannelId, label: &str) {
        match label {
            "_reliable" => self.channels.push((id, true)),
            "_lossy" => self.channels.push((id, false)),
            _ => {}
        }
    }

    pub fn channel_closed(&mut self, id: ChannelId) {
        self.channels.retain(|(channel, _)| *channel != id);
    }

    pub fn is_reliable(&self, id: ChannelId) -> Option<bool> {
        self.channels.iter().find(|(channel, _)| *channel == id).map(|(_, reliable)| *reliable)
    }

    fn forget(&mut self, track: TrackId) {
        self.tracks.retain(|(_, id)| *id != track);
        self.sources.retain(|(_, id)| *id != track);
    }
}

impl Core {
    pub(crate) fn offer(&mut self, id: PeerId, offer_id: u64, offer: Result<Box<RemoteOffer>, String>) {
        let Some(peer) = self.peers.get_mut(&id) else { return };
        let offer = if peer.publisher().is_some() { offer } else { Err("only publishers offer".into()) };
        let applied = offer.and_then(|offer| {
            let RemoteOffer { offer, sections } = *offer;
            let answer = guarded(|| peer.rtc.sdp_api().accept_offer(offer).map(|answer| answer.to_sdp_string()));
            match answer {
                Ok(Ok(sdp)) => Ok(Some((sdp, sections))),
                Ok(Err(error)) => Err(error.to_string()),
                Err(_) => Ok(None),
            }
        });
        match applied {
            Ok(Some((sdp, sections))) => {
                self.refresh_name(id);
                self.end_stopped_tracks(id);
                self.tell(Event::Answer { peer: id, offer_id, sdp, sections });
                self.mark(id);
            }
            Ok(None) => self.broken.push(id),
            Err(message) => {
                self.tell(Event::SdpRejected { peer: id, offer_id, message });
                self.mark(id);
            }
        }
    }

    /// A description may have brought an ICE restart (RFC 8445 §9), which changes our username fragment.
    pub(crate) fn refresh_name(&mut self, id: PeerId) {
        let Some(peer) = self.peers.get_mut(&id) else { return };
        let fragment = peer.rtc.direct_api().local_ice_credentials().ufrag;
        if fragment != peer.fragment {
            self.demux.forget_name(&peer.fragment);
            self.demux.name(fragment.clone(), id);
            peer.fragment = fragment;
        }
    }

    fn end_stopped_tracks(&mut self, id: PeerId) {
        let Some(peer) = self.peers.get_mut(&id) else { return };
        let tracks = peer.publisher().map(|publisher| publisher.tracks.clone()).unwrap_or_default();
        for (mid, track) in tracks {
            let peer = self.peers.get(&id);
            let sends = peer.and_then(|p| p.rtc.media(mid)).is_some_and(|media| media.direction().is_receiving());
            if !sends {
                self.end_track(track);
            }
        }
    }

    pub(crate) fn end_track(&mut self, id: TrackId) {
        let Some(mut track) = self.tracks.remove(&id) else { return };
        self.measure_end(id, &mut track);
        if let Some(publisher) = self.peers.get_mut(&track.publisher).and_then(|peer| peer.publisher()) {
            publisher.forget(id);
        }
        if let Some(source) = self.sources.get_mut(&track.publisher) {
            source.forget(id);
        }
        if let Some(tapped) = track.tapped.take() {
            self.end_tapped(id, &tapped);
        }
        self.tell(Event::TrackEnded { peer: track.publisher, track: id });
        for subscriber in track.subscribers {
            if let Some(subscriber) = self.peers.get_mut(&subscriber).and_then(|peer| peer.subscriber()) {
                subscriber.negotiation.remove(id);
            }
            // A thousand offers at once would hold up everybody's packets.
            self.offers_due.push_back(subscriber);
        }
    }

    pub(crate) fn on_rtp(&mut self, peer: PeerId, packet: RtpPacket) {
        let Some(id) = self.track_of(peer, &packet) else { return };
        let Some(track) = self.tracks.get_mut(&id) else { return };
        if !track.follows(packet.header.ssrc, self.now) {
            return;
        }
        if track.params.pt() != packet.header.payload_type {
            let config = self.peers.get(&peer).map(|peer| peer.rtc.codec_config());
            let params = config.and_then(|config| config.find(|p| p.pt() == packet.header.payload_type).copied());
            let Some(params) = params else { return };
            track.params = params;
        }
        self.take(id, packet.into());
    }

    /// Counts a packet of a track and hands it to those who listen and subscribe.
    pub(crate) fn take(&mut self, id: TrackId, packet: Packet) {
        let Some(track) = self.tracks.get_mut(&id) else { return };
        track.meter.count(&packet, track.clock_rate());
        if track.tapped.is_some() {
            self.listen(id, Piece::new(&packet));
        }
        self.forward(id, packet);
    }

    fn track_of(&mut self, peer_id: PeerId, packet: &RtpPacket) -> Option<TrackId> {
        let ssrc = packet.header.ssrc;
        let peer = self.peers.get_mut(&peer_id)?;
        if let Some((_, id)) = peer.publisher()?.sources.iter().find(|(source, _)| *source == ssrc) {
            return Some(*id);
        }
        let mid = peer.rtc.direct_api().stream_rx(&ssrc)?.mid();
        if !peer.rtc.media(mid)?.direction().is_receiving() {
            return None;
        }
        let known = peer.publisher()?.tracks.iter().find(|(line, _)| *line == mid).map(|(_, id)| *id);
        let id = match known {
            Some(id) => id,
            None => self.start_track(peer_id, mid, packet)?,
        };
        let publisher = self.peers.get_mut(&peer_id)?.publisher()?;
        if publisher.sources.len() >= MAX_SOURCES {
            publisher.sources.clear();
        }
        publisher.sources.push((ssrc, id));
        Some(id)
    }

    fn start_track(&mut self, peer_id: PeerId, mid: Mid, packet: &RtpPacket) -> Option<TrackId> {
        let peer = self.peers.get_mut(&peer_id)?;
        let params = *peer.rtc.codec_config().find(|p| p.pt() == packet.header.payload_type)?;
        let kind = peer.rtc.media(mid)?.kind();
        let id = self.next_track_id();
        let peer = self.peers.get_mut(&peer_id)?;
        peer.publisher()?.tracks.push((mid, id));
        let ssrc = packet.header.ssrc;
        let track = Track::new(peer_id, kind, ssrc, params, self.now);
        self.tracks.insert(id, track);
        let mime = format!("{kind}/{}", params.spec().codec).to_lowercase();
        self.tell(Event::TrackStarted { peer: peer_id, mid: mid.to_string(), track: id, kind, mime, ssrc: *ssrc });
        Some(id)
    }

    /// Asks the publisher for a keyframe, now or as soon as it was not asked just before.
    pub(crate) fn wish_keyframe(&mut self, id: TrackId) {
        let Some(track) = self.tracks.get(&id) else { return };
        if !track.kind.is_video() {
            return;
        }
        if track.recent.whole {
            self.begin_all_behind(id);
        }
        let Some(track) = self.tracks.get_mut(&id) else { return };
        match track.throttle.wish(self.now) {
            Wish::Planned => {}
            Wish::Later(at) => self.timers.set(at, crate::timers::Timer::Keyframe(id)),
            Wish::Ask => {
                let (publisher, ssrc) = (track.publisher, track.ssrc);
                track.meter.keyframe_requests += 1;
                if let Some(source) = self.sources.get(&publisher) {
                    source.want_keyframe(id);
                }
                if let Some(peer) = self.peers.get_mut(&publisher) {
                    if let Some(stream) = peer.rtc.direct_api().stream_rx(&ssrc) {
                        stream.request_keyframe(KeyframeRequestKind::Pli);
                    }
                    self.mark(publisher);
                }
            }
        }
    }
}
