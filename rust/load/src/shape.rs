//! The stream that is sent: how fast, in which bursts, and what its packets carry.

use std::time::{Duration, Instant};

use crate::args::{Args, Failure};

/// Where in a payload the time of writing stands, in nanoseconds since the run's epoch.
const STAMP: std::ops::Range<usize> = 16..24;

#[derive(Clone, Copy)]
pub struct Shape {
    /// Packets a second.
    pub rate: f64,
    /// Packets of one frame, sent in one go.
    pub burst: usize,
    /// Bytes of RTP payload.
    pub size: usize,
}

impl Shape {
    pub fn from_args(args: &Args) -> Result<Self, Failure> {
        let shape = Shape {
            rate: args.number("rate", 1000.0)?,
            burst: args.number("burst", 33)?,
            size: args.number("size", 1100)?,
        };
        if shape.size < 32 || shape.burst == 0 || shape.rate <= 0.0 {
            return Err("size must be 32 or more, burst and rate above 0".into());
        }
        Ok(shape)
    }

    /// Between two frames.
    pub fn period(&self) -> Duration {
        Duration::from_secs_f64(self.burst as f64 / self.rate)
    }

    /// The same in the 90 kHz of video timestamps.
    pub fn ticks(&self) -> u32 {
        (self.period().as_secs_f64() * 90_000.0) as u32
    }
}

/// One VP8 packet (RFC 7741 §4) that nobody could decode, with the time of writing in it.
pub fn payload(size: usize, first: bool, keyframe: bool, since_epoch: Duration) -> Vec<u8> {
    let mut payload = vec![0x5a; size];
    payload[0] = if first { 0x10 } else { 0x00 };
    payload[1] = u8::from(!keyframe);
    payload[STAMP].copy_from_slice(&(since_epoch.as_nanos() as u64).to_le_bytes());
    payload
}

/// When a payload was written.
pub fn written(payload: &[u8], epoch: Instant) -> Option<Instant> {
    let stamp = payload.get(STAMP)?.try_into().ok()?;
    Some(epoch + Duration::from_nanos(u64::from_le_bytes(stamp)))
}
