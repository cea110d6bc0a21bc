//! The `Sfu` class. Every call lets go of the GIL before it touches a lock the packet thread shares.

use std::net::{IpAddr, SocketAddr};
use std::os::fd::BorrowedFd;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use polyroom_sfu::{Config, Error, PeerId, Role, Subscription, TapId, TrackId};
use pyo3::exceptions::{PyOSError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;

use crate::events::to_python;
use crate::stats::{Counters, TrackStats};

/// A socket of the caller's, open for the length of the call.
fn copied(fd: i32) -> PyResult<UnixStream> {
    if fd < 0 {
        return Err(PyValueError::new_err("not a descriptor"));
    }
    // SAFETY: the caller's descriptor is open meanwhile, and only copied.
    Ok(unsafe { BorrowedFd::borrow_raw(fd) }.try_clone_to_owned().map(UnixStream::from)?)
}

#[pyclass(frozen, module = "polyroom._sfu")]
pub struct Sfu(polyroom_sfu::Sfu);

fn to_exception(error: Error) -> PyErr {
    match error {
        Error::Config(_) | Error::MessageTooLarge => PyValueError::new_err(error.to_string()),
        Error::TooManyPeers | Error::Closed => PyRuntimeError::new_err(error.to_string()),
        Error::Io(error) => match error.raw_os_error() {
            Some(code) => PyOSError::new_err((code, error.to_string())),
            None => PyOSError::new_err(error.to_string()),
        },
    }
}

fn parse_all<T: std::str::FromStr>(what: &str, texts: &[String]) -> PyResult<Vec<T>> {
    let parse = |text: &String| text.parse().map_err(|_| PyValueError::new_err(format!("bad {what}: {text:?}")));
    texts.iter().map(parse).collect()
}

pub fn seconds(name: &str, value: f64) -> PyResult<Duration> {
    let duration =
        Duration::try_from_secs_f64(value).ok().filter(|d| !d.is_zero() && *d < Duration::from_secs(1 << 32));
    duration.ok_or_else(|| PyValueError::new_err(format!("{name} must be a positive number of seconds")))
}

#[pymethods]
impl Sfu {
    #[new]
    #[pyo3(signature = (*, listen, advertise = Vec::new(), vanish_after = 30.0, handshake_timeout = 15.0,
                        max_peers = 20_000, sample_every = 10.0))]
    fn new(
        py: Python<'_>,
        listen: Vec<String>,
        advertise: Vec<String>,
        vanish_after: f64,
        handshake_timeout: f64,
        max_peers: usize,
        sample_every: f64,
    ) -> PyResult<Self> {
        let config = Config {
            listen: parse_all::<SocketAddr>("listen address", &listen)?,
            advertise: parse_all::<IpAddr>("advertised address", &advertise)?,
            vanish_after: seconds("vanish_after", vanish_after)?,
            handshake_timeout: seconds("handshake_timeout", handshake_timeout)?,
            max_peers,
            sample_every: seconds("sample_every", sample_every)?,
            ..Config::default()
        };
        py.detach(|| polyroom_sfu::Sfu::start(config)).map(Sfu).map_err(to_exception)
    }

    #[getter]
    fn local_addresses(&self) -> Vec<String> {
        self.0.local_addresses().iter().map(SocketAddr::to_string).collect()
    }

    fn event_fd(&self) -> i32 {
        self.0.event_fd()
    }

    #[pyo3(signature = (limit = 1024))]
    fn poll_events(&self, py: Python<'_>, limit: usize) -> PyResult<Vec<Py<PyAny>>> {
        let events = py.detach(|| self.0.poll_events(limit));
        events.into_iter().map(|event| to_python(py, event)).collect()
    }

    fn open_peer(&self, py: Python<'_>, role: &str) -> PyResult<u64> {
        let role = match role {
            "publisher" => Role::Publisher,
            "subscriber" => Role::Subscriber,
            _ => return Err(PyValueError::new_err(format!("bad role: {role:?}"))),
        };
        py.detach(|| self.0.open_peer(role)).map(|peer| peer.0).map_err(to_exception)
    }

    fn offer(&self, py: Python<'_>, peer: u64, offer_id: u64, sdp: &str) {
        py.detach(|| self.0.offer(PeerId(peer), offer_id, sdp));
    }

    fn negotiate(&self, py: Python<'_>, peer: u64) {
        py.detach(|| self.0.negotiate(PeerId(peer)));
    }

    fn answer(&self, py: Python<'_>, peer: u64, offer_id: u64, sdp: &str) {
        py.detach(|| self.0.answer(PeerId(peer), offer_id, sdp));
    }

    fn subscribe(&self, py: Python<'_>, peer: u64, tracks: Vec<(u64, String, String)>) {
        let wish = |(track, stream_id, track_id)| Subscription { track: TrackId(track), stream_id, track_id };
        let tracks = tracks.into_iter().map(wish).collect();
        py.detach(|| self.0.subscribe(PeerId(peer), tracks));
    }

    fn unsubscribe(&self, py: Python<'_>, peer: u64, tracks: Vec<u64>) {
        let tracks = tracks.into_iter().map(TrackId).collect();
        py.detach(|| self.0.unsubscribe(PeerId(peer), tracks));
    }

    fn set_paused(&self, py: Python<'_>, peer: u64, track: u64, paused: bool) {
        py.detach(|| self.0.set_paused(PeerId(peer), TrackId(track), paused));
    }

    fn set_muted(&self, py: Python<'_>, track: u64, muted: bool) {
        py.detach(|| self.0.set_muted(TrackId(track), muted));
    }

    fn request_keyframe(&self, py: Python<'_>, track: u64) {
        py.detach(|| self.0.request_keyframe(TrackId(track)));
    }

    fn send_data(&self, py: Python<'_>, peers: Vec<u64>, reliable: bool, payload: PyBackedBytes) -> PyResult<()> {
        let peers = peers.into_iter().map(PeerId).collect();
        py.detach(|| self.0.send_data(peers, reliable, &payload)).map_err(to_exception)
    }

    fn open_source(&self, py: Python<'_>) -> PyResult<u64> {
        py.detach(|| self.0.open_source()).map(|peer| peer.0).map_err(to_exception)
    }

    fn feed_source(&self, py: Python<'_>, source: u64, fd: i32) -> PyResult<()> {
        let stream = copied(fd)?;
        py.detach(|| self.0.feed_source(PeerId(source), stream)).map_err(to_exception)
    }

    fn open_tap(&self, py: Python<'_>, fd: i32) -> PyResult<u64> {
        let stream = copied(fd)?;
        py.detach(|| self.0.open_tap(stream)).map(|tap| tap.0).map_err(to_exception)
    }

    fn tap(&self, py: Python<'_>, tap: u64, track: u64) {
        py.detach(|| self.0.tap(TapId(tap), TrackId(track)));
    }

    fn untap(&self, py: Python<'_>, tap: u64, track: u64) {
        py.detach(|| self.0.untap(TapId(tap), TrackId(track)));
    }

    fn close_tap(&self, py: Python<'_>, tap: u64) {
        py.detach(|| self.0.close_tap(TapId(tap)));
    }

    fn close_peer(&self, py: Python<'_>, peer: u64) {
        py.detach(|| self.0.close_peer(PeerId(peer)));
    }

    fn track_stats(&self, py: Python<'_>) -> Vec<TrackStats> {
        py.detach(|| self.0.track_stats()).into_iter().map(TrackStats::from).collect()
    }

    fn counters(&self, py: Python<'_>) -> Counters {
        py.detach(|| self.0.counters()).into()
    }

    fn close(&self, py: Python<'_>) {
        py.detach(|| self.0.close());
    }
}
