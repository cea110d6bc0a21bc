//! A subscriber's offers: one pending at a time, everything that came up meanwhile in the next one.

use std::collections::BTreeMap;

use str0m::Rtc;
use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::channel::{ChannelConfig, Reliability};
use str0m::media::{Direction, MediaKind, Mid};

use crate::ids::TrackId;
use crate::sfu::Subscription;

/// One subscribed track and how far its m-line is.
pub(crate) struct Line {
    stream_id: String,
    track_id: String,
    kind: MediaKind,
    pub paused: bool,
    pub state: LineState,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum LineState {
    Wanted,
    Offered(Mid),
    /// Answered; routed once the connection is up.
    Live(Mid),
}

impl Line {
    fn mid(&self) -> Option<Mid> {
        match self.state {
            LineState::Wanted => None,
            LineState::Offered(mid) | LineState::Live(mid) => Some(mid),
        }
    }
}

pub(crate) struct OutgoingOffer {
    pub id: u64,
    pub sdp: String,
    pub tracks: Vec<(String, String)>,
}

#[derive(Default)]
pub(crate) struct Negotiation {
    pub lines: BTreeMap<TrackId, Line>,
    started: bool,
    pending: Option<(u64, SdpPendingOffer)>,
    /// Lines to take out with the next offer.
    stops: Vec<Mid>,
    last_id: u64,
}

impl Negotiation {
    pub fn add(&mut self, subscription: Subscription, kind: MediaKind) -> bool {
        if self.lines.contains_key(&subscription.track) {
            return false;
        }
        let line = Line {
            stream_id: subscription.stream_id,
            track_id: subscription.track_id,
            kind,
            paused: false,
            state: LineState::Wanted,
        };
        self.lines.insert(subscription.track, line);
        true
    }

    pub fn remove(&mut self, track: TrackId) -> bool {
        let Some(line) = self.lines.remove(&track) else { return false };
        self.stops.extend(line.mid());
        true
    }

    pub fn track_at(&self, mid: Mid) -> Option<TrackId> {
        self.lines.iter().find(|(_, line)| line.mid() == Some(mid)).map(|(track, _)| *track)
    }

    /// Allows offers from now on.
    pub fn start(&mut self) {
        self.started = true;
    }

    /// The next offer, when one is due and none is pending.
    pub fn next_offer(&mut self, rtc: &mut Rtc) -> Option<OutgoingOffer> {
        if !self.started || self.pending.is_some() {
            return None;
        }
        let mut api = rtc.sdp_api();
        if self.last_id == 0 {
            for (label, ordered, reliability) in channels() {
                api.add_channel_with_config(ChannelConfig { label, ordered, reliability, ..Default::default() });
            }
        }
        for mid in self.stops.drain(..) {
            // Port 0 and a fresh m-line later: a line that only turned inactive keeps clients from seeing a new track.
            api.stop_media(mid);
        }
        for line in self.lines.values_mut().filter(|line| line.state == LineState::Wanted) {
            let (stream, track) = (line.stream_id.clone(), line.track_id.clone());
            let mid = api.add_media(line.kind, Direction::SendOnly, Some(stream), Some(track), None);
            line.state = LineState::Offered(mid);
        }
        let (offer, pending) = api.apply()?;
        self.last_id += 1;
        self.pending = Some((self.last_id, pending));
        let tracks =
            self.lines.values().filter_map(|line| Some((line.mid()?.to_string(), line.track_id.clone()))).collect();
        Some(OutgoingOffer { id: self.last_id, sdp: offer.to_sdp_string(), tracks })
    }

    /// Whether an answer with this id is for the pending offer; 0 is what clients send that know no ids.
    pub fn awaits(&self, offer_id: u64) -> bool {
        self.pending.as_ref().is_some_and(|(id, _)| offer_id == 0 || offer_id == *id)
    }

    /// Applies the answer to the pending offer. A refused one puts the new lines back, to be offered again.
    pub fn accept(&mut self, rtc: &mut Rtc, answer: SdpAnswer) -> Result<(), String> {
        let Some((_, pending)) = self.pending.take() else { return Ok(()) };
        let result = rtc.sdp_api().accept_answer(pending, answer);
        for line in self.lines.values_mut() {
            if let LineState::Offered(mid) = line.state {
                line.state = if result.is_ok() { LineState::Live(mid) } else { LineState::Wanted };
            }
        }
        result.map_err(|error| error.to_string())
    }
}

fn channels() -> [(String, bool, Reliability); 2] {
    [
        ("_reliable".into(), true, Reliability::Reliable),
        ("_lossy".into(), false, Reliability::MaxRetransmits { retransmits: 0 }),
    ]
}
