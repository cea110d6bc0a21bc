//! RTMP in (Adobe, "Real-Time Messaging Protocol", 1.0, 2012): encoders publish, and what each sends leaves as an FLV
//! stream on a descriptor of the owner's.
//!
//! One thread serves every connection. It decides nothing: whoever wants to publish waits until the owner has looked at
//! the stream's name. What a connection may cost is bounded before it has shown one: half-open connections are few and
//! short-lived, and a newer one always finds a place.
//!
//! Why none of the crates for this: `rtmp-rs` 0.6.0 sets sixteen megabytes aside for each of 65,600 chunk streams at a
//! header's word and decodes 400 bytes of AMF references into 1.4 gigabytes, both before any key; `scuffle-rtmp` 0.2.3
//! drops encoders that pause for 2.5 seconds; `rml_rtmp` 0.8.0 panics on interleaved chunks.

mod amf;
mod chunk;
mod connection;
mod epoll;
mod event;
mod eventfd;
mod flv;
mod limits;
mod reactor;
mod server;
mod session;
mod sink;

pub use event::{ConnectionId, Counters, EndReason, Event};
pub use limits::Limits;
pub use server::RtmpServer;
