//! One WebRTC connection with its own UDP socket.

use std::net::{SocketAddr, UdpSocket};
use std::os::fd::{AsRawFd, RawFd};
use std::time::Instant;

use str0m::change::{SdpAnswer, SdpOffer, SdpPendingOffer};
use str0m::channel::{ChannelConfig, Reliability};
use str0m::media::{Direction, MediaKind, Mid};
use str0m::net::{Protocol, Receive};
use str0m::{Candidate, Event, Input, Output, Rtc, RtcConfig};

use crate::args::Failure;
use crate::sys;

pub struct Peer {
    pub rtc: Rtc,
    socket: UdpSocket,
    address: SocketAddr,
    deadline: Instant,
    pending: Option<SdpPendingOffer>,
    buffer: Box<[u8; 2000]>,
}

impl Peer {
    /// Binds on the address of this machine that leads to the server.
    pub fn new(local: std::net::IpAddr) -> Result<Self, Failure> {
        let socket = sys::udp_socket(SocketAddr::new(local, 0))?;
        let address = socket.local_addr()?;
        let mut rtc = RtcConfig::new()
            .set_rtp_mode(true)
            .clear_codecs()
            .enable_opus(true, false)
            .enable_vp8(true)
            .build(Instant::now());
        rtc.add_local_candidate(Candidate::host(address, "udp")?);
        Ok(Peer { rtc, socket, address, deadline: Instant::now(), pending: None, buffer: Box::new([0; 2000]) })
    }

    pub fn fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }

    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Offers the two data channels, and one video line when a client id is given.
    pub fn offer(&mut self, cid: Option<&str>) -> Result<(String, Option<Mid>), Failure> {
        let mut api = self.rtc.sdp_api();
        let lossy = Reliability::MaxRetransmits { retransmits: 0 };
        for (label, ordered, reliability) in [("_reliable", true, Reliability::Reliable), ("_lossy", false, lossy)] {
            let label = label.to_owned();
            api.add_channel_with_config(ChannelConfig { label, ordered, reliability, ..Default::default() });
        }
        let add = |cid: &str| {
            api.add_media(MediaKind::Video, Direction::SendOnly, Some("load".into()), Some(cid.into()), None)
        };
        let mid = cid.map(add);
        let (offer, pending) = api.apply().ok_or("nothing to offer")?;
        self.pending = Some(pending);
        Ok((offer.to_sdp_string(), mid))
    }

    pub fn accept_answer(&mut self, sdp: &str) -> Result<(), Failure> {
        let pending = self.pending.take().ok_or("an answer to no offer")?;
        Ok(self.rtc.sdp_api().accept_answer(pending, SdpAnswer::from_sdp_string(sdp)?)?)
    }

    pub fn answer(&mut self, sdp: &str) -> Result<String, Failure> {
        Ok(self.rtc.sdp_api().accept_offer(SdpOffer::from_sdp_string(sdp)?)?.to_sdp_string())
    }

    pub fn add_candidate(&mut self, text: &str) {
        if let Ok(candidate) = Candidate::from_sdp_string(text) {
            self.rtc.add_remote_candidate(candidate);
        }
    }

    /// Takes what arrived, tells the time, sends what is due, and hands over what happened.
    pub fn step(&mut self, readable: bool, mut hear: impl FnMut(&mut Rtc, Event)) -> Result<(), Failure> {
        while let Some((length, source)) = self.receive(readable) {
            let now = Instant::now();
            if let Ok(receive) = Receive::new(Protocol::Udp, source, self.address, &self.buffer[..length]) {
                self.rtc.handle_input(Input::Receive(now, receive))?;
                self.drain(&mut hear)?;
            }
        }
        self.rtc.handle_input(Input::Timeout(Instant::now()))?;
        self.drain(&mut hear)
    }

    fn receive(&mut self, readable: bool) -> Option<(usize, SocketAddr)> {
        if readable { self.socket.recv_from(&mut self.buffer[..]).ok() } else { None }
    }

    fn drain(&mut self, hear: &mut impl FnMut(&mut Rtc, Event)) -> Result<(), Failure> {
        loop {
            match self.rtc.poll_output()? {
                Output::Timeout(at) => {
                    self.deadline = at;
                    return Ok(());
                }
                Output::Transmit(transmit) => {
                    let _ = self.socket.send_to(&transmit.contents, transmit.destination);
                }
                Output::Event(event) => hear(&mut self.rtc, event),
            }
        }
    }
}
