//! What subscribers get: offers, routes, messages.

use std::sync::Arc;
use std::time::Duration;

use str0m::change::SdpAnswer;
use str0m::media::Mid;

use crate::core::Core;
use crate::event::{CloseReason, Event};
use crate::ids::{PeerId, TrackId};
use crate::messages::Messages;
use crate::negotiation::{LineState, Negotiation};
use crate::peer::{Peer, guarded};
use crate::route::Route;
use crate::sfu::Subscription;

/// How long a sent packet can be asked for again (RFC 4588). Each costs some 430 bytes, so the count is bounded too.
const RESEND_AGE: Duration = Duration::from_secs(1);
const RESEND_PACKETS: usize = 512;
/// Share of resent bytes above which str0m gives up on all that wait; its default of 0.15 loses a third at 20 % loss.
const RESEND_SHARE: f32 = 0.4;
/// str0m takes one early STUN request per call and else waits 50 ms for each.
const EARLY_CHECKS: usize = 4;

#[derive(Default)]
pub(crate) struct Subscriber {
    pub negotiation: Negotiation,
    pub messages: Messages,
}

impl Core {
    pub(crate) fn negotiate(&mut self, id: PeerId) {
        if let Some(subscriber) = self.peers.get_mut(&id).and_then(|peer| peer.subscriber()) {
            subscriber.negotiation.start();
            self.offer_next(id);
        }
    }

    /// Sends the next offer when there is something to offer and none is pending.
    pub(crate) fn offer_next(&mut self, id: PeerId) {
        let Some(peer) = self.peers.get_mut(&id) else { return };
        let Peer { rtc, side, .. } = &mut **peer;
        let crate::peer::Side::Subscriber(subscriber) = side else { return };
        match guarded(|| subscriber.negotiation.next_offer(rtc)) {
            Ok(None) => {}
            Ok(Some(offer)) => {
                self.tell(Event::Offer { peer: id, offer_id: offer.id, sdp: offer.sdp, tracks: offer.tracks });
                self.mark(id);
            }
            Err(_) => self.broken.push(id),
        }
    }

    pub(crate) fn answer(&mut self, id: PeerId, offer_id: u64, answer: Result<Box<SdpAnswer>, String>) {
        let Some(peer) = self.peers.get_mut(&id) else { return };
        let Peer { rtc, side, .. } = &mut **peer;
        let crate::peer::Side::Subscriber(subscriber) = side else {
            let message = "only subscribers answer".into();
            return self.tell(Event::SdpRejected { peer: id, offer_id, message });
        };
        if !subscriber.negotiation.awaits(offer_id) {
            return;
        }
        let applied = answer.and_then(|answer| {
            guarded(|| subscriber.negotiation.accept(rtc, *answer)).unwrap_or_else(|_| Err(String::new()))
        });
        match applied {
            Err(message) if message.is_empty() => self.broken.push(id),
            Err(message) => self.tell(Event::SdpRejected { peer: id, offer_id, message }),
            Ok(()) => {
                for _ in 0..EARLY_CHECKS {
                    self.tick(id);
                }
                self.start_routes(id);
                self.offer_next(id);
            }
        }
        self.mark(id);
    }

    pub(crate) fn subscribe(&mut self, id: PeerId, subscriptions: Vec<Subscription>) {
        for subscription in subscriptions {
            let track_id = subscription.track;
            let Some(track) = self.tracks.get_mut(&track_id) else { continue };
            let Some(subscriber) = self.peers.get_mut(&id).and_then(|peer| peer.subscriber()) else { return };
            if subscriber.negotiation.add(subscription, track.kind) {
                track.subscribers.push(id);
            }
        }
        self.offer_next(id);
    }

    pub(crate) fn unsubscribe(&mut self, id: PeerId, tracks: &[TrackId]) {
        let Some(subscriber) = self.peers.get_mut(&id).and_then(|peer| peer.subscriber()) else { return };
        for track_id in tracks {
            subscriber.negotiation.remove(*track_id);
            if let Some(track) = self.tracks.get_mut(track_id) {
                track.forget(id);
            }
        }
        self.offer_next(id);
    }

    /// Opens routes for every answered line that has none yet, once the connection is up.
    pub(crate) fn start_routes(&mut self, id: PeerId) {
        let Some(peer) = self.peers.get_mut(&id) else { return };
        if !peer.connected {
            return;
        }
        let Some(subscriber) = peer.subscriber() else { return };
        let live: Vec<(TrackId, Mid, bool)> = subscriber
            .negotiation
            .lines
            .iter()
            .filter_map(|(track, line)| match line.state {
                LineState::Live(mid) => Some((*track, mid, line.paused)),
                _ => None,
            })
            .collect();
        for (track_id, mid, paused) in live {
            if self.start_route(id, track_id, mid, paused).is_some() && !self.replay(track_id, id) {
                self.wish_keyframe(track_id);
            }
        }
    }

    fn start_route(&mut self, id: PeerId, track_id: TrackId, mid: Mid, paused: bool) -> Option<()> {
        let track = self.tracks.get_mut(&track_id)?;
        if let Some(route) = track.route(id) {
            route.renegotiated();
            return None;
        }
        let peer = self.peers.get_mut(&id)?;
        if !peer.rtc.media(mid)?.direction().is_sending() {
            return None;
        }
        let mut api = peer.rtc.direct_api();
        let stream = api.stream_tx_by_mid(mid, None)?;
        if track.kind.is_video() {
            stream.set_rtx_cache(RESEND_PACKETS, RESEND_AGE, Some(RESEND_SHARE));
        }
        track.routes.push(Route::new(id, mid, stream.ssrc(), paused));
        Some(())
    }

    pub(crate) fn set_paused(&mut self, id: PeerId, track_id: TrackId, paused: bool) {
        let Some(subscriber) = self.peers.get_mut(&id).and_then(|peer| peer.subscriber()) else { return };
        let Some(line) = subscriber.negotiation.lines.get_mut(&track_id) else { return };
        line.paused = paused;
        let Some(route) = self.tracks.get_mut(&track_id).and_then(|track| track.route(id)) else { return };
        if std::mem::replace(&mut route.paused, paused) != paused {
            route.open = false;
            route.behind = None;
            if !paused {
                self.wish_keyframe(track_id);
            }
        }
    }

    pub(crate) fn set_muted(&mut self, track_id: TrackId, muted: bool) {
        let Some(track) = self.tracks.get_mut(&track_id) else { return };
        if std::mem::replace(&mut track.muted, muted) != muted {
            track.recent.forget();
            for route in &mut track.routes {
                route.open = false;
                route.behind = None;
            }
            if !muted && !track.routes.is_empty() {
                self.wish_keyframe(track_id);
            }
        }
    }

    pub(crate) fn on_keyframe_request(&mut self, id: PeerId, mid: Mid) {
        let Some(subscriber) = self.peers.get_mut(&id).and_then(|peer| peer.subscriber()) else { return };
        let Some(track_id) = subscriber.negotiation.track_at(mid) else { return };
        let Some(track) = self.tracks.get_mut(&track_id) else { return };
        let whole = track.recent.whole;
        let Some(route) = track.route(id).filter(|route| route.behind.is_none()) else { return };
        if route.patience.grants(self.now) && !(whole && self.begin_behind(track_id, id)) {
            self.wish_keyframe(track_id);
        }
    }

    pub(crate) fn send_data(&mut self, peers: &[PeerId], reliable: bool, payload: &Arc<[u8]>) {
        for id in peers {
            let Some(peer) = self.peers.get_mut(id) else { continue };
            let Peer { rtc, side, .. } = &mut **peer;
            let crate::peer::Side::Subscriber(subscriber) = side else { continue };
            let sent = guarded(|| {
                if reliable {
                    return subscriber.messages.send_reliable(rtc, payload.clone());
                }
                subscriber.messages.send_lossy(rtc, payload);
                Ok(())
            });
            match sent.and_then(|sent| sent) {
                Ok(()) => self.mark(*id),
                Err(CloseReason::Panic) => self.broken.push(*id),
                Err(reason) => self.close(*id, reason),
            }
        }
    }
}
