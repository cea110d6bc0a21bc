//! Peers coming, speaking and going.

use std::time::{Duration, Instant};

use str0m::Event as RtcEvent;

use crate::command::Command;
use crate::core::Core;
use crate::event::{CloseReason, Event};
use crate::ids::{PeerId, TrackId};
use crate::io::thread_cpu;
use crate::peer::{Peer, Side, guarded};
use crate::stats::{Counters, Snapshot};
use crate::timers::Timer;

const HOUSEKEEPING: Duration = Duration::from_millis(250);
const SNAPSHOT: Duration = Duration::from_secs(1);
/// A keyframe that did not come within this was lost, or the request was.
const KEYFRAME_OVERDUE: Duration = Duration::from_millis(1500);

impl Core {
    pub(crate) fn obey(&mut self, command: Command) {
        match command {
            Command::Open(peer) => self.open(peer),
            Command::Offer { peer, offer_id, offer } => self.offer(peer, offer_id, offer),
            Command::Negotiate(peer) => self.negotiate(peer),
            Command::Answer { peer, offer_id, answer } => self.answer(peer, offer_id, answer),
            Command::Subscribe { peer, tracks } => self.subscribe(peer, tracks),
            Command::Unsubscribe { peer, tracks } => self.unsubscribe(peer, &tracks),
            Command::SetPaused { peer, track, paused } => self.set_paused(peer, track, paused),
            Command::SetMuted { track, muted } => self.set_muted(track, muted),
            Command::RequestKeyframe(track) => self.wish_keyframe(track),
            Command::SendData { peers, reliable, payload } => self.send_data(&peers, reliable, &payload),
            Command::OpenTap(tap, stream) => self.open_tap(tap, stream),
            Command::Tap(tap, track) => self.tap(tap, track),
            Command::Untap(tap, track) => self.untap(tap, track),
            Command::CloseTap(tap) => self.close_tap(tap),
            Command::TapGone(tap) => self.tap_gone(tap),
            Command::TapKeyframe { tap, track } => self.tap_keyframe(tap, track),
            Command::OpenSource(peer) => self.open_source(peer),
            Command::FeedSource(peer, stream) => self.feed_source(peer, stream),
            Command::Fed { peer, feed, fed } => self.on_fed(peer, feed, fed),
            Command::ClosePeer(peer) => self.close(peer, CloseReason::Closed),
            Command::Shutdown => self.stop(),
            #[cfg(feature = "fault-injection")]
            Command::Fault(peer) => {
                let fault = guarded(|| panic!("injected fault"));
                if let (Err(reason), true) = (fault, self.peers.contains_key(&peer)) {
                    self.close(peer, reason);
                }
            }
        }
    }

    fn open(&mut self, mut peer: Box<Peer>) {
        let id = peer.id;
        peer.opened = self.now;
        peer.heard = self.now;
        self.peers.insert(id, peer);
        self.refresh_name(id);
        self.mark(id);
    }

    pub(crate) fn on_event(&mut self, id: PeerId, event: RtcEvent) {
        let now = self.now;
        let Some(peer) = self.peers.get_mut(&id) else { return };
        let Peer { rtc, side, connected, heard, measure, .. } = &mut **peer;
        match (event, side) {
            (RtcEvent::Connected, _) => {
                (*connected, *heard) = (true, now);
                self.tell(Event::PeerConnected { peer: id });
                self.start_routes(id);
            }
            (RtcEvent::RtpPacket(packet), Side::Publisher(_)) => {
                *heard = now;
                self.on_rtp(id, packet);
            }
            (RtcEvent::KeyframeRequest(request), Side::Subscriber(_)) => {
                *heard = now;
                self.on_keyframe_request(id, request.mid);
            }
            (RtcEvent::ChannelOpen(channel, label), Side::Publisher(publisher)) => {
                publisher.channel_opened(channel, &label);
            }
            (RtcEvent::ChannelOpen(channel, label), Side::Subscriber(subscriber)) => {
                subscriber.messages.opened(rtc, channel, &label);
                self.mark(id);
            }
            (RtcEvent::ChannelClose(channel), Side::Publisher(publisher)) => publisher.channel_closed(channel),
            (RtcEvent::ChannelData(data), Side::Publisher(publisher)) => {
                *heard = now;
                if let Some(reliable) = publisher.is_reliable(data.id) {
                    self.tell(Event::DataReceived { peer: id, reliable, payload: data.data });
                }
            }
            (RtcEvent::PeerStats(stats), _) => {
                let round_trip = stats.selected_candidate_pair.and_then(|pair| pair.current_round_trip_time);
                self.on_report(id, round_trip);
            }
            (RtcEvent::MediaEgressStats(stats), Side::Subscriber(_)) => {
                if let Some(kind) = rtc.media(stats.mid).map(|media| media.kind()) {
                    measure.count(kind, &stats);
                }
            }
            (RtcEvent::MediaIngressStats(stats), Side::Publisher(publisher)) => {
                let track = publisher.tracks.iter().find(|(mid, _)| *mid == stats.mid).map(|(_, track)| *track);
                if let Some(track) = track.and_then(|track| self.tracks.get_mut(&track)) {
                    track.meter.nacks = stats.nacks;
                }
            }
            _ => {}
        }
    }

    /// Ends a peer. Its tracks end first; everything it held is freed.
    pub(crate) fn close(&mut self, id: PeerId, reason: CloseReason) {
        if self.sources.contains_key(&id) {
            return self.close_source(id, reason);
        }
        let Some(mut peer) = self.peers.remove(&id) else { return };
        self.measure_last_of(&mut peer);
        self.demux.forget_name(&peer.fragment);
        for address in std::mem::take(&mut peer.addresses) {
            self.demux.unbind(address, id);
        }
        let (published, subscribed) = match &peer.side {
            Side::Publisher(publisher) => (publisher.tracks.iter().map(|(_, track)| *track).collect(), Vec::new()),
            Side::Subscriber(subscriber) => (Vec::new(), subscriber.negotiation.lines.keys().copied().collect()),
        };
        for track in published {
            self.end_track(track);
        }
        for track in subscribed {
            if let Some(track) = self.tracks.get_mut(&track) {
                track.forget(id);
            }
        }
        if reason != CloseReason::Panic {
            self.say_goodbye(&mut peer);
        }
        let _ = guarded(move || drop(peer));
        self.shared.peer_closed();
        self.tell(Event::PeerClosed { peer: id, reason });
    }

    /// Sends RTCP BYE and the DTLS close_notify, so that the client need not wait for its own timeouts.
    fn say_goodbye(&mut self, peer: &mut Peer) {
        if peer.connected && guarded(|| peer.rtc.close()).is_ok_and(|closed| closed.is_ok()) {
            let _ = peer.poll(self.now, |transmit| self.net.send(transmit), &mut Vec::new());
        }
    }

    pub(crate) fn keep_house(&mut self) {
        self.timers.set(self.now + HOUSEKEEPING, Timer::Housekeeping);
        self.close_silent_peers();
        self.chase_keyframes();
        self.measure();
        if self.now >= self.snapshot_due {
            self.snapshot_due = self.now + SNAPSHOT;
            self.snapshot();
        }
    }

    fn close_silent_peers(&mut self) {
        let limits = (self.shared.config.handshake_timeout, self.shared.config.vanish_after);
        let silent = |peer: &Peer, now: Instant| match peer.connected {
            false => (now >= peer.opened + limits.0).then_some(CloseReason::HandshakeTimeout),
            true => (now >= peer.heard + limits.1).then_some(CloseReason::Vanished),
        };
        let gone: Vec<(PeerId, CloseReason)> =
            self.peers.iter().filter_map(|(id, peer)| Some((*id, silent(peer, self.now)?))).collect();
        for (id, reason) in gone {
            self.close(id, reason);
        }
    }

    fn chase_keyframes(&mut self) {
        let now = self.now;
        let overdue = |(id, track): (&TrackId, &crate::route::Track)| {
            (track.waiting() && track.throttle.older_than(KEYFRAME_OVERDUE, now)).then_some(*id)
        };
        let overdue: Vec<TrackId> = self.tracks.iter().filter_map(overdue).collect();
        for track in overdue {
            self.wish_keyframe(track);
        }
    }

    fn snapshot(&mut self) {
        let now = self.now;
        let mut tracks: Vec<_> = self
            .tracks
            .iter_mut()
            .map(|(id, track)| track.meter.snapshot(*id, track.kind, track.subscribers.len(), now))
            .collect();
        tracks.sort_by_key(|stats| stats.track);
        let sent = self.net.batch.totals;
        let counters = Counters {
            packets_received: self.received.0,
            packets_sent: sent.packets,
            bytes_received: self.received.1,
            bytes_sent: sent.bytes,
            send_calls: sent.calls,
            datagrams_dropped: sent.dropped,
            datagrams_unroutable: self.unroutable,
            events_dropped: self.events_dropped,
            peers: self.peers.len() as u64,
            tracks: self.tracks.len() as u64,
            subscriptions: self.tracks.values().map(|track| track.subscribers.len() as u64).sum(),
            thread_cpu_ns: u64::try_from(thread_cpu().as_nanos()).unwrap_or(u64::MAX),
        };
        self.shared.publish(Snapshot { tracks, counters });
    }
}
