//! Session descriptions made of noise are refused, one by one, and the peer lives on.

#![allow(missing_docs)]

mod support;

use polyroom_sfu::{Event, Role};
use str0m::media::MediaKind;
use support::{Client, World};

#[test]
fn hostile_descriptions_are_refused() {
    let mut world = World::new();
    let peer = world.sfu.open_peer(Role::Publisher).unwrap();
    let mut client = Client::new(peer);
    let good = client.offer(&[MediaKind::Audio, MediaKind::Video]);
    let mut seed = 88172645463325252u64;
    for id in 10..400 {
        let mut bytes = good.clone().into_bytes();
        for _ in 0..1 + id % 7 {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            let at = seed as usize % bytes.len();
            match seed >> 60 {
                0..=7 => bytes[at] = (seed >> 32) as u8 & 0x7f,
                8..=11 => bytes.truncate(at.max(1)),
                _ => bytes.extend_from_within(at..),
            }
        }
        let Ok(text) = String::from_utf8(bytes) else { continue };
        // On a peer of its own: damaged text can still be a good offer, with other keys.
        let victim = world.sfu.open_peer(Role::Publisher).unwrap();
        world.sfu.offer(victim, id, &text);
        world.sfu.close_peer(victim);
    }
    world.sfu.offer(peer, 1, "");
    world.sfu.offer(peer, 2, &good);
    world.clients.push(client);
    world.until("connected after all", |world| world.clients[0].connected);
    let panics =
        |e: &Event| matches!(e, Event::PeerClosed { reason, .. } if *reason == polyroom_sfu::CloseReason::Panic);
    assert_eq!(world.events.iter().filter(|e| panics(e)).count(), 0);
    assert!(world.events.iter().any(|e| matches!(e, Event::SdpRejected { offer_id: 1, .. })));
}
