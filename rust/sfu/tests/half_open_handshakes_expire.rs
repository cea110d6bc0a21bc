//! Peers whose client never comes are closed, and their places are free again.

#![allow(missing_docs)]

mod support;

use std::time::Duration;

use polyroom_sfu::{CloseReason, Config, Error, Role};
use support::{World, config};

#[test]
fn half_open_handshakes_expire() {
    let limits = Config { handshake_timeout: Duration::from_secs(2), max_peers: 300, ..config() };
    let mut world = World::with(limits);
    let connected = world.subscriber();
    let half_open: Vec<_> = (1..300).map(|_| world.sfu.open_peer(Role::Subscriber).unwrap()).collect();
    for peer in &half_open {
        world.sfu.negotiate(*peer);
    }
    assert!(matches!(world.sfu.open_peer(Role::Publisher), Err(Error::TooManyPeers)));
    world.until("all expired", |world| {
        half_open.iter().all(|peer| world.closed(*peer) == Some(CloseReason::HandshakeTimeout))
    });
    assert_eq!(world.closed(world.peer(connected)), None);
    world.sfu.open_peer(Role::Publisher).unwrap();
}
