//! Deadlines in order, so that a turn of the loop looks only at what is due.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Instant;

use crate::ids::{PeerId, TrackId};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Timer {
    /// The peer's protocol machines want the time.
    Peer(PeerId),
    /// A throttled keyframe request may go out now.
    Keyframe(TrackId),
    /// Subscribers that begin with what others saw before get more of it.
    CatchUp(TrackId),
    /// Silent peers, overdue keyframes, statistics.
    Housekeeping,
}

#[derive(Default)]
pub(crate) struct Timers(BinaryHeap<Reverse<(Instant, Timer)>>);

impl Timers {
    pub fn set(&mut self, at: Instant, timer: Timer) {
        self.0.push(Reverse((at, timer)));
    }

    pub fn next(&self) -> Option<Instant> {
        self.0.peek().map(|Reverse((at, _))| *at)
    }

    /// The earliest timer that is due, with the time it was set for.
    pub fn pop_due(&mut self, now: Instant) -> Option<(Instant, Timer)> {
        if self.next()? > now {
            return None;
        }
        self.0.pop().map(|Reverse(due)| due)
    }
}

/// One peer's place in the heap: at most one entry counts, older ones are recognised as stale when they surface.
#[derive(Default)]
pub(crate) struct Alarm {
    set_for: Option<Instant>,
}

impl Alarm {
    /// True when a heap entry for `deadline` is needed; a later one re-arms itself when the earlier entry surfaces.
    pub fn arm(&mut self, deadline: Instant) -> bool {
        let needed = self.set_for.is_none_or(|set_for| deadline < set_for);
        if needed {
            self.set_for = Some(deadline);
        }
        needed
    }

    /// True when the entry that surfaced is the one that counts.
    pub fn fire(&mut self, at: Instant) -> bool {
        let counts = self.set_for == Some(at);
        if counts {
            self.set_for = None;
        }
        counts
    }
}
