//! `polyroom._sfu`: the packet core for Python. Conversions only; what it means is said in `_sfu.pyi`.

mod events;
mod rtmp;
mod stats;
mod unit;

use pyo3::prelude::*;

#[pymodule]
mod _sfu {
    #[pymodule_export]
    use crate::events::{
        Answer, DataReceived, FeedEnded, Measured, MediaSection, Offer, PeerClosed, PeerConnected, Sample, SdpRejected,
        TapClosed, TrackEnded, TrackStarted,
    };
    #[pymodule_export]
    use crate::rtmp::{PublishAsked, PublishEnded, RtmpCounters, RtmpServer};
    #[pymodule_export]
    use crate::stats::{Counters, TrackStats};
    #[pymodule_export]
    use crate::unit::Sfu;
}
