//! Who comes in the middle of a stream gets nothing before a keyframe, and one is asked for.

#![allow(missing_docs)]

mod support;

use str0m::media::MediaKind;
use support::World;

#[test]
fn late_subscriber_starts_at_a_keyframe() {
    let mut world = World::new();
    let publisher = world.publisher(&[MediaKind::Video]);
    let track = world.start_track(publisher, 0);
    world.play(publisher, 0, 5);
    let subscriber = world.subscriber();
    world.let_keyframes_age();
    world.subscribe(subscriber, track);
    world.until("keyframe asked", |world| {
        world.clients[publisher].send_frame(0, false, 3);
        world.clients[publisher].keyframe_requests > 0
    });
    world.play(publisher, 0, 5);
    assert!(world.clients[subscriber].received.is_empty(), "a delta frame came before any keyframe");
    world.clients[publisher].send_frame(0, true, 3);
    world.play(publisher, 0, 3);
    world.until("packets", |world| world.clients[subscriber].received.len() >= 12);
    assert!(world.clients[subscriber].received[0].keyframe);
}

#[test]
fn an_overdue_keyframe_is_asked_for_again() {
    let mut world = World::new();
    let publisher = world.publisher(&[MediaKind::Video]);
    let track = world.start_track(publisher, 0);
    let subscriber = world.subscriber();
    world.let_keyframes_age();
    world.subscribe(subscriber, track);
    world.until("keyframe asked twice", |world| {
        world.clients[publisher].send_frame(0, false, 1);
        world.clients[publisher].keyframe_requests >= 2
    });
}
