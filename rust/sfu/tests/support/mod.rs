//! A unit with WebRTC clients around it, all on loopback and in one thread.

#![allow(dead_code, missing_docs)]

mod client;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

pub use client::Client;
use polyroom_sfu::{CloseReason, Config, Event, PeerId, Role, Sfu, Subscription, TrackId};
use str0m::media::MediaKind;

/// Far above what any step takes on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(8);

pub struct World {
    pub sfu: Sfu,
    pub clients: Vec<Client>,
    pub events: Vec<Event>,
    /// Offers are answered as they come unless this is off.
    pub answering: bool,
}

pub fn config() -> Config {
    Config { listen: vec!["127.0.0.1:0".parse().unwrap()], ..Config::default() }
}

impl World {
    pub fn new() -> Self {
        World::with(config())
    }

    pub fn with(config: Config) -> Self {
        let sfu = Sfu::start(config).unwrap();
        World { sfu, clients: Vec::new(), events: Vec::new(), answering: true }
    }

    pub fn server(&self) -> SocketAddr {
        self.sfu.local_addresses()[0]
    }

    /// Lets everybody work once.
    pub fn step(&mut self) {
        for client in &mut self.clients {
            client.step();
        }
        for event in self.sfu.poll_events(1024) {
            self.hear(event);
        }
        std::thread::sleep(Duration::from_micros(300));
    }

    fn hear(&mut self, event: Event) {
        match &event {
            Event::Answer { peer, sdp, .. } => {
                if let Some(client) = self.clients.iter_mut().find(|c| c.peer == *peer) {
                    client.accept_answer(sdp);
                }
            }
            Event::Offer { peer, offer_id, sdp, .. } if self.answering => {
                if let Some(client) = self.clients.iter_mut().find(|c| c.peer == *peer) {
                    let answer = client.answer(sdp);
                    self.sfu.answer(*peer, *offer_id, &answer);
                }
            }
            _ => {}
        }
        self.events.push(event);
    }

    pub fn run(&mut self, duration: Duration) {
        let end = Instant::now() + duration;
        while Instant::now() < end {
            self.step();
        }
    }

    /// Until a subscriber that comes now is not given what was sent so far.
    pub fn let_keyframes_age(&mut self) {
        self.run(Duration::from_millis(450));
    }

    pub fn until(&mut self, what: &str, mut done: impl FnMut(&mut World) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !done(self) {
            assert!(Instant::now() < end, "never happened: {what}; events: {:#?}", self.summary());
            self.step();
        }
    }

    fn summary(&self) -> Vec<String> {
        self.events.iter().map(|event| format!("{event:?}").chars().take(90).collect()).collect()
    }

    /// A connected publisher of the given media, by index into `clients`.
    pub fn publisher(&mut self, kinds: &[MediaKind]) -> usize {
        let peer = self.sfu.open_peer(Role::Publisher).unwrap();
        let mut client = Client::new(peer);
        let offer = client.offer(kinds);
        self.sfu.offer(peer, 1, &offer);
        self.add(client)
    }

    pub fn subscriber(&mut self) -> usize {
        let peer = self.sfu.open_peer(Role::Subscriber).unwrap();
        self.sfu.negotiate(peer);
        self.add(Client::new(peer))
    }

    fn add(&mut self, client: Client) -> usize {
        let index = self.clients.len();
        self.clients.push(client);
        self.until("connected", |world| world.clients[index].connected);
        index
    }

    pub fn peer(&self, client: usize) -> PeerId {
        self.clients[client].peer
    }

    pub fn subscribe(&mut self, client: usize, track: TrackId) {
        let wish = Subscription { track, stream_id: "PA_1|TR_1".into(), track_id: format!("TR_{}", track.0) };
        self.sfu.subscribe(self.peer(client), vec![wish]);
    }

    /// Publishes until the unit tells of the track.
    pub fn start_track(&mut self, publisher: usize, line: usize) -> TrackId {
        let peer = self.peer(publisher);
        let before = self.tracks_of(peer).len();
        self.until("track started", |world| {
            world.clients[publisher].send_frame(line, true, 1);
            world.tracks_of(peer).len() > before
        });
        *self.tracks_of(peer).last().unwrap()
    }

    pub fn tracks_of(&self, publisher: PeerId) -> Vec<TrackId> {
        let started = |event: &Event| match event {
            Event::TrackStarted { peer, track, .. } if *peer == publisher => Some(*track),
            _ => None,
        };
        self.events.iter().filter_map(started).collect()
    }

    pub fn closed(&self, id: PeerId) -> Option<CloseReason> {
        self.events.iter().find_map(|event| match event {
            Event::PeerClosed { peer, reason } if *peer == id => Some(*reason),
            _ => None,
        })
    }

    /// Sends `frames` delta frames of three packets, 10 ms apart.
    pub fn play(&mut self, publisher: usize, line: usize, frames: usize) {
        for _ in 0..frames {
            self.clients[publisher].send_frame(line, false, 3);
            self.run(Duration::from_millis(10));
        }
    }
}
