//! A WebRTC client on str0m, such as a browser would be.

use std::net::{SocketAddr, UdpSocket};
use std::time::Instant;

use polyroom_sfu::PeerId;
use str0m::change::{SdpAnswer, SdpOffer, SdpPendingOffer};
use str0m::channel::{ChannelConfig, ChannelId, Reliability};
use str0m::format::{Codec, detect_vp8_keyframe};
use str0m::media::{Direction, MediaKind, Mid};
use str0m::net::{Protocol, Receive};
use str0m::rtp::RtpWrite;
use str0m::{Candidate, Event, Input, Output, Rtc, RtcConfig};

#[derive(Clone, Debug)]
pub struct Received {
    pub mid: Mid,
    pub sequence: u64,
    pub timestamp: u32,
    pub marker: bool,
    pub keyframe: bool,
}

pub struct Client {
    pub peer: PeerId,
    pub rtc: Rtc,
    pub socket: UdpSocket,
    pub address: SocketAddr,
    pub connected: bool,
    /// Handles neither packets nor timers any more.
    pub dead: bool,
    /// Media packets that are to get lost on the way to it.
    pub deaf_for: usize,
    pub lines: Vec<Mid>,
    pub received: Vec<Received>,
    pub messages: Vec<(String, Vec<u8>)>,
    pub channels: Vec<(ChannelId, String)>,
    pub keyframe_requests: usize,
    /// The unit's ICE username fragment and password, from its last offer.
    pub remote_credentials: Option<(String, String)>,
    pending: Option<SdpPendingOffer>,
    sequence: u64,
    timestamp: u32,
    deadline: Instant,
}

/// A VP8 payload (RFC 7741 §4) nobody could decode, but with the right first bytes: keyframes are of 1280×720.
fn frame(keyframe: bool, first: bool) -> Vec<u8> {
    let mut payload = vec![0x5a; 1000];
    payload[0] = if first { 0x10 } else { 0x00 };
    payload[1] = u8::from(!keyframe);
    if keyframe && first {
        payload[4..11].copy_from_slice(&[0x9d, 0x01, 0x2a, 0x00, 0x05, 0xd0, 0x02]);
    }
    payload
}

impl Client {
    pub fn new(peer: PeerId) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_nonblocking(true).unwrap();
        let address = socket.local_addr().unwrap();
        let mut rtc = RtcConfig::new().set_rtp_mode(true).build(Instant::now());
        rtc.add_local_candidate(Candidate::host(address, "udp").unwrap());
        Client {
            peer,
            rtc,
            socket,
            address,
            connected: false,
            dead: false,
            deaf_for: 0,
            lines: Vec::new(),
            received: Vec::new(),
            messages: Vec::new(),
            channels: Vec::new(),
            keyframe_requests: 0,
            remote_credentials: None,
            pending: None,
            sequence: 100,
            timestamp: 5000,
            deadline: Instant::now(),
        }
    }

    pub fn offer(&mut self, kinds: &[MediaKind]) -> String {
        let mut api = self.rtc.sdp_api();
        if self.lines.is_empty() {
            let lossy = Reliability::MaxRetransmits { retransmits: 0 };
            for (label, ordered, reliability) in [("_reliable", true, Reliability::Reliable), ("_lossy", false, lossy)]
            {
                let label = label.to_owned();
                api.add_channel_with_config(ChannelConfig { label, ordered, reliability, ..Default::default() });
            }
        }
        for kind in kinds {
            let track = Some(format!("cid{}", self.lines.len()));
            self.lines.push(api.add_media(*kind, Direction::SendOnly, Some("stream".into()), track, None));
        }
        let (offer, pending) = api.apply().unwrap();
        self.pending = Some(pending);
        offer.to_sdp_string()
    }

    /// Takes one of the published lines back.
    pub fn withdraw(&mut self, line: usize) -> String {
        let mid = self.lines[line];
        let mut api = self.rtc.sdp_api();
        api.set_direction(mid, Direction::Inactive);
        let (offer, pending) = api.apply().unwrap();
        self.pending = Some(pending);
        offer.to_sdp_string()
    }

    pub fn accept_answer(&mut self, sdp: &str) {
        let answer = SdpAnswer::from_sdp_string(sdp).unwrap();
        self.rtc.sdp_api().accept_answer(self.pending.take().unwrap(), answer).unwrap();
    }

    pub fn answer(&mut self, sdp: &str) -> String {
        let attribute = |name: &str| sdp.lines().find_map(|l| l.strip_prefix(name)).map(str::to_owned);
        self.remote_credentials = attribute("a=ice-ufrag:").zip(attribute("a=ice-pwd:"));
        let offer = SdpOffer::from_sdp_string(sdp).unwrap();
        self.rtc.sdp_api().accept_offer(offer).unwrap().to_sdp_string()
    }

    /// Sends one frame of `packets` packets.
    pub fn send_frame(&mut self, line: usize, keyframe: bool, packets: usize) {
        let mid = self.lines[line];
        let Some(media) = self.rtc.media(mid).filter(|_| self.connected) else { return };
        let video = media.kind() == MediaKind::Video;
        let codec = if video { Codec::Vp8 } else { Codec::Opus };
        let pt = self.rtc.codec_config().find(|p| p.spec().codec == codec).unwrap().pt();
        self.timestamp = self.timestamp.wrapping_add(if video { 3000 } else { 960 });
        for i in 0..packets {
            self.sequence += 1;
            let write =
                RtpWrite::new(pt, self.sequence.into(), self.timestamp, Instant::now(), frame(keyframe, i == 0));
            let write = write.marker(i + 1 == packets).nackable(video);
            let mut api = self.rtc.direct_api();
            api.stream_tx_by_mid(mid, None).unwrap().write_rtp(write);
        }
        self.rtc.handle_input(Input::Timeout(Instant::now())).unwrap();
        self.drain();
    }

    /// Numbers so many packets that are never sent.
    pub fn lose(&mut self, packets: u64) {
        self.sequence += packets;
    }

    pub fn send_message(&mut self, label: &str, payload: &[u8]) -> bool {
        let Some((id, _)) = self.channels.iter().find(|(_, l)| l == label) else { return false };
        let Some(mut channel) = self.rtc.channel(*id) else { return false };
        let written = channel.write(true, payload).unwrap();
        self.drain();
        written
    }

    pub fn request_keyframe(&mut self, mid: Mid) {
        let mut api = self.rtc.direct_api();
        if let Some(stream) = api.stream_rx_by_mid(mid, None) {
            stream.request_keyframe(str0m::media::KeyframeRequestKind::Pli);
        }
        self.rtc.handle_input(Input::Timeout(Instant::now())).unwrap();
        self.drain();
    }

    pub fn step(&mut self) {
        if self.dead {
            return;
        }
        let mut buffer = [0; 2000];
        while let Ok((length, source)) = self.socket.recv_from(&mut buffer) {
            if self.deaf_for > 0 && length > 900 {
                self.deaf_for -= 1;
                continue;
            }
            if let Ok(receive) = Receive::new(Protocol::Udp, source, self.address, &buffer[..length]) {
                let _ = self.rtc.handle_input(Input::Receive(Instant::now(), receive));
                self.drain();
            }
        }
        if Instant::now() >= self.deadline {
            let _ = self.rtc.handle_input(Input::Timeout(Instant::now()));
        }
        self.drain();
    }

    fn drain(&mut self) {
        loop {
            match self.rtc.poll_output() {
                Ok(Output::Timeout(at)) => {
                    self.deadline = at;
                    return;
                }
                Ok(Output::Transmit(t)) => {
                    let _ = self.socket.send_to(&t.contents, t.destination);
                }
                Ok(Output::Event(event)) => self.hear(event),
                Err(_) => return,
            }
        }
    }

    fn hear(&mut self, event: Event) {
        match event {
            Event::Connected => self.connected = true,
            Event::ChannelOpen(id, label) => self.channels.push((id, label)),
            Event::ChannelData(data) => {
                let label = self.channels.iter().find(|(id, _)| *id == data.id).map(|(_, l)| l.clone());
                self.messages.push((label.unwrap_or_default(), data.data));
            }
            Event::KeyframeRequest(_) => self.keyframe_requests += 1,
            Event::RtpPacket(packet) => {
                let ssrc = packet.header.ssrc;
                let mid = self.rtc.direct_api().stream_rx(&ssrc).map(|s| s.mid()).unwrap();
                self.received.push(Received {
                    mid,
                    sequence: *packet.seq_no,
                    timestamp: packet.header.timestamp,
                    marker: packet.header.marker,
                    keyframe: detect_vp8_keyframe(&packet.payload),
                });
            }
            _ => {}
        }
    }
}
