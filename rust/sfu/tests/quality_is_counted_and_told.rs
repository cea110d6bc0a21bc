//! Tracks and subscribers are measured every so often, and once more when they end; loss is seen on both ways.

#![allow(missing_docs)]

mod support;

use std::time::Duration;

use polyroom_sfu::{Config, Event, PeerId, Sample, TrackId};
use str0m::media::MediaKind;
use support::{World, config};

const EVERY: Duration = Duration::from_millis(600);

fn samples(world: &World) -> Vec<&Sample> {
    let mut found = Vec::new();
    for event in &world.events {
        if let Event::Measured { samples } = event {
            found.extend(samples);
        }
    }
    found
}

fn of_track(world: &World, id: TrackId) -> Vec<&Sample> {
    samples(world).into_iter().filter(|sample| sample.track == Some(id)).collect()
}

fn of_peer(world: &World, id: PeerId) -> Vec<&Sample> {
    samples(world).into_iter().filter(|sample| sample.track.is_none() && sample.peer == id).collect()
}

fn sum(samples: &[&Sample], of: impl Fn(&Sample) -> u64) -> u64 {
    samples.iter().map(|sample| of(sample)).sum()
}

#[test]
fn quality_is_counted_and_told() {
    let mut world = World::with(Config { sample_every: EVERY, ..config() });
    let publisher = world.publisher(&[MediaKind::Video]);
    let track = world.start_track(publisher, 0);
    let subscriber = world.subscriber();
    let (sender, receiver) = (world.peer(publisher), world.peer(subscriber));
    world.subscribe(subscriber, track);
    world.until("watched", |world| {
        world.clients[publisher].send_frame(0, true, 1);
        !world.clients[subscriber].received.is_empty()
    });

    world.clients[publisher].lose(7);
    world.clients[subscriber].deaf_for = 3;
    world.until("measured twice", |world| {
        world.play(publisher, 0, 1);
        let asked = sum(&of_peer(world, receiver), |sample| sample.nacks) > 0;
        asked && of_track(world, track).len() >= 2 && of_peer(world, receiver).len() >= 2
    });
    world.sfu.close_peer(receiver);
    world.until("gone", |world| world.closed(receiver).is_some());
    world.sfu.close_peer(sender);
    world.until("gone", |world| world.closed(sender).is_some());

    let sent = of_track(&world, track);
    let last = sent.last().unwrap();
    assert_eq!(sent.iter().filter(|sample| sample.last).count(), 1, "told once that it ended");
    assert!(last.last && last.peer == sender && last.kind == MediaKind::Video);
    assert_eq!(sum(&sent, |sample| sample.lost), 7);
    assert!(sent.iter().any(|sample| sample.nacks > 0), "the publisher was asked for them");
    assert!(sent.iter().any(|sample| sample.round_trip.is_some()));
    assert!(sent.iter().all(|sample| sample.size == (1280, 720)));
    assert!(sent.iter().any(|sample| sample.streams == 1), "one subscriber");
    let (packets, frames) = (sum(&sent, |sample| sample.packets), sum(&sent, |sample| sample.frames));
    assert_eq!(sum(&sent, |sample| sample.bytes), packets * 1000);
    assert!(frames > packets / 4 && frames <= packets, "{frames} pictures in {packets} packets");
    let whole: Duration = sent.iter().map(|sample| sample.span).sum();
    assert!(whole >= 2 * EVERY.saturating_sub(Duration::from_millis(300)), "{whole:?}");

    let received = of_peer(&world, receiver);
    assert!(received.iter().all(|sample| sample.kind == MediaKind::Video && sample.streams == 1));
    assert!(received.iter().any(|sample| sample.round_trip.is_some()));
    let heard = world.clients[subscriber].received.len() as u64;
    assert!(sum(&received, |sample| sample.packets) >= heard / 2);
    assert!(sum(&received, |sample| sample.frames) > 0);
    let ended = world.events.iter().position(|event| matches!(event, Event::TrackEnded { .. })).unwrap();
    let told = |event: &Event| matches!(event, Event::Measured { samples } if samples.iter().any(|one| one.last && one.track.is_some()));
    assert!(world.events[..ended].iter().any(told), "the last sample comes before the end of its track");
}
