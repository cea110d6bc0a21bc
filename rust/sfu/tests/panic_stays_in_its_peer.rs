//! A panic in the protocol machine of one peer closes that peer and no other.

#![allow(missing_docs)]

mod support;

use polyroom_sfu::CloseReason;
use str0m::media::MediaKind;
use support::World;

#[test]
fn panic_stays_in_its_peer() {
    let mut world = World::new();
    let publisher = world.publisher(&[MediaKind::Audio]);
    let track = world.start_track(publisher, 0);
    let (unlucky, other) = (world.subscriber(), world.subscriber());
    world.subscribe(unlucky, track);
    world.subscribe(other, track);
    let peer = world.peer(unlucky);
    world.sfu.inject_fault(peer);
    world.until("closed", |world| world.closed(peer) == Some(CloseReason::Panic));
    world.until("audio for the other", |world| {
        world.clients[publisher].send_frame(0, false, 1);
        world.clients[other].received.len() > 5
    });
}
