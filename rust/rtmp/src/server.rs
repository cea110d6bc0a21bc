//! The owner's handle.

use std::collections::VecDeque;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::{OwnedFd, RawFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use crate::event::{Command, ConnectionId, Counters, Event};
use crate::eventfd::EventFd;
use crate::limits::Limits;
use crate::reactor::Reactor;

/// What handle and thread have in common. No lock is held while either works.
pub(crate) struct Shared {
    pub limits: Limits,
    pub wake: EventFd,
    told: EventFd,
    commands: Mutex<Vec<Command>>,
    events: Mutex<VecDeque<Event>>,
    counters: Mutex<Counters>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    /// Queues an event. A connection has two at most, so that connections bound the queue.
    pub fn tell(&self, event: Event) {
        lock(&self.events).push_back(event);
        self.told.signal();
    }

    pub fn orders(&self) -> Vec<Command> {
        self.wake.clear();
        std::mem::take(&mut *lock(&self.commands))
    }

    pub fn count(&self, change: impl FnOnce(&mut Counters)) {
        change(&mut lock(&self.counters));
    }
}

/// An RTMP server with its thread.
pub struct RtmpServer {
    shared: Arc<Shared>,
    addresses: Vec<SocketAddr>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl RtmpServer {
    /// Serves on bound, listening sockets.
    pub fn start(listeners: Vec<TcpListener>, limits: Limits) -> io::Result<Self> {
        let addresses = listeners.iter().map(TcpListener::local_addr).collect::<io::Result<_>>()?;
        let shared = Arc::new(Shared {
            limits,
            wake: EventFd::new()?,
            told: EventFd::new()?,
            commands: Mutex::default(),
            events: Mutex::default(),
            counters: Mutex::default(),
        });
        let reactor = Reactor::new(shared.clone(), listeners)?;
        let thread = std::thread::Builder::new().name("rtmp".into()).spawn(move || reactor.run())?;
        Ok(RtmpServer { shared, addresses, thread: Mutex::new(Some(thread)) })
    }

    /// The bound addresses.
    pub fn local_addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Readable while events wait. Owned by the server.
    pub fn event_fd(&self) -> RawFd {
        self.shared.told.raw()
    }

    /// Takes up to `limit` events, oldest first.
    pub fn poll_events(&self, limit: usize) -> Vec<Event> {
        let mut events = lock(&self.shared.events);
        let taken = events.len().min(limit);
        if taken == events.len() {
            self.shared.told.clear();
        }
        events.drain(..taken).collect()
    }

    /// Lets a stream in: it leaves by the descriptor as FLV. One that has gone meanwhile ends as its event says.
    pub fn accept(&self, connection: ConnectionId, descriptor: OwnedFd) {
        self.post(Command::Accept { connection, descriptor });
    }

    /// Refuses or ends a stream, and tells its encoder why (RTMP §7.2.2).
    pub fn close_connection(&self, connection: ConnectionId, code: &str, description: &str) {
        self.post(Command::Close { connection, code: code.into(), description: description.into() });
    }

    /// What has happened since the start.
    pub fn counters(&self) -> Counters {
        *lock(&self.shared.counters)
    }

    /// Ends every stream with a farewell and joins the thread, within two seconds. Idempotent.
    pub fn close(&self) {
        let Some(thread) = lock(&self.thread).take() else { return };
        let (code, description) = ("NetConnection.Connect.AppShutdown", "The server stops; come back.");
        self.post(Command::Stop { code: code.into(), description: description.into() });
        let _ = thread.join();
    }

    fn post(&self, command: Command) {
        lock(&self.shared.commands).push(command);
        self.shared.wake.signal();
    }
}

impl Drop for RtmpServer {
    fn drop(&mut self) {
        self.close();
    }
}
