//! A publisher that withdraws a line, or goes, ends its tracks; subscribers are offered their absence.

#![allow(missing_docs)]

mod support;

use polyroom_sfu::{CloseReason, Event};
use str0m::media::MediaKind;
use support::World;

#[test]
fn withdrawn_line_ends_its_track() {
    let mut world = World::new();
    let publisher = world.publisher(&[MediaKind::Audio, MediaKind::Video]);
    let audio = world.start_track(publisher, 0);
    let video = world.start_track(publisher, 1);
    let subscriber = world.subscriber();
    world.subscribe(subscriber, audio);
    world.subscribe(subscriber, video);
    world.run(std::time::Duration::from_millis(200));

    let offer = world.clients[publisher].withdraw(0);
    world.sfu.offer(world.peer(publisher), 2, &offer);
    let name = format!("TR_{}", video.0);
    let ended = |event: &Event| matches!(event, Event::TrackEnded { track, .. } if *track == audio);
    let without =
        |event: &Event| matches!(event, Event::Offer { tracks, .. } if tracks.len() == 1 && tracks[0].1 == name);
    world.until("offered without audio", |world| world.events.iter().skip_while(|e| !ended(e)).any(without));
}

#[test]
fn tracks_end_before_their_peer() {
    let mut world = World::new();
    let publisher = world.publisher(&[MediaKind::Audio]);
    let track = world.start_track(publisher, 0);
    let peer = world.peer(publisher);
    world.sfu.close_peer(peer);
    world.sfu.close_peer(peer);
    world.until("closed", |world| world.closed(peer).is_some());
    world.run(std::time::Duration::from_millis(50));
    let position = |wanted: &dyn Fn(&Event) -> bool| world.events.iter().position(wanted).unwrap();
    let ended = position(&|e| matches!(e, Event::TrackEnded { track: t, .. } if *t == track));
    let closed = position(&|e| matches!(e, Event::PeerClosed { reason: CloseReason::Closed, .. }));
    assert!(ended < closed);
    assert_eq!(world.events.iter().filter(|e| matches!(e, Event::PeerClosed { .. })).count(), 1);
}
