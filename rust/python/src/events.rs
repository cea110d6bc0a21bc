//! One frozen class per event.

use polyroom_sfu::{CloseReason, Event, MediaKind};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};

pub fn kind_name(kind: MediaKind) -> &'static str {
    match kind {
        MediaKind::Audio => "audio",
        MediaKind::Video => "video",
    }
}

fn reason_name(reason: CloseReason) -> &'static str {
    match reason {
        CloseReason::Closed => "closed",
        CloseReason::HandshakeTimeout => "handshake_timeout",
        CloseReason::Vanished => "vanished",
        CloseReason::Failed => "failed",
        CloseReason::Panic => "panic",
    }
}

/// Declares a frozen class whose fields are readable and which takes part in `match`.
macro_rules! record {
    ($(#[$doc:meta])* $name:ident { $($field:ident: $type:ty),* $(,)? }) => {
        $(#[$doc])*
        #[pyclass(frozen, get_all, module = "polyroom._sfu")]
        pub struct $name { $(pub $field: $type),* }

        #[pymethods]
        impl $name {
            #[classattr]
            fn __match_args__(py: Python<'_>) -> PyResult<Py<PyTuple>> {
                Ok(PyTuple::new(py, [$(stringify!($field)),*])?.unbind())
            }

            fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
                let fields: Vec<String> = vec![
                    $(format!("{}={}", stringify!($field), slf.getattr(stringify!($field))?.repr()?)),*
                ];
                Ok(format!("{}({})", stringify!($name), fields.join(", ")))
            }
        }
    };
}
pub(crate) use record;

record!(MediaSection { mid: String, kind: &'static str, track_id: Option<String>, sending: bool });
record!(Answer { peer: u64, offer_id: u64, sdp: String, sections: Vec<Py<MediaSection>> });
record!(Offer { peer: u64, offer_id: u64, sdp: String, tracks: Vec<(String, String)> });
record!(SdpRejected { peer: u64, offer_id: u64, message: String });
record!(PeerConnected { peer: u64 });
record!(PeerClosed { peer: u64, reason: &'static str });
record!(TrackStarted { peer: u64, mid: String, track: u64, kind: &'static str, mime: String, ssrc: u32 });
record!(TrackEnded { peer: u64, track: u64 });
record!(FeedEnded { peer: u64, reason: &'static str });
record!(DataReceived { peer: u64, reliable: bool, payload: Py<PyBytes> });
record!(Sample {
    track: Option<u64>,
    peer: u64,
    kind: &'static str,
    last: bool,
    seconds: f64,
    packets: u64,
    bytes: u64,
    lost: u64,
    frames: u64,
    nacks: u64,
    keyframe_requests: u64,
    freezes: u64,
    streams: u64,
    rtt_ms: Option<f64>,
    jitter_ms: f64,
    width: u16,
    height: u16,
});
record!(TapClosed { tap: u64, frames: u64, dropped: u64 });
record!(Measured { samples: Vec<Py<Sample>> });

/// The Python object for an event.
pub fn to_python(py: Python<'_>, event: Event) -> PyResult<Py<PyAny>> {
    Ok(match event {
        Event::Answer { peer, offer_id, sdp, sections } => {
            let sections = sections.into_iter().map(|s| section(py, s)).collect::<PyResult<_>>()?;
            Py::new(py, Answer { peer: peer.0, offer_id, sdp, sections })?.into_any()
        }
        Event::Offer { peer, offer_id, sdp, tracks } => {
            Py::new(py, Offer { peer: peer.0, offer_id, sdp, tracks })?.into_any()
        }
        Event::SdpRejected { peer, offer_id, message } => {
            Py::new(py, SdpRejected { peer: peer.0, offer_id, message })?.into_any()
        }
        Event::PeerConnected { peer } => Py::new(py, PeerConnected { peer: peer.0 })?.into_any(),
        Event::PeerClosed { peer, reason } => {
            Py::new(py, PeerClosed { peer: peer.0, reason: reason_name(reason) })?.into_any()
        }
        Event::TrackStarted { peer, mid, track, kind, mime, ssrc } => {
            let kind = kind_name(kind);
            Py::new(py, TrackStarted { peer: peer.0, mid, track: track.0, kind, mime, ssrc })?.into_any()
        }
        Event::TrackEnded { peer, track } => Py::new(py, TrackEnded { peer: peer.0, track: track.0 })?.into_any(),
        Event::FeedEnded { peer, reason } => Py::new(py, FeedEnded { peer: peer.0, reason })?.into_any(),
        Event::DataReceived { peer, reliable, payload } => {
            let payload = PyBytes::new(py, &payload).unbind();
            Py::new(py, DataReceived { peer: peer.0, reliable, payload })?.into_any()
        }
        Event::TapClosed { tap, frames, dropped } => Py::new(py, TapClosed { tap: tap.0, frames, dropped })?.into_any(),
        Event::Measured { samples } => {
            let samples = samples.into_iter().map(|s| Py::new(py, Sample::from(s))).collect::<PyResult<_>>()?;
            Py::new(py, Measured { samples })?.into_any()
        }
    })
}

fn section(py: Python<'_>, section: polyroom_sfu::MediaSection) -> PyResult<Py<MediaSection>> {
    let polyroom_sfu::MediaSection { mid, kind, track_id, sending } = section;
    Py::new(py, MediaSection { mid, kind: kind_name(kind), track_id, sending })
}

impl From<polyroom_sfu::Sample> for Sample {
    fn from(s: polyroom_sfu::Sample) -> Self {
        Sample {
            track: s.track.map(|track| track.0),
            peer: s.peer.0,
            kind: kind_name(s.kind),
            last: s.last,
            seconds: s.span.as_secs_f64(),
            packets: s.packets,
            bytes: s.bytes,
            lost: s.lost,
            frames: s.frames,
            nacks: s.nacks,
            keyframe_requests: s.keyframe_requests,
            freezes: s.freezes,
            streams: s.streams,
            rtt_ms: s.round_trip.map(|trip| trip.as_secs_f64() * 1000.0),
            jitter_ms: s.jitter_ms,
            width: s.size.0,
            height: s.size.1,
        }
    }
}
