//! A subscriber with a broken decoder cannot make everybody's publisher send keyframes all the time.

#![allow(missing_docs)]

mod support;

use std::time::{Duration, Instant};

use str0m::media::MediaKind;
use support::World;

#[test]
fn constant_keyframe_requests_are_slowed() {
    let mut world = World::new();
    let publisher = world.publisher(&[MediaKind::Video]);
    let track = world.start_track(publisher, 0);
    let subscriber = world.subscriber();
    world.subscribe(subscriber, track);
    world.clients[publisher].send_frame(0, true, 3);
    world.until("playing", |world| world.clients[subscriber].received.len() >= 3);
    let mid = world.clients[subscriber].received[0].mid;
    let before = world.clients[publisher].keyframe_requests;
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(4) {
        world.clients[subscriber].request_keyframe(mid);
        world.clients[publisher].send_frame(0, true, 1);
        world.run(Duration::from_millis(33));
    }
    let asked = world.clients[publisher].keyframe_requests - before;
    assert!((2..=6).contains(&asked), "{asked} in 4 s");
}
