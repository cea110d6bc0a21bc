//! The `RtmpServer` class and its events.

use std::net::{SocketAddr, TcpListener};
use std::os::fd::{BorrowedFd, OwnedFd};

use polyroom_rtmp::{ConnectionId, EndReason, Event, Limits};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::events::record;
use crate::unit::seconds;

record!(PublishEnded { connection: u64, reason: &'static str, bytes: u64 });
record!(RtmpCounters {
    connections: u64,
    publishers: u64,
    connections_taken: u64,
    connections_refused: u64,
    bytes_received: u64,
    thread_cpu_ns: u64,
});

/// Not a record: its name is a secret, and a record shows every field.
#[pyclass(frozen, get_all, module = "polyroom._sfu")]
pub struct PublishAsked {
    connection: u64,
    app: String,
    name: String,
    encoder: String,
    address: String,
}

#[pymethods]
impl PublishAsked {
    fn __repr__(&self) -> String {
        format!("PublishAsked(connection={}, address='{}')", self.connection, self.address)
    }
}

fn reason_name(reason: EndReason) -> &'static str {
    match reason {
        EndReason::Finished => "finished",
        EndReason::Gone => "gone",
        EndReason::Silent => "silent",
        EndReason::Fault => "fault",
        EndReason::Closed => "closed",
        EndReason::Unread => "unread",
        EndReason::Full => "full",
    }
}

fn to_python(py: Python<'_>, event: Event) -> PyResult<Py<PyAny>> {
    Ok(match event {
        Event::Asked { connection: ConnectionId(connection), app, name, encoder, address } => {
            let address = address.ip().to_canonical().to_string();
            Py::new(py, PublishAsked { connection, app, name, encoder, address })?.into_any()
        }
        Event::Ended { connection: ConnectionId(connection), reason, bytes } => {
            Py::new(py, PublishEnded { connection, reason: reason_name(reason), bytes })?.into_any()
        }
    })
}

fn copy(fd: i32) -> PyResult<OwnedFd> {
    if fd < 0 {
        return Err(PyValueError::new_err("not a descriptor"));
    }
    // SAFETY: the caller's descriptor is open for the length of this call, and only copied.
    Ok(unsafe { BorrowedFd::borrow_raw(fd) }.try_clone_to_owned()?)
}

#[pyclass(frozen, module = "polyroom._sfu")]
pub struct RtmpServer(polyroom_rtmp::RtmpServer);

#[pymethods]
impl RtmpServer {
    #[new]
    #[pyo3(signature = (*, listeners, handshake_timeout = 10.0, idle_timeout = 30.0))]
    fn new(py: Python<'_>, listeners: Vec<i32>, handshake_timeout: f64, idle_timeout: f64) -> PyResult<Self> {
        let limits = Limits {
            handshake: seconds("handshake_timeout", handshake_timeout)?,
            idle: seconds("idle_timeout", idle_timeout)?,
            ..Limits::default()
        };
        let listeners = listeners.into_iter().map(|fd| Ok(TcpListener::from(copy(fd)?))).collect::<PyResult<_>>()?;
        Ok(RtmpServer(py.detach(|| polyroom_rtmp::RtmpServer::start(listeners, limits))?))
    }

    #[getter]
    fn local_addresses(&self) -> Vec<String> {
        self.0.local_addresses().iter().map(SocketAddr::to_string).collect()
    }

    fn event_fd(&self) -> i32 {
        self.0.event_fd()
    }

    #[pyo3(signature = (limit = 256))]
    fn poll_events(&self, py: Python<'_>, limit: usize) -> PyResult<Vec<Py<PyAny>>> {
        let events = py.detach(|| self.0.poll_events(limit));
        events.into_iter().map(|event| to_python(py, event)).collect()
    }

    fn accept(&self, py: Python<'_>, connection: u64, fd: i32) -> PyResult<()> {
        let descriptor = copy(fd)?;
        py.detach(|| self.0.accept(ConnectionId(connection), descriptor));
        Ok(())
    }

    fn close_connection(&self, py: Python<'_>, connection: u64, code: &str, description: &str) {
        py.detach(|| self.0.close_connection(ConnectionId(connection), code, description));
    }

    fn counters(&self, py: Python<'_>) -> RtmpCounters {
        let counters = py.detach(|| self.0.counters());
        RtmpCounters {
            connections: counters.connections,
            publishers: counters.publishers,
            connections_taken: counters.connections_taken,
            connections_refused: counters.connections_refused,
            bytes_received: counters.bytes_received,
            thread_cpu_ns: counters.thread_cpu_ns,
        }
    }

    fn close(&self, py: Python<'_>) {
        py.detach(|| self.0.close());
    }
}
