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
use crate::signal::Signal;

const PING: Duration = Duration::from_secs(5);
/// Where in a payload the time of writing stands, in nanoseconds since the run's epoch.
const STAMP: std::ops::Range<usize> = 16..24;

/// What a member is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Publish,
    Watch,
    /// Both connections, no media.
    Idle,
}

/// What a watcher got since the window opened.
#[derive(Default)]
pub struct Tally {
    pub packets: u64,
    sequences: Option<(u64, u64)>,
    /// Delays in ms, from the publisher's write to the decrypted packet.
    pub delays: Vec<f64>,
}

impl Tally {
    pub fn lost(&self) -> u64 {
        self.sequences.map_or(0, |(low, high)| (high - low + 1).saturating_sub(self.packets))
    }
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
        if readable[0] {
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
            self.receiving.step(readable[1], |_, event| count(event, tally, epoch, first))?;
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

    /// Sends one frame of `packets` VP8 packets (RFC 7741 §4) that nobody could decode; `ticks` of 90 kHz after the
    /// one before.
    pub fn send_frame(&mut self, packets: usize, size: usize, ticks: u32) -> Result<(), Failure> {
        let Some(line) = self.line else { return Ok(()) };
        let payload_type = self.payload_type().ok_or("the server takes no VP8")?;
        let keyframe = std::mem::take(&mut self.keyframe_wanted);
        self.timestamp = self.timestamp.wrapping_add(ticks);
        for i in 0..packets {
            self.sequence += 1;
            let now = Instant::now();
            let mut payload = vec![0x5a; size];
            payload[0] = if i == 0 { 0x10 } else { 0x00 };
            payload[1] = u8::from(!keyframe);
            payload[STAMP].copy_from_slice(&(now.duration_since(self.epoch).as_nanos() as u64).to_le_bytes());
            let write = RtpWrite::new(payload_type, self.sequence.into(), self.timestamp, now, payload)
                .marker(i + 1 == packets)
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

fn count(event: Event, tally: &mut Tally, epoch: Instant, first: &mut Option<Instant>) {
    let Event::RtpPacket(packet) = event else { return };
    let now = Instant::now();
    first.get_or_insert(now);
    let Some(stamp) = packet.payload.get(STAMP).and_then(|bytes| bytes.try_into().ok()) else { return };
    let written = epoch + Duration::from_nanos(u64::from_le_bytes(stamp));
    let sequence = *packet.seq_no;
    let (low, high) = tally.sequences.unwrap_or((sequence, sequence));
    tally.sequences = Some((low.min(sequence), high.max(sequence)));
    tally.packets += 1;
    tally.delays.push(now.saturating_duration_since(written).as_secs_f64() * 1000.0);
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
