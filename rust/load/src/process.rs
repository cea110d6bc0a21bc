//! What a server process uses, read from /proc.

use std::fs;

/// CPU seconds of all threads, by clock ticks and by the scheduler's nanoseconds.
#[derive(Clone, Copy, Default)]
pub struct Cpu {
    pub ticks: f64,
    pub scheduled: f64,
}

pub fn cpu(pid: Option<u32>) -> Option<Cpu> {
    let pid = pid?;
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The command's name may hold spaces, so count from behind it: utime and stime are fields 14 and 15.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: f64 = fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?;
    let threads = fs::read_dir(format!("/proc/{pid}/task")).ok()?;
    let nanoseconds = |entry: std::io::Result<fs::DirEntry>| {
        let text = fs::read_to_string(entry.ok()?.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<f64>().ok()
    };
    let scheduled: f64 = threads.filter_map(nanoseconds).sum();
    Some(Cpu { ticks: ticks / 100.0, scheduled: scheduled / 1e9 })
}

/// Resident memory in KiB.
pub fn rss(pid: Option<u32>) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", pid?)).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}

/// Clock ticks of all cores since the machine started.
#[derive(Clone, Copy)]
pub struct Machine {
    pub idle: f64,
    pub all: f64,
}

pub fn machine() -> Option<Machine> {
    let text = fs::read_to_string("/proc/stat").ok()?;
    let line = text.lines().next()?.strip_prefix("cpu ")?;
    // user nice system idle iowait irq softirq steal; what follows is part of user.
    let ticks: Vec<f64> = line.split_whitespace().take(8).map(str::parse).collect::<Result<_, _>>().ok()?;
    Some(Machine { idle: ticks.get(3)? + ticks.get(4)?, all: ticks.iter().sum() })
}
