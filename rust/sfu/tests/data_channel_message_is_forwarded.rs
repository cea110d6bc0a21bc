//! Messages come in from publishers and go out to subscribers, on the channel of the same name.

#![allow(missing_docs)]

mod support;

use polyroom_sfu::{Error, Event, MAX_MESSAGE};
use support::World;

fn has(world: &World, client: usize, label: &str, payload: &[u8]) -> bool {
    world.clients[client].messages.iter().any(|(l, p)| l == label && p == payload)
}

#[test]
fn data_channel_message_is_forwarded() {
    let mut world = World::new();
    let publisher = world.publisher(&[]);
    let subscriber = world.subscriber();
    for (label, wanted) in [("_reliable", true), ("_lossy", false)] {
        world.until("sent", |world| world.clients[publisher].send_message(label, label.as_bytes()));
        world.until("told", |world| {
            world.events.iter().any(|event| {
                matches!(event, Event::DataReceived { reliable, payload, .. }
                    if *reliable == wanted && payload == label.as_bytes())
            })
        });
        let peer = world.peer(subscriber);
        world.until("forwarded", |world| {
            world.sfu.send_data(vec![peer], wanted, label.as_bytes()).unwrap();
            world.step();
            has(world, subscriber, label, label.as_bytes())
        });
    }
}

#[test]
fn reliable_messages_wait_for_the_channel_and_for_room() {
    let mut world = World::new();
    let subscriber = world.subscriber();
    let peer = world.peer(subscriber);
    for i in 0..64u8 {
        world.sfu.send_data(vec![peer], true, &[i; 32 * 1024]).unwrap();
    }
    world.until("all of 2 MiB", |world| world.clients[subscriber].messages.len() == 64);
    assert!(world.clients[subscriber].messages.iter().enumerate().all(|(i, (_, payload))| payload[0] == i as u8));
    assert!(matches!(world.sfu.send_data(vec![peer], true, &[0; MAX_MESSAGE + 1]), Err(Error::MessageTooLarge)));
}
