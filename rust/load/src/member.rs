//! A participant: signalling, the connection it receives on, and the one it may send on.

use std::os::fd::RawFd;
use std::time::{Duration, Instant};

use str0m::format::Codec;
use str0m::media::{Mid, Pt};
use str0m::rtp::RtpWrite;
use str0m::{Event, Rtc};

use crate::args::Failure;
use crate::messages::{AddTrack, Leave, RequestKind, ResponseKind, SessionDescription, Trickle};
use crate::peer::Peer;
use crate::shape::{self, Shape};
use crate::signal::Signal;
use crate::window::Tally;

const PING: Duration = Duration::from_secs(5);
/// What a member is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Publish,
    Watch,
    /// Both connections, no media.
    Idle,
}

pub struct Member {
    part: Part,
    epoch: Instant,
    pub started: Instant,
    signal: Signal,
    receiving: Peer,
    sending: Peer,
    pub sid: String,
    pub first_packet: Option<Instant>,
    /// Members announced since the last look, by sid.
    pub announced: Vec<String>,
    pub tally: Tally,
    offered: bool,
    line: Option<Mid>,
    keyframe_wanted: bool,
    sequence: u64,
    timestamp: u32,
    pinged: Instant,
    fresh: bool,
}

impl Member {
    pub fn join(url: &str, token: &str, part: Part, epoch: Instant) -> Result<Self, Failure> {
        let started = Instant::now();
        let signal = Signal::connect(url, token)?;
        let local = signal.local_ip()?;
        Ok(Member {
            part,
            epoch,
            started,
            signal,
            receiving: Peer::new(local)?,
            sending: Peer::new(local)?,
            sid: String::new(),
            first_packet: None,
            announced: Vec::new(),
            tally: Tally::default(),
            offered: false,
            line: None,
            keyframe_wanted: true,
            sequence: 1,
            timestamp: 1,
            pinged: started,
            fresh: true,
        })
    }

    /// Signalling, receiving, sending.
    pub fn fds(&self) -> [RawFd; 3] {
        [self.signal.fd(), self.receiving.fd(), self.sending.fd()]
    }

    pub fn deadline(&self) -> Instant {
        let receiving = self.receiving.deadline();
        if self.offered { receiving.min(self.sending.deadline()) } else { receiving }
    }

    pub fn both_connected(&self) -> bool {
        self.receiving.rtc.is_connected() && self.sending.rtc.is_connected()
    }

    pub fn can_publish(&self) -> bool {
        self.line.is_some() && self.sending.rtc.is_connected()
    }

    pub fn leave(&mut self) {
        let _ = self.signal.send(RequestKind::Leave(Leave { reason: 1 }));
    }

    pub fn step(&mut self, readable: &[bool]) -> Result<(), Failure> {
        // What came right behind the handshake is read already and wakes nobody.
        if readable[0] || std::mem::take(&mut self.fresh) {
            while let Some(message) = self.signal.receive()? {
                self.obey(message)?;
            }
        }
        let now = Instant::now();
        if now >= self.pinged + PING {
            self.pinged = now;
            self.signal.ping()?;
        }
        if readable[1] || now >= self.receiving.deadline() {
            let (tally, epoch, first) = (&mut self.tally, self.epoch, &mut self.first_packet);
            self.receiving.step(readable[1], |_, event| tally.count(&event, epoch, first))?;
        }
        if self.offered && (readable[2] || now >= self.sending.deadline()) {
            self.step_sending(readable[2])?;
        }
        Ok(())
    }

    fn step_sending(&mut self, readable: bool) -> Result<(), Failure> {
        let wanted = &mut self.keyframe_wanted;
        self.sending.step(readable, |_: &mut Rtc, event| {
            *wanted |= matches!(event, Event::KeyframeRequest(_));
        })
    }

    fn obey(&mut self, message: ResponseKind) -> Result<(), Failure> {
        match message {
            ResponseKind::Join(join) => {
                self.sid = join.participant.unwrap_or_default().sid;
                match self.part {
                    Part::Publish => self.signal.send(RequestKind::AddTrack(AddTrack {
                        cid: "load-video".into(),
                        name: "load".into(),
                        kind: 1,
                        width: 1280,
                        height: 720,
                        source: 1,
                    }))?,
                    Part::Idle => self.offer(None)?,
                    Part::Watch => {}
                }
            }
            ResponseKind::TrackPublished(published) => self.offer(Some(&published.cid))?,
            ResponseKind::Answer(answer) => {
                self.sending.accept_answer(&answer.sdp)?;
                self.step_sending(false)?;
            }
            ResponseKind::Offer(offer) => {
                let sdp = self.receiving.answer(&offer.sdp)?;
                let answer = SessionDescription { kind: "answer".into(), sdp, id: offer.id };
                self.signal.send(RequestKind::Answer(answer))?;
                self.receiving.step(false, |_, _| {})?;
            }
            ResponseKind::Trickle(trickle) => self.add_candidate(&trickle),
            ResponseKind::Update(update) => {
                self.announced.extend(update.participants.into_iter().map(|participant| participant.sid));
            }
            ResponseKind::Leave(leave) => return Err(format!("put out: {leave:?}").into()),
        }
        Ok(())
    }

    fn offer(&mut self, cid: Option<&str>) -> Result<(), Failure> {
        let (sdp, line) = self.sending.offer(cid)?;
        self.line = line;
        self.offered = true;
        self.signal.send(RequestKind::Offer(SessionDescription { kind: "offer".into(), sdp, id: 1 }))
    }

    fn add_candidate(&mut self, trickle: &Trickle) {
        let init: serde_json::Value = serde_json::from_str(&trickle.candidate_init).unwrap_or_default();
        let candidate = init["candidate"].as_str().unwrap_or_default();
        if trickle.target == 0 {
            self.sending.add_candidate(candidate);
        } else {
            self.receiving.add_candidate(candidate);
        }
    }

    /// Sends one frame of VP8 packets that nobody could decode.
    pub fn send_frame(&mut self, shape: Shape) -> Result<(), Failure> {
        let Some(line) = self.line else { return Ok(()) };
        let payload_type = self.payload_type().ok_or("the server takes no VP8")?;
        let keyframe = std::mem::take(&mut self.keyframe_wanted);
        self.timestamp = self.timestamp.wrapping_add(shape.ticks());
        for i in 0..shape.burst {
            self.sequence += 1;
            let now = Instant::now();
            let payload = shape::payload(shape.size, i == 0, keyframe, now.duration_since(self.epoch));
            let write = RtpWrite::new(payload_type, self.sequence.into(), self.timestamp, now, payload)
                .marker(i + 1 == shape.burst)
                .nackable(true);
            if let Some(stream) = self.sending.rtc.direct_api().stream_tx_by_mid(line, None) {
                stream.write_rtp(write);
            }
        }
        self.step_sending(false)
    }

    fn payload_type(&self) -> Option<Pt> {
        self.sending.rtc.codec_config().find(|p| p.spec().codec == Codec::Vp8).map(|p| p.pt())
    }
}

/// Waits for any of the members and lets those with something to do work. Returns the first failure by index.
pub fn step_all(members: &mut [Member], at_most: Duration) -> Result<(), Failure> {
    let fds: Vec<RawFd> = members.iter().flat_map(Member::fds).collect();
    let now = Instant::now();
    let due = members.iter().map(|member| member.deadline().saturating_duration_since(now)).min();
    let readable = crate::sys::wait(&fds, due.unwrap_or(at_most).min(at_most));
    for (i, member) in members.iter_mut().enumerate() {
        member.step(&readable[i * 3..i * 3 + 3]).map_err(|error| format!("member {i}: {error}"))?;
    }
    Ok(())
}
