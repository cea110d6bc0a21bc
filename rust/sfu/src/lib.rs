//! The packet path of polyroom: a selective forwarding unit (RFC 7667 §3.7) on a few UDP sockets.
//!
//! [`Sfu`] owns the sockets and one thread named "sfu". Callers post small commands, which never wait for that thread,
//! and take [`Event`]s from a bounded queue. A *peer* is one WebRTC connection; a *track* is one published source.
//! There is no policy in here: who may send, and who sees whom, is the caller's business.

#![deny(unsafe_code)]

mod catch_up;
mod command;
mod config;
mod core;
mod demux;
mod event;
mod ids;
mod io;
mod keyframe;
mod lifecycle;
mod measure;
mod messages;
mod negotiation;
mod net;
#[cfg(test)]
mod noise;
mod packet;
mod peer;
mod picture;
mod publisher;
mod quality;
mod recent;
mod rewrite;
mod route;
mod sdp;
mod sfu;
mod source;
mod stats;
mod subscriber;
mod tap;
mod timers;
mod webrtc;

pub use config::{Config, Error};
pub use event::{CloseReason, Event, MediaSection};
pub use ids::{PeerId, TapId, TrackId};
pub use peer::Role;
pub use quality::Sample;
pub use sfu::{Sfu, Subscription};
pub use stats::{Counters, TrackStats};
pub use str0m::media::MediaKind;

/// Largest data channel message carried in either direction, in bytes.
pub const MAX_MESSAGE: usize = 64 * 1024;
