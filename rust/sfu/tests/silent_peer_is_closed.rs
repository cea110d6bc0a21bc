//! A peer that stopped without a word is closed as vanished; one that only listens is not.

#![allow(missing_docs)]

mod support;

use std::time::Duration;

use polyroom_sfu::{CloseReason, Config};
use support::{World, config};

#[test]
fn silent_peer_is_closed() {
    let mut world = World::with(Config { vanish_after: Duration::from_secs(4), ..config() });
    let quiet = world.subscriber();
    let listening = world.subscriber();
    world.clients[quiet].dead = true;
    let peer = world.peer(quiet);
    world.until("vanished", |world| world.closed(peer) == Some(CloseReason::Vanished));
    assert_eq!(world.closed(world.peer(listening)), None);
}

#[test]
fn a_client_that_says_goodbye_is_closed_at_once() {
    let mut world = World::new();
    let subscriber = world.subscriber();
    let peer = world.peer(subscriber);
    world.clients[subscriber].rtc.close().unwrap();
    world.until("closed", |world| world.closed(peer) == Some(CloseReason::Closed));
}
