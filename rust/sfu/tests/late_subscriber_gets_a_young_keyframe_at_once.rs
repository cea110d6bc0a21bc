//! Who comes just after a keyframe starts with it, without another one being asked for.

#![allow(missing_docs)]

mod support;

use str0m::media::MediaKind;
use support::World;

#[test]
fn late_subscriber_gets_a_young_keyframe_at_once() {
    let mut world = World::new();
    let publisher = world.publisher(&[MediaKind::Video]);
    let track = world.start_track(publisher, 0);
    let subscriber = world.subscriber();
    world.clients[publisher].send_frame(0, true, 3);
    world.clients[publisher].send_frame(0, false, 2);
    let asked = world.clients[publisher].keyframe_requests;
    world.subscribe(subscriber, track);
    world.until("the group of pictures so far", |world| world.clients[subscriber].received.len() >= 5);
    assert!(world.clients[subscriber].received[0].keyframe);
    assert_eq!(world.clients[publisher].keyframe_requests, asked, "no keyframe was needed");
    world.clients[publisher].send_frame(0, false, 2);
    world.until("what follows", |world| world.clients[subscriber].received.len() >= 7);
}
