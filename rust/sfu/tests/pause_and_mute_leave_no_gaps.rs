//! What a subscriber did not get over a pause or a mute does not look like loss to it.

#![allow(missing_docs)]

mod support;

use std::time::Duration;

use str0m::media::MediaKind;
use support::World;

#[test]
fn pause_and_mute_leave_no_gaps() {
    let mut world = World::new();
    let publisher = world.publisher(&[MediaKind::Video]);
    let track = world.start_track(publisher, 0);
    let subscriber = world.subscriber();
    world.let_keyframes_age();
    world.subscribe(subscriber, track);
    world.until("keyframe asked", |world| world.clients[publisher].keyframe_requests > 0);
    let peer = world.peer(subscriber);

    for step in 0..3 {
        let heard = world.clients[subscriber].received.len();
        world.clients[publisher].send_frame(0, true, 3);
        world.play(publisher, 0, 5);
        world.until("playing", |world| world.clients[subscriber].received.len() >= heard + 18);
        let set = |held: bool| match step {
            0 => world.sfu.set_paused(peer, track, held),
            _ => world.sfu.set_muted(track, held),
        };
        set(true);
        world.run(Duration::from_millis(30));
        let heard = world.clients[subscriber].received.len();
        world.play(publisher, 0, 10);
        assert_eq!(world.clients[subscriber].received.len(), heard, "held back");
        let set = |held: bool| match step {
            0 => world.sfu.set_paused(peer, track, held),
            _ => world.sfu.set_muted(track, held),
        };
        set(false);
        world.run(Duration::from_millis(30));
        world.play(publisher, 0, 2);
        assert_eq!(world.clients[subscriber].received.len(), heard, "resumed without a keyframe");
    }
    let received = &world.clients[subscriber].received;
    assert!(received.windows(2).all(|two| two[1].sequence == two[0].sequence + 1));
    assert!(received.windows(2).all(|two| two[1].timestamp.wrapping_sub(two[0].timestamp) < 90_000));
    assert!(received.iter().filter(|packet| packet.keyframe).count() >= 3);
}
