//! Sequence numbers and timestamps as one subscriber sees them: without gaps over pauses and changes of source.

use std::time::Instant;

/// RFC 3550 §5.1 numbers of one outgoing stream. A *segment* is a stretch of packets with one fixed shift.
#[derive(Default)]
pub(crate) struct Rewriter {
    /// Where the segment starts in the source's extended sequence numbers.
    source_start: u64,
    /// Where it starts in ours.
    start: u64,
    timestamp_shift: u32,
    highest: u64,
    last: Option<(u32, Instant)>,
}

/// str0m's receivers start at rollover count 0 (RFC 3711 §3.3.1), so the first number must fit 16 bits; far from the
/// top, so that early reordering cannot wrap.
const FIRST: u64 = 1000;

impl Rewriter {
    /// Opens a segment with this packet as its first. `clock_rate` in Hz.
    pub fn start_segment(&mut self, sequence: u64, timestamp: u32, now: Instant, clock_rate: u32) {
        self.source_start = sequence;
        let Some((last_timestamp, last_time)) = self.last else {
            self.start = FIRST;
            self.highest = FIRST - 1;
            self.timestamp_shift = 0;
            return;
        };
        self.start = self.highest + 1;
        let ticks = (now.saturating_duration_since(last_time).as_secs_f64() * f64::from(clock_rate)) as u64;
        let resumed = last_timestamp.wrapping_add((ticks as u32).max(1));
        self.timestamp_shift = resumed.wrapping_sub(timestamp);
    }

    /// The numbers to send a packet of the current segment with; None for one from before it.
    pub fn rewrite(&mut self, sequence: u64, timestamp: u32, now: Instant) -> Option<(u64, u32)> {
        let offset = sequence.checked_sub(self.source_start)?;
        let sequence = self.start + offset;
        let timestamp = timestamp.wrapping_add(self.timestamp_shift);
        if sequence > self.highest || self.last.is_none() {
            self.highest = sequence;
            self.last = Some((timestamp, now));
        }
        Some((sequence, timestamp))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_new_segment_goes_on_where_the_last_one_ended() {
        let now = Instant::now();
        let mut rewriter = Rewriter::default();
        rewriter.start_segment(70_000, 5, now, 90_000);
        assert_eq!(rewriter.rewrite(70_000, 5, now), Some((FIRST, 5)));
        assert_eq!(rewriter.rewrite(70_002, 3005, now), Some((FIRST + 2, 3005)));
        assert_eq!(rewriter.rewrite(70_001, 5, now), Some((FIRST + 1, 5)), "late, but of this segment");
        let later = now + Duration::from_secs(1);
        rewriter.start_segment(10, 4_000_000_000, later, 90_000);
        assert_eq!(rewriter.rewrite(10, 4_000_000_000, later), Some((FIRST + 3, 93_005)));
        assert_eq!(rewriter.rewrite(9, 3_999_999_000, later), None, "from before the segment");
    }
}
