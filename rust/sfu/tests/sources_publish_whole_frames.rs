//! What a process of this machine hands in frame by frame is published as from a browser.

#![allow(missing_docs)]

mod support;

use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use polyroom_sfu::{CloseReason, Config, Event, PeerId, TrackId};
use str0m::media::MediaKind;
use support::{World, config};

const HEAD: usize = 40;
const OPUS: u8 = 1;
const VP8: u8 = 2;
const PICTURES: u64 = 1;
const SOUNDS: u64 = 2;

struct Writer {
    source: PeerId,
    stream: UnixStream,
    heard: Vec<u8>,
    /// The core's clock at its greeting.
    captured: i64,
    timestamp: i64,
}

impl Writer {
    fn new(world: &World) -> Self {
        Writer::feeding(world, world.sfu.open_source().unwrap())
    }

    fn feeding(world: &World, source: PeerId) -> Self {
        let (stream, theirs) = UnixStream::pair().unwrap();
        world.sfu.feed_source(source, theirs).unwrap();
        stream.set_nonblocking(true).unwrap();
        Writer { source, stream, heard: Vec::new(), captured: 0, timestamp: 90_000 }
    }

    fn greeted(&mut self, world: &mut World) {
        world.until("a greeting", |_| self.hear().first().is_some_and(|(kind, _)| *kind == 0));
        self.captured = i64::from_le_bytes(self.heard[16..24].try_into().unwrap());
    }

    /// Kinds and tracks of what the core said.
    fn hear(&mut self) -> Vec<(u8, u64)> {
        let mut buffer = [0; 4096];
        match self.stream.read(&mut buffer) {
            Ok(count) => self.heard.extend_from_slice(&buffer[..count]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => panic!("{error}"),
        }
        let head = |head: &[u8]| (head[4], u64::from_le_bytes(head[8..16].try_into().unwrap()));
        self.heard.chunks_exact(HEAD).map(head).collect()
    }

    fn wishes(&mut self) -> usize {
        self.hear().iter().filter(|said| **said == (3, PICTURES)).count()
    }

    fn say(&mut self, kind: u8, codec: u8, numbers: [u64; 4], body: &[u8]) {
        let mut message = (body.len() as u32).to_le_bytes().to_vec();
        message.extend([kind, codec, 0, 0]);
        numbers.iter().for_each(|number| message.extend(number.to_le_bytes()));
        message.extend_from_slice(body);
        self.write(&message);
    }

    /// Waits where the core does not read as fast.
    fn write(&mut self, mut message: &[u8]) {
        while !message.is_empty() {
            match self.stream.write(message) {
                Ok(count) => message = &message[count..],
                Err(error) if error.kind() == ErrorKind::WouldBlock => std::thread::sleep(Duration::from_millis(1)),
                Err(error) => panic!("{error}"),
            }
        }
    }

    fn hello(&mut self, number: u64, codec: u8) {
        self.say(0, codec, [number, 0, 0, 1], &[]);
    }

    /// As `hello`, of one that makes no keyframes when asked.
    fn hello_of_an_encoder(&mut self) {
        let mut message = [0; HEAD];
        (message[5], message[6], message[8], message[32]) = (VP8, 1, PICTURES as u8, 1);
        self.write(&message);
    }

    fn picture(&mut self, key: bool, length: usize) {
        self.timestamp += 3000;
        self.captured += 33_333;
        let mut frame = vec![0x5a; length];
        frame[0] = u8::from(!key) | 0x10;
        frame[3..10].copy_from_slice(&[0x9d, 0x01, 0x2a, 0x40, 0x01, 0xb4, 0x00]);
        self.say(1, 0, [PICTURES, self.captured as u64, self.timestamp as u64, 0], &frame);
    }

    fn sound(&mut self) {
        self.say(1, 0, [SOUNDS, self.captured as u64, self.captured as u64 * 48 / 1000, 0], &[0x5a; 60]);
    }
}

fn ended(world: &World, source: PeerId) -> Vec<&'static str> {
    let reason = |event: &Event| match event {
        Event::FeedEnded { peer, reason } if *peer == source => Some(*reason),
        _ => None,
    };
    world.events.iter().filter_map(reason).collect()
}

fn ended_tracks(world: &World) -> Vec<TrackId> {
    let track = |event: &Event| match event {
        Event::TrackEnded { track, .. } => Some(*track),
        _ => None,
    };
    world.events.iter().filter_map(track).collect()
}

fn published(world: &mut World) -> (Writer, TrackId) {
    let mut writer = Writer::new(world);
    writer.greeted(world);
    writer.hello(PICTURES, VP8);
    writer.picture(false, 500);
    writer.picture(true, 4000);
    world.until("published", |world| !world.tracks_of(writer.source).is_empty());
    let track = world.tracks_of(writer.source)[0];
    (writer, track)
}

#[test]
fn frames_reach_subscribers_and_requests_come_back() {
    let mut world = World::new();
    let (mut writer, track) = published(&mut world);
    let told = world.events.iter().find_map(|event| match event {
        Event::TrackStarted { mid, kind, mime, .. } => Some((mid.clone(), *kind, mime.clone())),
        _ => None,
    });
    assert_eq!(told, Some(("1".into(), MediaKind::Video, "video/vp8".into())));
    let subscriber = world.subscriber();
    world.let_keyframes_age();
    world.subscribe(subscriber, track);
    world.until("a keyframe is wished for", |_| writer.wishes() > 0);
    writer.picture(false, 2000);
    writer.picture(true, 30_000);
    writer.picture(false, 2000);
    world.until("all packets", |world| world.clients[subscriber].received.len() == 26 + 2);
    let got = &world.clients[subscriber].received;
    assert!(got[0].keyframe && got[25].marker && !got[24].marker && got[27].marker);
    assert!(got.windows(2).all(|two| two[1].sequence == two[0].sequence + 1));
    assert_eq!(got[27].timestamp - got[0].timestamp, 3000);
    let mid = got[0].mid;
    let asked = writer.wishes();
    world.run(Duration::from_millis(350));
    world.clients[subscriber].request_keyframe(mid);
    world.until("the subscriber's wish", |_| writer.wishes() > asked);

    let late = world.subscriber();
    writer.picture(true, 5000);
    world.until("the key", |world| world.clients[subscriber].received.len() == 33);
    world.subscribe(late, track);
    world.until("the young keyframe", |world| world.clients[late].received.len() == 5);
    assert!(world.clients[late].received[0].keyframe);
}

#[test]
fn the_next_feed_goes_on_with_the_same_tracks() {
    let mut world = World::new();
    let (mut writer, track) = published(&mut world);
    let subscriber = world.subscriber();
    world.subscribe(subscriber, track);
    writer.picture(true, 1000);
    world.until("begun", |world| world.clients[subscriber].received.iter().any(|packet| packet.keyframe));
    let source = writer.source;
    drop(writer);
    world.until("over", |world| ended(world, source) == ["closed"]);
    assert!(ended_tracks(&world).is_empty());

    let before = world.clients[subscriber].received.len();
    let mut again = Writer::feeding(&world, source);
    again.greeted(&mut world);
    again.hello(PICTURES, VP8);
    again.hello(SOUNDS, OPUS);
    again.sound();
    again.picture(true, 1000);
    world.until("it goes on", |world| world.clients[subscriber].received.len() > before);
    let got = &world.clients[subscriber].received;
    assert!(got[before].keyframe && got[before].sequence == got[before - 1].sequence + 1);
    assert_eq!(world.tracks_of(source).len(), 2, "the sound is new, the picture is not");

    let mut newest = Writer::feeding(&world, source);
    newest.greeted(&mut world);
    world.until("the one before is let go", |_| matches!(again.stream.read(&mut [0; 4096]), Ok(0)));
    newest.hello(PICTURES, VP8);
    newest.picture(true, 1000);
    newest.say(2, 0, [PICTURES, 0, 0, 0], &[]);
    world.until("its writer ends it", |world| ended_tracks(world) == [track]);
    world.sfu.close_peer(source);
    world.until("closed", |world| world.closed(source) == Some(CloseReason::Closed));
    assert_eq!(ended_tracks(&world).len(), 2);
    world.until("nobody reads any more", |_| matches!(newest.stream.read(&mut [0; 4096]), Ok(0)));
}

#[test]
fn an_encoder_that_makes_no_keyframes_keeps_nobody_waiting() {
    let mut world = World::new();
    let mut writer = Writer::new(&world);
    writer.greeted(&mut world);
    writer.hello_of_an_encoder();
    writer.picture(true, 30_000);
    for _ in 0..60 {
        writer.picture(false, 3000);
    }
    world.until("published", |world| !world.tracks_of(writer.source).is_empty());
    let track = world.tracks_of(writer.source)[0];
    let subscriber = world.subscriber();
    world.let_keyframes_age();
    world.subscribe(subscriber, track);
    let all = 26 + 60 * 3;
    world.until("all since the keyframe", |world| world.clients[subscriber].received.len() == all);
    writer.picture(false, 3000);
    world.until("and on", |world| world.clients[subscriber].received.len() == all + 3);
    let got = &world.clients[subscriber].received;
    assert!(got[0].keyframe && got.windows(2).all(|two| two[1].sequence == two[0].sequence + 1));
    assert!(
        got.windows(2).all(|two| two[1].timestamp >= two[0].timestamp && two[1].timestamp - two[0].timestamp <= 3000)
    );
    let quick = got[all - 1].timestamp - got[0].timestamp;
    assert!(quick <= 3600, "{quick} ticks: within a moment");
    assert!(got[26].timestamp > got[0].timestamp && got[all].timestamp - got[all - 1].timestamp == 3000);

    let mid = got[0].mid;
    world.clients[subscriber].request_keyframe(mid);
    world.until("all once more", |world| world.clients[subscriber].received.len() == 2 * (all + 3));
    let got = &world.clients[subscriber].received;
    assert!(got[all + 3].keyframe && got.windows(2).all(|two| two[1].sequence == two[0].sequence + 1));
    assert!(got.windows(2).all(|two| two[1].timestamp >= two[0].timestamp));

    let late = world.subscriber();
    world.subscribe(late, track);
    world.until("begun", |world| world.clients[late].received.len() > 10);
    writer.picture(true, 1000);
    world.until("the new keyframe", |world| world.clients[late].received.last().is_some_and(|packet| packet.keyframe));
    let got = &world.clients[late].received;
    assert!(got.windows(2).all(|two| two[1].sequence == two[0].sequence + 1), "without a gap");
}

#[test]
fn what_makes_no_sense_ends_the_feed() {
    let mut world = World::with(Config { vanish_after: Duration::from_secs(2), ..config() });
    let sources: Vec<PeerId> = (0..5).map(|_| world.sfu.open_source().unwrap()).collect();
    let mut writers: Vec<Writer> = sources.iter().map(|source| Writer::feeding(&world, *source)).collect();
    for writer in &mut writers {
        writer.greeted(&mut world);
    }
    writers[0].stream.write_all(&[0xff; 64]).unwrap();
    writers[1].picture(true, 1000);
    writers[2].hello(PICTURES, VP8);
    writers[2].say(1, 0, [PICTURES, 0, 0, 0], &[0x10, 0, 0, 1, 2, 3]);
    writers[3].hello(PICTURES, 3);
    for source in &sources[..4] {
        world.until("refused", |world| ended(world, *source) == ["garbage"]);
    }
    world.until("given up", |world| ended(world, sources[4]) == ["silent"]);
    assert!(world.closed(sources[0]).is_none(), "whose peer it is decides");
}

#[test]
fn a_listener_gets_the_time_the_writer_told() {
    let mut world = World::new();
    let (mut writer, track) = published(&mut world);
    let (mut tap, theirs) = UnixStream::pair().unwrap();
    tap.set_nonblocking(true).unwrap();
    let number = world.sfu.open_tap(theirs).unwrap();
    world.let_keyframes_age();
    world.sfu.tap(number, track);
    world.until("a keyframe is wished for", |_| writer.wishes() > 0);
    writer.picture(true, 3000);
    let mut heard = Vec::new();
    world.until("the frame", |_| {
        let mut buffer = [0; 8192];
        if let Ok(count) = tap.read(&mut buffer) {
            heard.extend_from_slice(&buffer[..count]);
        }
        heard.len() >= HEAD + HEAD + 3000
    });
    let captured = i64::from_le_bytes(heard[HEAD + 16..HEAD + 24].try_into().unwrap());
    assert_eq!(captured, writer.captured);
}
