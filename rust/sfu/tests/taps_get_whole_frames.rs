//! A listener inside the server gets whole frames, in order, and never holds up those outside.

#![allow(missing_docs)]

mod support;

use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use polyroom_sfu::{Config, Event, TapId, TrackId};
use str0m::media::MediaKind;
use support::{World, config};

const HEAD: usize = 40;

#[derive(Debug)]
struct Told {
    kind: u8,
    codec: u8,
    key: bool,
    gap: bool,
    track: u64,
    captured: i64,
    timestamp: i64,
    number: u64,
    length: usize,
}

struct Listener {
    tap: TapId,
    stream: UnixStream,
    bytes: Vec<u8>,
}

impl Listener {
    fn new(world: &World) -> Self {
        let (stream, theirs) = UnixStream::pair().unwrap();
        stream.set_nonblocking(true).unwrap();
        Listener { tap: world.sfu.open_tap(theirs).unwrap(), stream, bytes: Vec::new() }
    }

    fn read(&mut self) {
        let mut buffer = [0; 65_536];
        loop {
            match self.stream.read(&mut buffer) {
                Ok(0) => return,
                Ok(count) => self.bytes.extend_from_slice(&buffer[..count]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// Everything heard so far.
    fn told(&mut self) -> Vec<Told> {
        self.read();
        let mut told = Vec::new();
        let mut rest = &self.bytes[..];
        while rest.len() >= HEAD {
            let length = u32::from_le_bytes(rest[..4].try_into().unwrap()) as usize;
            if rest.len() < HEAD + length {
                break;
            }
            let number = |at: usize| u64::from_le_bytes(rest[at..at + 8].try_into().unwrap());
            told.push(Told {
                kind: rest[4],
                codec: rest[5],
                key: rest[6] & 1 != 0,
                gap: rest[6] & 2 != 0,
                track: number(8),
                captured: number(16) as i64,
                timestamp: number(24) as i64,
                number: number(32),
                length,
            });
            rest = &rest[HEAD + length..];
        }
        told
    }

    fn frames(&mut self) -> Vec<Told> {
        self.told().into_iter().filter(|told| told.kind == 1).collect()
    }
}

fn closed(world: &World, id: TapId) -> Option<(u64, u64)> {
    world.events.iter().find_map(|event| match event {
        Event::TapClosed { tap, frames, dropped } if *tap == id => Some((*frames, *dropped)),
        _ => None,
    })
}

fn tapped(world: &mut World) -> (usize, TrackId, Listener) {
    let publisher = world.publisher(&[MediaKind::Video]);
    let track = world.start_track(publisher, 0);
    world.let_keyframes_age();
    let listener = Listener::new(world);
    world.sfu.tap(listener.tap, track);
    (publisher, track, listener)
}

#[test]
fn frames_come_whole_and_stamped() {
    let mut world = World::new();
    let (publisher, track, mut listener) = tapped(&mut world);
    world.until("keyframe asked", |world| world.clients[publisher].keyframe_requests > 0);
    world.play(publisher, 0, 3);
    assert!(listener.frames().is_empty(), "nothing before a keyframe");
    world.clients[publisher].send_frame(0, true, 4);
    world.play(publisher, 0, 20);
    world.until("all frames", |_| listener.frames().len() >= 21);
    let told = listener.told();
    assert_eq!((told[0].kind, told[0].number), (0, 1), "it is greeted in version 1");
    let frames = &told[1..];
    assert!(frames[0].key && frames[0].codec == 2 && frames[0].track == track.0);
    assert_eq!(frames[0].length, 4 * 999);
    assert!(frames[1..].iter().all(|frame| !frame.key && !frame.gap && frame.length == 3 * 999));
    assert!(frames.windows(2).all(|two| two[1].timestamp == two[0].timestamp + 3000));
    assert!(frames.windows(2).all(|two| two[1].number == two[0].number + 1));
    assert!(frames.windows(2).all(|two| two[1].captured >= two[0].captured));
    let early = frames[0].captured.abs_diff(told[0].captured);
    assert!(early < 8_000_000, "{early} µs after the greeting");

    let asked = world.clients[publisher].keyframe_requests;
    let request: Vec<u8> = [1u64, track.0].iter().flat_map(|number| number.to_le_bytes()).collect();
    world.run(Duration::from_millis(350));
    listener.stream.write_all(&request).unwrap();
    world.until("keyframe asked", |world| world.clients[publisher].keyframe_requests > asked);

    world.sfu.close_peer(world.peer(publisher));
    world.until("the end is told", |_| listener.told().last().is_some_and(|told| told.kind == 2));
    world.sfu.close_tap(listener.tap);
    world.until("closed", |world| closed(world, listener.tap).is_some());
    assert_eq!(closed(&world, listener.tap), Some((21, 0)));
}

#[test]
fn a_lost_packet_costs_the_frames_up_to_the_next_keyframe() {
    let mut world = World::new();
    let (publisher, _, mut listener) = tapped(&mut world);
    world.until("keyframe asked", |world| world.clients[publisher].keyframe_requests > 0);
    world.clients[publisher].send_frame(0, true, 2);
    world.until("begun", |_| listener.frames().len() == 1);
    let asked = world.clients[publisher].keyframe_requests;
    world.clients[publisher].lose(1);
    world.until("keyframe asked", |world| {
        world.play(publisher, 0, 1);
        world.clients[publisher].keyframe_requests > asked
    });
    assert_eq!(listener.frames().len(), 1);
    world.clients[publisher].send_frame(0, true, 2);
    world.until("gone on", |_| listener.frames().len() == 2);
    let last = listener.frames().pop().unwrap();
    assert!(last.key && last.gap);
}

#[test]
fn a_listener_that_does_not_read_holds_up_nobody() {
    let mut world = World::with(Config { tap_queue: 512 * 1024, ..config() });
    let (publisher, track, mut listener) = tapped(&mut world);
    let subscriber = world.subscriber();
    world.subscribe(subscriber, track);
    world.until("keyframe asked", |world| world.clients[publisher].keyframe_requests > 0);
    world.run(Duration::from_millis(100));
    let frames = 60;
    for number in 0..frames {
        world.clients[publisher].send_frame(0, number % 10 == 0, 30);
        let sent = (number + 1) * 30;
        world.until("forwarded", |world| world.clients[subscriber].received.len() >= sent);
    }
    world.until("all that waited", |_| {
        let before = listener.bytes.len();
        listener.read();
        listener.bytes.len() == before
    });
    let got = listener.frames();
    assert!(got.len() > 15 && got.len() < frames, "{} of {frames} fitted", got.len());
    assert!(got.windows(2).all(|two| two[1].number == two[0].number + 1 || (two[1].key && two[1].gap)));
    let number = got.last().unwrap().number;
    world.until("it goes on with a keyframe", |world| {
        world.clients[publisher].send_frame(0, true, 2);
        world.run(Duration::from_millis(10));
        listener.frames().last().is_some_and(|frame| frame.number > number && frame.key)
    });
    drop(listener.stream);
    world.until("its end is noticed", |world| closed(world, listener.tap).is_some());
    assert!(closed(&world, listener.tap).unwrap().1 > 0, "what did not fit was counted");
}
