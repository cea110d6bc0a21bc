//! The thread: takes connections, reads them, and forgets them.

use std::collections::BTreeMap;
use std::io;
use std::net::TcpListener;
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::connection::{Connection, Turn};
use crate::epoll::{BROKEN, Epoll, READABLE};
use crate::event::{Command, ConnectionId, EndReason, Event};
use crate::limits::{Counts, holder};
use crate::server::Shared;

const WAKE: u64 = 0;
/// Tokens of listeners lie below those of connections.
const FIRST: u64 = 64;
const TICK: Duration = Duration::from_millis(250);
/// Once the server stops, this long for farewells.
const STOP: Duration = Duration::from_millis(1500);
/// Connections taken before others have their turn again.
const AT_ONCE: usize = 64;

pub(crate) struct Reactor {
    shared: Arc<Shared>,
    epoll: Arc<Epoll>,
    listeners: Vec<TcpListener>,
    connections: BTreeMap<ConnectionId, Connection>,
    half_open: Counts,
    half_open_in_all: usize,
    publishers: Counts,
    publishers_in_all: usize,
    last: u64,
    buffer: Vec<u8>,
    ticked: Instant,
    stop: Option<Instant>,
}

impl Reactor {
    pub fn new(shared: Arc<Shared>, listeners: Vec<TcpListener>) -> io::Result<Self> {
        let epoll = Arc::new(Epoll::new()?);
        epoll.add(shared.wake.raw(), WAKE, READABLE)?;
        for (number, listener) in (1..FIRST).zip(&listeners) {
            listener.set_nonblocking(true)?;
            epoll.add(listener.as_raw_fd(), number, READABLE)?;
        }
        Ok(Reactor {
            shared,
            epoll,
            listeners,
            connections: BTreeMap::new(),
            half_open: Counts::default(),
            half_open_in_all: 0,
            publishers: Counts::default(),
            publishers_in_all: 0,
            last: FIRST,
            buffer: vec![0; 64 * 1024],
            ticked: Instant::now(),
            stop: None,
        })
    }

    /// Runs until stopped.
    pub fn run(mut self) {
        while self.stop.is_none_or(|stop| Instant::now() < stop && !self.connections.is_empty()) {
            let idle = self.connections.is_empty() && self.stop.is_none();
            let timeout = (!idle).then_some(TICK.as_millis() as i32);
            let Ok(ready) = self.epoll.wait(timeout) else { return };
            let now = Instant::now();
            for (token, what) in ready {
                match token {
                    WAKE => self.obey(now),
                    number if number < FIRST => self.take(number as usize - 1, now),
                    token => self.turn(ConnectionId(token / 2), token % 2 == 1, what, now),
                }
            }
            if now >= self.ticked + TICK {
                self.tick(now);
            }
        }
    }

    fn take(&mut self, listener: usize, now: Instant) {
        for _ in 0..AT_ONCE {
            // Too many descriptors, or a client that has gone already: what is due stays due.
            let Ok((socket, address)) = self.listeners[listener].accept() else { return };
            if socket.set_nonblocking(true).and_then(|()| socket.set_nodelay(true)).is_err() {
                continue;
            }
            self.make_room(holder(address.ip()));
            self.last += 1;
            let id = ConnectionId(self.last);
            let mut connection = Connection::new(id, socket, address, &self.shared.limits, now);
            if self.epoll.add(connection.raw(), id.0 * 2, 0).is_err() {
                continue;
            }
            connection.watch(&self.epoll, &self.shared.limits);
            self.half_open.add(connection.holder);
            self.half_open_in_all += 1;
            self.connections.insert(id, connection);
            self.shared.count(|counters| counters.connections_taken += 1);
        }
    }

    /// Puts out the oldest connection that does not publish, of that address where it has too many, else of all.
    fn make_room(&mut self, address: std::net::IpAddr) {
        let limits = &self.shared.limits;
        let of_address = self.half_open.of(address) >= limits.half_open_per_address;
        if !of_address && self.half_open_in_all < limits.half_open {
            return;
        }
        let mut waiting = self.connections.values().filter(|one| !one.live && (!of_address || one.holder == address));
        if let Some(oldest) = waiting.next().map(|one| one.id) {
            self.forget(oldest, EndReason::Full);
        }
    }

    fn turn(&mut self, id: ConnectionId, sink: bool, what: u32, now: Instant) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        let mut turn = Turn::On;
        if sink {
            if what & BROKEN != 0 { connection.unread(now) } else { connection.flush(now) }
        } else if what & READABLE != 0 {
            let before = connection.bytes;
            turn = connection.read(&mut self.buffer, now);
            let count = connection.bytes - before;
            self.shared.count(|counters| counters.bytes_received += count);
        } else if what & BROKEN != 0 {
            connection.lost(now);
        } else {
            connection.flush(now);
        }
        if let Turn::Asked { app, name, encoder } = turn {
            self.ask(id, app, name, encoder, now);
        }
        self.settle(id);
    }

    fn ask(&mut self, id: ConnectionId, app: String, name: String, encoder: String, now: Instant) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        let limits = &self.shared.limits;
        let full = self.publishers_in_all >= limits.publishers
            || self.publishers.of(connection.holder) >= limits.publishers_per_address;
        if full {
            connection.end(EndReason::Full, "NetStream.Publish.Denied", "Too many streams.", now);
            return connection.flush(now);
        }
        connection.announced = true;
        let address = connection.address;
        self.shared.tell(Event::Asked { connection: id, app, name, encoder, address });
    }

    /// After anything happened to a connection.
    fn settle(&mut self, id: ConnectionId) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        connection.watch(&self.epoll, &self.shared.limits);
        if let Some(reason) = connection.ending
            && connection.settled()
        {
            let told = std::mem::take(&mut connection.announced);
            let bytes = connection.bytes;
            let finished = connection.finished();
            if told {
                self.shared.tell(Event::Ended { connection: id, reason, bytes });
            }
            if finished {
                self.forget(id, reason);
            }
        }
    }

    fn forget(&mut self, id: ConnectionId, reason: EndReason) {
        let Some(connection) = self.connections.remove(&id) else { return };
        if connection.live {
            self.publishers.remove(connection.holder);
            self.publishers_in_all -= 1;
        } else {
            self.half_open.remove(connection.holder);
            self.half_open_in_all -= 1;
        }
        if connection.announced {
            self.shared.tell(Event::Ended { connection: id, reason, bytes: connection.bytes });
        }
        if matches!(reason, EndReason::Fault | EndReason::Full | EndReason::Silent) {
            self.shared.count(|counters| counters.connections_refused += 1);
        }
    }

    fn obey(&mut self, now: Instant) {
        for command in self.shared.orders() {
            let id = match command {
                Command::Accept { connection: id, descriptor } => {
                    let Some(connection) = self.connections.get_mut(&id) else { continue };
                    if connection.live || connection.ending.is_some() {
                        continue;
                    }
                    connection.accept(descriptor, &self.epoll, now);
                    if connection.live {
                        self.half_open.remove(connection.holder);
                        self.half_open_in_all -= 1;
                        self.publishers.add(connection.holder);
                        self.publishers_in_all += 1;
                    }
                    id
                }
                Command::Close { connection: id, code, description } => {
                    self.close(id, &code, &description, now);
                    id
                }
                Command::Stop { code, description } => {
                    self.listeners.clear();
                    self.stop = Some(now + STOP);
                    for id in self.connections.keys().copied().collect::<Vec<_>>() {
                        if self.connections.get(&id).is_some_and(|one| one.live) {
                            self.close(id, &code, &description, now);
                            self.settle(id);
                        } else {
                            self.forget(id, EndReason::Closed);
                        }
                    }
                    continue;
                }
            };
            self.settle(id);
        }
    }

    fn close(&mut self, id: ConnectionId, code: &str, description: &str, now: Instant) {
        if let Some(connection) = self.connections.get_mut(&id) {
            connection.end(EndReason::Closed, code, description, now);
            connection.flush(now);
        }
    }

    fn tick(&mut self, now: Instant) {
        self.ticked = now;
        for id in self.connections.keys().copied().collect::<Vec<_>>() {
            if let Some(connection) = self.connections.get_mut(&id) {
                connection.tick(&self.shared.limits, now);
            }
            self.settle(id);
        }
        let (connections, publishers) = (self.connections.len() as u64, self.publishers_in_all as u64);
        self.shared.count(|counters| {
            counters.connections = connections;
            counters.publishers = publishers;
            counters.thread_cpu_ns = cpu_time();
        });
    }
}

/// CPU time of the calling thread.
fn cpu_time() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the buffer is one writable timespec.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}
