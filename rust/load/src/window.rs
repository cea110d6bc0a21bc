//! The measured seconds: what the server, this program and the machine did in them, and what watchers got.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use str0m::Event;

use crate::process::{self, Cpu, Machine};
use crate::shape::{self, Shape};
use crate::summary::percentile;
use crate::sys;

/// What a watcher got since the window opened.
#[derive(Default)]
pub struct Tally {
    pub packets: u64,
    sequences: Option<(u64, u64)>,
    /// Delays in ms, from the publisher's write to the decrypted packet.
    pub delays: Vec<f64>,
}

impl Tally {
    pub fn lost(&self) -> u64 {
        self.sequences.map_or(0, |(low, high)| (high - low + 1).saturating_sub(self.packets))
    }

    /// Takes a decrypted packet, and when the first one came.
    pub fn count(&mut self, event: &Event, epoch: Instant, first: &mut Option<Instant>) {
        let Event::RtpPacket(packet) = event else { return };
        let now = Instant::now();
        first.get_or_insert(now);
        let Some(written) = shape::written(&packet.payload, epoch) else { return };
        let sequence = *packet.seq_no;
        let (low, high) = self.sequences.unwrap_or((sequence, sequence));
        self.sequences = Some((low.min(sequence), high.max(sequence)));
        self.packets += 1;
        self.delays.push(now.saturating_duration_since(written).as_secs_f64() * 1000.0);
    }
}

/// Opened and closed on the thread of the watchers, whose own CPU time it reads.
pub struct Window {
    start: Instant,
    pid: Option<u32>,
    server: Option<Cpu>,
    own: Duration,
    machine: Option<Machine>,
}

pub struct Measured {
    pub seconds: f64,
    pub server: Option<Cpu>,
    pub rss: Option<u64>,
    /// Of one core: above 0.85 the watchers, not the server, may be what is slow.
    pub watching_share: f64,
    /// Of all cores.
    pub idle_share: Option<f64>,
}

impl Window {
    pub fn open(pid: Option<u32>) -> Self {
        let (own, machine) = (sys::thread_cpu(), process::machine());
        Window { start: Instant::now(), pid, server: process::cpu(pid), own, machine }
    }

    pub fn elapsed(&self) -> f64 {
        self.start.elapsed().as_secs_f64()
    }

    pub fn close(self) -> Measured {
        let server = self.server.zip(process::cpu(self.pid)).map(|(before, after)| Cpu {
            ticks: after.ticks - before.ticks,
            scheduled: after.scheduled - before.scheduled,
        });
        let seconds = self.start.elapsed().as_secs_f64();
        let idle = |(before, after): (Machine, Machine)| (after.idle - before.idle) / (after.all - before.all);
        Measured {
            seconds,
            server,
            rss: process::rss(self.pid),
            watching_share: (sys::thread_cpu() - self.own).as_secs_f64() / seconds,
            idle_share: self.machine.zip(process::machine()).map(idle),
        }
    }
}

/// What every fan-out reports, whoever the server is.
pub fn report(mode: &str, shape: Shape, sent: u64, tallies: &[&Tally], measured: &Measured) -> Value {
    let mut delays: Vec<f64> = tallies.iter().flat_map(|tally| tally.delays.iter().copied()).collect();
    let received: u64 = tallies.iter().map(|tally| tally.packets).sum();
    let rounded = |share: f64| (share * 1000.0).round() / 1000.0;
    json!({
        "mode": mode, "subscribers": tallies.len(), "rate": shape.rate, "burst": shape.burst, "size": shape.size,
        "seconds": measured.seconds, "packets_sent": sent, "packets_received": received,
        "lost": tallies.iter().map(|tally| tally.lost()).sum::<u64>(),
        "receiving_subscribers": tallies.iter().filter(|tally| tally.packets > 0).count(),
        "delay_ms_p50": percentile(&mut delays, 0.5), "delay_ms_p99": percentile(&mut delays, 0.99),
        "server_cpu_seconds": measured.server.map(|cpu| cpu.scheduled),
        "server_cpu_seconds_by_ticks": measured.server.map(|cpu| cpu.ticks),
        "packets_per_server_cpu_second": measured.server.map(|cpu| (received as f64 / cpu.scheduled).round()),
        "server_rss_kib_during": measured.rss,
        "watching_cpu_share": rounded(measured.watching_share), "machine_idle_share": measured.idle_share.map(rounded),
    })
}
