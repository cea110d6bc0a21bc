//! One publisher's packets arrive at all subscribers, renumbered without gaps.

#![allow(missing_docs)]

mod support;

use str0m::media::MediaKind;
use support::World;

#[test]
fn media_reaches_every_subscriber() {
    let mut world = World::new();
    let publisher = world.publisher(&[MediaKind::Video]);
    let track = world.start_track(publisher, 0);
    world.let_keyframes_age();
    let subscribers: Vec<usize> = (0..3).map(|_| world.subscriber()).collect();
    for subscriber in &subscribers {
        world.subscribe(*subscriber, track);
    }
    world.until("keyframe asked", |world| world.clients[publisher].keyframe_requests > 0);
    world.run(std::time::Duration::from_millis(100));
    world.clients[publisher].send_frame(0, true, 3);
    world.play(publisher, 0, 30);
    world.until("all packets", |world| subscribers.iter().all(|s| world.clients[*s].received.len() >= 93));
    for subscriber in subscribers {
        let received = &world.clients[subscriber].received;
        assert!(received[0].keyframe);
        assert!(received.windows(2).all(|two| two[1].sequence == two[0].sequence + 1));
        assert!(received.iter().skip(2).step_by(3).all(|packet| packet.marker));
    }
}
