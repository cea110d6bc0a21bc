//! Random bytes, broken STUN and records of strangers disturb nobody and leave nothing behind.

#![allow(missing_docs)]

mod support;

use std::net::UdpSocket;
use std::time::Duration;

use str0m::media::MediaKind;
use support::World;

#[test]
fn garbage_is_ignored() {
    let mut world = World::new();
    let publisher = world.publisher(&[MediaKind::Audio]);
    let track = world.start_track(publisher, 0);
    let subscriber = world.subscriber();
    world.subscribe(subscriber, track);
    let stranger = UdpSocket::bind("127.0.0.1:0").unwrap();
    let mut seed = 0x2545_f491_4f6c_dd1du64;
    for round in 0..3000u32 {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        let mut datagram: Vec<u8> = (0..seed % 1400).map(|i| (seed >> (i % 57)) as u8).collect();
        if let [first, second, ..] = datagram.as_mut_slice() {
            // STUN, DTLS, RTP and whatever in turn; some from an address the unit knows.
            *first = [0, 22, 0x80, *first][round as usize % 4];
            *second = if round % 4 == 0 { 1 } else { *second };
        }
        if datagram.len() > 8 && round % 4 == 0 {
            datagram[4..8].copy_from_slice(&[0x21, 0x12, 0xa4, 0x42]);
        }
        let known = &world.clients[publisher].socket;
        let _ = if round % 3 == 0 { known } else { &stranger }.send_to(&datagram, world.server());
        if round % 100 == 0 {
            world.clients[publisher].send_frame(0, false, 1);
            world.step();
        }
    }
    world.until("audio after it", |world| {
        world.clients[publisher].send_frame(0, false, 1);
        world.clients[subscriber].received.len() > 5
    });
    world.run(Duration::from_millis(1300));
    let counters = world.sfu.counters();
    assert!(counters.datagrams_unroutable > 1000, "{counters:?}");
    assert_eq!(counters.peers, 2);
}
