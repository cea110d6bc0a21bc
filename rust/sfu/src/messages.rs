//! A subscriber's two data channels, and the reliable messages that wait for room in them.

use std::collections::VecDeque;
use std::sync::Arc;

use str0m::Rtc;
use str0m::channel::ChannelId;

use crate::event::CloseReason;

/// A peer that lets more pile up is not reading.
const MAX_BACKLOG: usize = 8 * 1024 * 1024;
/// A lossy message behind this much is stale before it leaves.
const MAX_LOSSY_BUFFER: usize = 128 * 1024;
const REFILL_BELOW: usize = 64 * 1024;

#[derive(Default)]
pub(crate) struct Messages {
    reliable: Option<ChannelId>,
    lossy: Option<ChannelId>,
    /// Shared with the other receivers of the same message.
    backlog: VecDeque<Arc<[u8]>>,
    backlog_bytes: usize,
}

impl Messages {
    pub fn opened(&mut self, rtc: &mut Rtc, id: ChannelId, label: &str) {
        match label {
            "_reliable" => self.reliable = Some(id),
            "_lossy" => self.lossy = Some(id),
            _ => return,
        }
        if let Some(mut channel) = rtc.channel(id) {
            channel.set_buffered_amount_low_threshold(REFILL_BELOW);
        }
        self.refill(rtc);
    }

    pub fn waiting(&self) -> bool {
        !self.backlog.is_empty()
    }

    pub fn send_reliable(&mut self, rtc: &mut Rtc, payload: Arc<[u8]>) -> Result<(), CloseReason> {
        if self.backlog.is_empty() && write(rtc, self.reliable, &payload) {
            return Ok(());
        }
        self.backlog_bytes += payload.len();
        self.backlog.push_back(payload);
        if self.backlog_bytes > MAX_BACKLOG { Err(CloseReason::Failed) } else { Ok(()) }
    }

    pub fn send_lossy(&mut self, rtc: &mut Rtc, payload: &[u8]) {
        let buffered = self.lossy.and_then(|id| rtc.channel(id)).map(|mut channel| channel.buffered_amount());
        if buffered.is_some_and(|bytes| bytes + payload.len() <= MAX_LOSSY_BUFFER) {
            write(rtc, self.lossy, payload);
        }
    }

    /// Moves on what now has room; true when anything moved.
    pub fn refill(&mut self, rtc: &mut Rtc) -> bool {
        let before = self.backlog.len();
        while let Some(payload) = self.backlog.front() {
            if !write(rtc, self.reliable, payload) {
                break;
            }
            self.backlog_bytes -= payload.len();
            self.backlog.pop_front();
        }
        self.backlog.len() < before
    }
}

/// False when there is no room, or no channel yet.
fn write(rtc: &mut Rtc, channel: Option<ChannelId>, payload: &[u8]) -> bool {
    let Some(mut channel) = channel.and_then(|id| rtc.channel(id)) else { return false };
    channel.write(true, payload).unwrap_or(false)
}
