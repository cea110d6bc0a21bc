//! The same stream and the same watchers at a Janus server: its Streaming plugin is fed plain RTP and watched over
//! WebRTC, with signalling over Janus' JSON API.

use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream, UdpSocket};
use std::os::fd::RawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::args::{Args, Failure};
use crate::peer::Peer;
use crate::process;
use crate::shape::{self, Shape};
use crate::summary::percentile;
use crate::sys;
use crate::window::{self, Measured, Tally, Window};

const JOIN_PATIENCE: Duration = Duration::from_secs(10);
/// The payload type the mountpoint is configured with.
const PAYLOAD_TYPE: u8 = 96;

#[derive(Default)]
struct Shared {
    measuring: AtomicBool,
    done: AtomicBool,
    sent: AtomicU64,
}

pub fn run(args: &Args) -> Result<Value, Failure> {
    let (count, mountpoint): (usize, u64) = (args.number("subscribers", 50)?, args.number("mountpoint", 1)?);
    let (shape, seconds, pid) = (Shape::from_args(args)?, args.number("seconds", 10.0)?, args.pid()?);
    let api = Api { server: args.text("api")?.parse()? };
    let (media, epoch): (SocketAddr, _) = (args.text("rtp-to")?.parse()?, Instant::now());
    let rss_before = process::rss(pid);
    let shared = Arc::new(Shared::default());
    let sending = {
        let shared = shared.clone();
        std::thread::spawn(move || send(media, shape, epoch, &shared))
    };
    let watched = watch(&api, mountpoint, count, seconds, pid, epoch, &shared);
    shared.done.store(true, Ordering::Relaxed);
    sending.join().map_err(|_| "the sender panicked")??;
    let (viewers, measured) = watched?;
    let tallies: Vec<&Tally> = viewers.iter().map(|viewer| &viewer.tally).collect();
    let mut report = window::report("janus", shape, shared.sent.load(Ordering::Relaxed), &tallies, &measured);
    let mut joins: Vec<f64> = viewers.iter().filter_map(Viewer::join_ms).collect();
    report["join_ms_p50"] = json!(percentile(&mut joins, 0.5));
    report["join_ms_p90"] = json!(percentile(&mut joins, 0.9));
    report["server_rss_kib_before"] = json!(rss_before);
    Ok(report)
}

/// Plain RTP (RFC 3550 §5.1), a frame at a time.
fn send(to: SocketAddr, shape: Shape, epoch: Instant, shared: &Shared) -> Result<(), Failure> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    socket.connect(to)?;
    let (mut sequence, mut timestamp, mut next) = (1u16, 1u32, Instant::now());
    while !shared.done.load(Ordering::Relaxed) {
        std::thread::sleep(next.saturating_duration_since(Instant::now()));
        next += shape.period();
        timestamp = timestamp.wrapping_add(shape.ticks());
        for i in 0..shape.burst {
            sequence = sequence.wrapping_add(1);
            let marker = u8::from(i + 1 == shape.burst) << 7;
            let mut packet = vec![0x80, marker | PAYLOAD_TYPE];
            packet.extend(sequence.to_be_bytes());
            packet.extend(timestamp.to_be_bytes());
            packet.extend(0x706f_6c79_u32.to_be_bytes());
            packet.extend(shape::payload(shape.size, i == 0, true, epoch.elapsed()));
            socket.send(&packet)?;
        }
        if shared.measuring.load(Ordering::Relaxed) {
            shared.sent.fetch_add(shape.burst as u64, Ordering::Relaxed);
        }
    }
    Ok(())
}

fn watch(
    api: &Api,
    mountpoint: u64,
    count: usize,
    seconds: f64,
    pid: Option<u32>,
    epoch: Instant,
    shared: &Shared,
) -> Result<(Vec<Viewer>, Measured), Failure> {
    let mut viewers: Vec<Viewer> = Vec::new();
    for _ in 0..count {
        viewers.push(Viewer::join(api, mountpoint)?);
        let (last, end) = (viewers.len() - 1, Instant::now() + JOIN_PATIENCE);
        while viewers[last].first_packet.is_none() {
            if Instant::now() > end {
                return Err(format!("viewer {last} gets no media").into());
            }
            step_all(&mut viewers, epoch)?;
        }
    }
    let settled = Instant::now() + Duration::from_secs(1);
    while Instant::now() < settled {
        step_all(&mut viewers, epoch)?;
    }
    for viewer in &mut viewers {
        viewer.tally = Tally::default();
    }
    let window = Window::open(pid);
    shared.measuring.store(true, Ordering::Relaxed);
    while window.elapsed() < seconds {
        step_all(&mut viewers, epoch)?;
    }
    shared.measuring.store(false, Ordering::Relaxed);
    Ok((viewers, window.close()))
}

struct Viewer {
    peer: Peer,
    started: Instant,
    first_packet: Option<Instant>,
    tally: Tally,
}

impl Viewer {
    fn join(api: &Api, mountpoint: u64) -> Result<Self, Failure> {
        let started = Instant::now();
        let session = api.ask("/janus", &json!({"janus": "create", "transaction": "c"}))?["data"]["id"].clone();
        let path = format!("/janus/{session}");
        let attach = json!({"janus": "attach", "plugin": "janus.plugin.streaming", "transaction": "a"});
        let handle = format!("{path}/{}", api.ask(&path, &attach)?["data"]["id"]);
        let wish = json!({"request": "watch", "id": mountpoint});
        api.ask(&handle, &json!({"janus": "message", "transaction": "w", "body": wish}))?;
        let offer = loop {
            let event = api.next_event(&path)?;
            if let Some(sdp) = event["jsep"]["sdp"].as_str() {
                break sdp.to_owned();
            }
        };
        let mut peer = Peer::new(api.server.ip())?;
        let jsep = json!({"type": "answer", "sdp": peer.answer(&offer)?});
        let start = json!({"janus": "message", "transaction": "s", "body": {"request": "start"}, "jsep": jsep});
        api.ask(&handle, &start)?;
        peer.step(false, |_, _| {})?;
        Ok(Viewer { peer, started, first_packet: None, tally: Tally::default() })
    }

    fn step(&mut self, readable: bool, epoch: Instant) -> Result<(), Failure> {
        if !readable && Instant::now() < self.peer.deadline() {
            return Ok(());
        }
        let (tally, first) = (&mut self.tally, &mut self.first_packet);
        self.peer.step(readable, |_, event| tally.count(&event, epoch, first))
    }

    fn join_ms(&self) -> Option<f64> {
        Some(self.first_packet?.duration_since(self.started).as_secs_f64() * 1000.0)
    }
}

fn step_all(viewers: &mut [Viewer], epoch: Instant) -> Result<(), Failure> {
    let fds: Vec<RawFd> = viewers.iter().map(|viewer| viewer.peer.fd()).collect();
    let now = Instant::now();
    let due = viewers.iter().map(|viewer| viewer.peer.deadline().saturating_duration_since(now)).min();
    let readable = sys::wait(&fds, due.unwrap_or_default().min(Duration::from_millis(5)));
    viewers.iter_mut().zip(readable).try_for_each(|(viewer, readable)| viewer.step(readable, epoch))
}

/// Janus' HTTP transport, one connection a request; HTTP/1.0, so that no answer comes in chunks.
struct Api {
    server: SocketAddr,
}

impl Api {
    fn ask(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        let body = body.to_string();
        let head = format!("POST {path} HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: {}", body.len());
        let answer = self.exchange(&head, &body)?;
        match answer["janus"].as_str() {
            Some("success" | "ack") => Ok(answer),
            _ => Err(format!("Janus refuses: {answer}").into()),
        }
    }

    /// Waits for what the session is told next.
    fn next_event(&self, session: &str) -> Result<Value, Failure> {
        let event = self.exchange(&format!("GET {session}?maxev=1 HTTP/1.0"), "")?;
        match event["plugindata"]["data"]["error"].as_str() {
            Some(error) => Err(error.into()),
            None => Ok(event),
        }
    }

    fn exchange(&self, head: &str, body: &str) -> Result<Value, Failure> {
        let mut stream = TcpStream::connect(self.server)?;
        stream.set_read_timeout(Some(JOIN_PATIENCE))?;
        let host: IpAddr = self.server.ip();
        stream.write_all(format!("{head}\r\nHost: {host}\r\n\r\n{body}").as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (_, body) = answer.split_once("\r\n\r\n").ok_or("Janus answered no HTTP")?;
        Ok(serde_json::from_str(body)?)
    }
}
