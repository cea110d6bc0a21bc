//! An unsubscribed track loses its m-line; subscribing again opens a fresh one.

#![allow(missing_docs)]

mod support;

use polyroom_sfu::{Event, PeerId};
use str0m::media::MediaKind;
use support::World;

fn last_offer(world: &World, subscriber: PeerId) -> (usize, String, Vec<(String, String)>) {
    let offers = world.events.iter().filter_map(|event| match event {
        Event::Offer { peer, sdp, tracks, .. } if *peer == subscriber => Some((sdp.clone(), tracks.clone())),
        _ => None,
    });
    let offers: Vec<_> = offers.collect();
    let (sdp, tracks) = offers.last().unwrap().clone();
    (offers.len(), sdp, tracks)
}

#[test]
fn unsubscribe_takes_the_line_out() {
    let mut world = World::new();
    let publisher = world.publisher(&[MediaKind::Audio]);
    let track = world.start_track(publisher, 0);
    let subscriber = world.subscriber();
    let peer = world.peer(subscriber);
    world.subscribe(subscriber, track);
    world.until("first packet", |world| {
        world.clients[publisher].send_frame(0, false, 1);
        !world.clients[subscriber].received.is_empty()
    });
    let (count, _, tracks) = last_offer(&world, peer);
    let first_mid = tracks[0].0.clone();

    world.sfu.unsubscribe(peer, vec![track]);
    world.until("offer without it", |world| last_offer(world, peer).0 > count);
    let (count, sdp, tracks) = last_offer(&world, peer);
    assert!(tracks.is_empty());
    assert!(sdp.contains("m=audio 0 "), "{sdp}");
    let heard = world.clients[subscriber].received.len();
    world.play(publisher, 0, 5);
    assert_eq!(world.clients[subscriber].received.len(), heard);

    world.subscribe(subscriber, track);
    world.until("offer with it", |world| last_offer(world, peer).0 > count);
    let (_, _, tracks) = last_offer(&world, peer);
    assert_ne!(tracks[0].0, first_mid, "a stopped line came back");
    world.until("packets again", |world| {
        world.clients[publisher].send_frame(0, false, 1);
        world.clients[subscriber].received.len() > heard
    });
}
