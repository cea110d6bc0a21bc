//! When pictures and sounds were taken, by our clock.
//!
//! A sender's reports (RFC 3550 §6.4.1) tie the timestamps of its tracks to one clock of its own. How far that clock is
//! from ours, plus the shortest way here, is the least that was ever measured; the same for all its tracks, so that sound
//! and picture stay together. Before the first report a track is tied to its arrival in the same way.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use str0m::rtp::rtcp::SenderInfo;

/// Clocks drift: what was measured longer ago than one to two of these is forgotten.
const WINDOW: Duration = Duration::from_secs(10);
/// A report that puts a frame further from its arrival than this is wrong.
const FAR: i64 = 10_000_000;

/// Microseconds since 1970, steady also when the system's clock is set.
#[derive(Clone, Copy)]
pub(crate) struct Epoch {
    instant: Instant,
    micros: i64,
}

impl Epoch {
    pub fn new() -> Self {
        Epoch { instant: Instant::now(), micros: micros(SystemTime::now()) }
    }

    pub fn at(&self, instant: Instant) -> i64 {
        match instant.checked_duration_since(self.instant) {
            Some(since) => self.micros.saturating_add(since.as_micros() as i64),
            None => self.micros.saturating_sub(self.instant.duration_since(instant).as_micros() as i64),
        }
    }

    /// The moment of such a time; None for one that no clock of this machine ever shows.
    pub fn instant(&self, micros: i64) -> Option<Instant> {
        let since = micros.checked_sub(self.micros)?;
        let distance = Duration::from_micros(since.unsigned_abs());
        if since < 0 { self.instant.checked_sub(distance) } else { self.instant.checked_add(distance) }
    }
}

fn micros(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_micros()).unwrap_or(i64::MAX),
        Err(_) => 0,
    }
}

/// The least of what was measured lately.
#[derive(Default)]
pub(crate) struct Least {
    since: Option<Instant>,
    current: Option<i64>,
    former: Option<i64>,
}

impl Least {
    pub fn take(&mut self, value: i64, now: Instant) -> i64 {
        if self.since.is_none_or(|since| now >= since + WINDOW) {
            self.since = Some(now);
            self.former = self.current.take();
        }
        let current = self.current.map_or(value, |least| least.min(value));
        self.current = Some(current);
        self.former.map_or(current, |former| former.min(current))
    }
}

/// One track's timestamps.
#[derive(Default)]
pub(crate) struct Timeline {
    /// The last timestamp without its rollovers.
    extended: Option<i64>,
    /// Where a quicker packet corrects the time, it stands still and does not go back.
    last: i64,
    distance: Least,
}

impl Timeline {
    /// The timestamp without rollovers.
    pub fn extend(&mut self, timestamp: u32) -> i64 {
        let extended = match self.extended {
            None => i64::from(timestamp),
            Some(last) => last + i64::from(timestamp.wrapping_sub(last as u32) as i32),
        };
        self.extended = Some(extended);
        extended
    }

    /// When a frame was taken. `arrived` in our microseconds, `sender` the distance of its sender's clock to ours.
    pub fn captured(
        &mut self,
        extended: i64,
        arrived: (Instant, i64),
        clock_rate: u32,
        report: Option<SenderInfo>,
        sender: &mut Least,
    ) -> i64 {
        let rate = i64::from(clock_rate.max(1));
        let (now, arrived) = arrived;
        let ticks = |count: i64| count.saturating_mul(1_000_000) / rate;
        let by_arrival = ticks(extended) + self.distance.take(arrived - ticks(extended), now);
        let by_sender = report.map(|report| {
            let since = (extended as u32).wrapping_sub(report.rtp_time.numer() as u32) as i32;
            let told = micros(report.ntp_time).saturating_add(ticks(i64::from(since)));
            told.saturating_add(sender.take(arrived.saturating_sub(told), now))
        });
        let believed = by_sender.filter(|captured| captured.abs_diff(arrived) <= FAR as u64);
        self.last = self.last.max(believed.unwrap_or(by_arrival));
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use str0m::media::MediaTime;

    fn report(ntp: u64, rtp: u64) -> Option<SenderInfo> {
        Some(SenderInfo {
            ssrc: 1.into(),
            ntp_time: UNIX_EPOCH + Duration::from_micros(ntp),
            rtp_time: MediaTime::from_90khz(rtp),
            sender_packet_count: 0,
            sender_octet_count: 0,
        })
    }

    #[test]
    fn timestamps_go_on_over_their_rollover() {
        let mut line = Timeline::default();
        assert_eq!(line.extend(u32::MAX - 999), i64::from(u32::MAX) - 999);
        assert_eq!(line.extend(2000), i64::from(u32::MAX) + 2001);
        assert_eq!(line.extend(u32::MAX), i64::from(u32::MAX), "an older one");
    }

    #[test]
    fn without_reports_the_quickest_packet_sets_the_time() {
        let (mut line, mut sender, now) = (Timeline::default(), Least::default(), Instant::now());
        assert_eq!(line.captured(0, (now, 1_000_000), 90_000, None, &mut sender), 1_000_000);
        assert_eq!(line.captured(9_000, (now, 1_080_000), 90_000, None, &mut sender), 1_080_000, "20 ms quicker");
        assert_eq!(line.captured(18_000, (now, 1_230_000), 90_000, None, &mut sender), 1_180_000, "late");
    }

    #[test]
    fn reports_tie_two_tracks_to_one_clock() {
        let (mut sound, mut picture, mut sender, now) =
            (Timeline::default(), Timeline::default(), Least::default(), Instant::now());
        // The sender's clock is an hour behind; the picture travels 80 ms longer than the sound.
        let hour = 3_600_000_000;
        let heard = sound.captured(48_000, (now, hour + 1_010_000), 48_000, report(1_000_000, 48_000), &mut sender);
        let seen = picture.captured(5_000, (now, hour + 1_090_000), 90_000, report(1_000_000, 5_000), &mut sender);
        assert_eq!((heard, seen), (hour + 1_010_000, hour + 1_010_000));
    }

    #[test]
    fn a_report_that_makes_no_sense_is_not_believed() {
        let (mut line, mut sender, now) = (Timeline::default(), Least::default(), Instant::now());
        line.captured(0, (now, 50_000_000), 90_000, report(1_000_000, 0), &mut sender);
        let told = line.captured(3_000, (now, 50_033_000), 90_000, report(90_000_000_000, 3_000), &mut sender);
        assert!(told.abs_diff(50_033_000) < 1_000_000, "{told}");
    }
}
