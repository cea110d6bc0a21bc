//! A binding request with the right name but the wrong password moves nobody's media.

#![allow(missing_docs)]

mod support;

use std::net::UdpSocket;
use std::time::Duration;

use str0m::media::MediaKind;
use support::World;

/// A STUN binding request (RFC 8489 §5) with a USERNAME and a MESSAGE-INTEGRITY nobody computed.
fn forged_request(username: &str) -> Vec<u8> {
    let mut attributes = Vec::new();
    let mut add = |kind: u16, value: &[u8]| {
        attributes.extend_from_slice(&kind.to_be_bytes());
        attributes.extend_from_slice(&(value.len() as u16).to_be_bytes());
        attributes.extend_from_slice(value);
        attributes.resize(attributes.len().next_multiple_of(4), 0);
    };
    add(0x0006, username.as_bytes());
    add(0x0024, &1u32.to_be_bytes());
    add(0x0025, &[]);
    add(0x0008, &[7; 20]);
    let mut message = vec![0, 1];
    message.extend_from_slice(&(attributes.len() as u16).to_be_bytes());
    message.extend_from_slice(&[0x21, 0x12, 0xa4, 0x42]);
    message.extend_from_slice(b"transaction!");
    message.extend(attributes);
    message
}

#[test]
fn forged_stun_binds_no_address() {
    let mut world = World::new();
    let publisher = world.publisher(&[MediaKind::Audio]);
    let track = world.start_track(publisher, 0);
    let subscriber = world.subscriber();
    world.subscribe(subscriber, track);
    world.until("audio", |world| {
        world.clients[publisher].send_frame(0, false, 1);
        !world.clients[subscriber].received.is_empty()
    });

    let thief = UdpSocket::bind("127.0.0.1:0").unwrap();
    thief.set_nonblocking(true).unwrap();
    let remote = world.clients[subscriber].remote_credentials.clone().unwrap();
    let own = world.clients[subscriber].rtc.direct_api().local_ice_credentials();
    for _ in 0..50 {
        thief.send_to(&forged_request(&format!("{}:{}", remote.0, own.ufrag)), world.server()).unwrap();
    }
    let heard = world.clients[subscriber].received.len();
    world.play(publisher, 0, 20);
    world.until("audio still", |world| world.clients[subscriber].received.len() >= heard + 20);
    assert!(thief.recv_from(&mut [0; 2000]).is_err(), "something was sent to the thief");
    world.run(Duration::from_millis(1300));
    assert!(world.sfu.counters().datagrams_unroutable >= 50);
}
