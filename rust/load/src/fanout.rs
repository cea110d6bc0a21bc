//! A few publish, many watch: loss, delay, the server's CPU and memory, and how long joining takes.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::args::{Args, Failure};
use crate::member::{Member, Part, Tally, step_all};
use crate::process;
use crate::summary::percentile;

const JOIN_PATIENCE: Duration = Duration::from_secs(5);

/// What the publishers' thread and the watchers' have in common.
#[derive(Default)]
struct Shared {
    publishing: AtomicBool,
    measuring: AtomicBool,
    done: AtomicBool,
    sent: AtomicU64,
    /// When the first publisher heard of each member, by sid.
    announced: Mutex<HashMap<String, Instant>>,
}

#[derive(Clone, Copy)]
struct Shape {
    rate: f64,
    burst: usize,
    size: usize,
}

pub fn run(args: &Args) -> Result<Value, Failure> {
    let (publishers, watchers): (usize, usize) = (args.number("publishers", 1)?, args.number("subscribers", 50)?);
    let shape = Shape {
        rate: args.number("rate", 1000.0)?,
        burst: args.number("burst", 33)?,
        size: args.number("size", 1100)?,
    };
    let (seconds, pid): (f64, _) = (args.number("seconds", 10.0)?, args.pid()?);
    let gap = Duration::try_from_secs_f64(args.number("join-gap", 0.35)?)?;
    if shape.size < 32 || shape.burst == 0 || shape.rate <= 0.0 {
        return Err("size must be 32 or more, burst and rate above 0".into());
    }
    let (url, tokens) = (args.text("url")?.to_owned(), args.tokens()?);
    if tokens.len() < publishers + watchers {
        return Err(format!("{} tokens for {} members", tokens.len(), publishers + watchers).into());
    }
    let epoch = Instant::now();
    let rss_before = process::rss(pid);
    let shared = Arc::new(Shared::default());
    let publishing = {
        let (shared, url, tokens) = (shared.clone(), url.clone(), tokens[..publishers].to_vec());
        std::thread::spawn(move || publish(&url, &tokens, shape, epoch, &shared))
    };
    wait_for_publishers(&shared, &publishing)?;
    let plan = Plan { url, tokens: tokens[publishers..publishers + watchers].to_vec(), gap, seconds, pid, epoch };
    let watched = watch(&plan, &shared);
    shared.done.store(true, Ordering::Relaxed);
    let published = publishing.join().map_err(|_| "a publisher panicked")?;
    let mut watched = watched?;
    published?;
    let members = &mut watched.members;
    let mut delays: Vec<f64> = members.iter_mut().flat_map(|m| std::mem::take(&mut m.tally.delays)).collect();
    let received: u64 = members.iter().map(|member| member.tally.packets).sum();
    let report = json!({
        "mode": "fanout", "publishers": publishers, "subscribers": watchers, "rate": shape.rate, "burst": shape.burst,
        "size": shape.size, "seconds": watched.seconds,
        "packets_sent": shared.sent.load(Ordering::Relaxed), "packets_received": received,
        "lost": members.iter().map(|member| member.tally.lost()).sum::<u64>(),
        "receiving_subscribers": members.iter().filter(|member| member.tally.packets > 0).count(),
        "delay_ms_p50": percentile(&mut delays, 0.5), "delay_ms_p99": percentile(&mut delays, 0.99),
        "server_cpu_seconds": watched.cpu.map(|cpu| cpu.scheduled),
        "server_cpu_seconds_by_ticks": watched.cpu.map(|cpu| cpu.ticks),
        "packets_per_server_cpu_second": watched.cpu.map(|cpu| (received as f64 / cpu.scheduled).round()),
        "join_ms_p50": percentile(&mut watched.joins, 0.5), "join_ms_p90": percentile(&mut watched.joins, 0.9),
        "seen_by_others_ms_p50": percentile(&mut watched.seen, 0.5),
        "server_rss_kib_before": rss_before, "server_rss_kib_during": watched.rss,
    });
    members.iter_mut().for_each(Member::leave);
    Ok(report)
}

fn wait_for_publishers(shared: &Shared, thread: &std::thread::JoinHandle<Result<(), Failure>>) -> Result<(), Failure> {
    let end = Instant::now() + Duration::from_secs(30);
    while !shared.publishing.load(Ordering::Relaxed) {
        if Instant::now() > end || thread.is_finished() {
            return Err("the publishers never got through".into());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

fn publish(url: &str, tokens: &[String], shape: Shape, epoch: Instant, shared: &Shared) -> Result<(), Failure> {
    let result = publish_all(url, tokens, shape, epoch, shared);
    if let Err(error) = &result {
        eprintln!("publishers: {error}");
    }
    result
}

fn publish_all(url: &str, tokens: &[String], shape: Shape, epoch: Instant, shared: &Shared) -> Result<(), Failure> {
    let join = |token: &String| Member::join(url, token, Part::Publish, epoch);
    let mut members: Vec<Member> = tokens.iter().map(join).collect::<Result<_, _>>()?;
    let period = Duration::from_secs_f64(shape.burst as f64 / shape.rate);
    let ticks = (period.as_secs_f64() * 90_000.0) as u32;
    let mut next = Instant::now();
    while !shared.done.load(Ordering::Relaxed) {
        step_all(&mut members, next.saturating_duration_since(Instant::now()).min(Duration::from_millis(5)))?;
        if let Some(first) = members.first_mut() {
            let now = Instant::now();
            let mut announced = shared.announced.lock().unwrap_or_else(PoisonError::into_inner);
            for sid in first.announced.drain(..) {
                announced.entry(sid).or_insert(now);
            }
        }
        if Instant::now() >= next {
            next += period;
            for member in &mut members {
                member.send_frame(shape.burst, shape.size, ticks)?;
                if shared.measuring.load(Ordering::Relaxed) {
                    shared.sent.fetch_add(shape.burst as u64, Ordering::Relaxed);
                }
            }
            if members.iter().all(Member::can_publish) {
                shared.publishing.store(true, Ordering::Relaxed);
            }
        }
    }
    members.iter_mut().for_each(Member::leave);
    Ok(())
}

struct Plan {
    url: String,
    tokens: Vec<String>,
    /// Between two joins; a server that limits keyframe requests otherwise lets the next joiner wait for that.
    gap: Duration,
    seconds: f64,
    pid: Option<u32>,
    epoch: Instant,
}

struct Watched {
    members: Vec<Member>,
    joins: Vec<f64>,
    seen: Vec<f64>,
    cpu: Option<process::Cpu>,
    rss: Option<u64>,
    seconds: f64,
}

/// Joins one after the other, then measures for `seconds` with everybody in.
fn watch(plan: &Plan, shared: &Shared) -> Result<Watched, Failure> {
    let (tokens, seconds, pid) = (&plan.tokens, plan.seconds, plan.pid);
    let mut members: Vec<Member> = Vec::new();
    for token in tokens {
        members.push(Member::join(&plan.url, token, Part::Watch, plan.epoch)?);
        let last = members.len() - 1;
        let started = members[last].started;
        while (members[last].first_packet.is_none() && started.elapsed() < JOIN_PATIENCE)
            || started.elapsed() < plan.gap
        {
            step_all(&mut members, Duration::from_millis(5))?;
        }
        if members.len().is_multiple_of(10) {
            eprintln!("{} of {} joined", members.len(), tokens.len());
        }
    }
    let settled = Instant::now() + Duration::from_secs(1);
    while Instant::now() < settled {
        step_all(&mut members, Duration::from_millis(5))?;
    }
    for member in &mut members {
        member.tally = Tally::default();
    }
    let (start, before) = (Instant::now(), process::cpu(pid));
    shared.measuring.store(true, Ordering::Relaxed);
    let mut told = start;
    while start.elapsed().as_secs_f64() < seconds {
        step_all(&mut members, Duration::from_millis(5))?;
        if told.elapsed() > Duration::from_secs(2) {
            told = Instant::now();
            eprintln!("{:.0} of {seconds:.0} s", start.elapsed().as_secs_f64());
        }
    }
    shared.measuring.store(false, Ordering::Relaxed);
    let seconds = start.elapsed().as_secs_f64();
    let cpu = before.zip(process::cpu(pid)).map(|(before, after)| process::Cpu {
        ticks: after.ticks - before.ticks,
        scheduled: after.scheduled - before.scheduled,
    });
    let rss = process::rss(pid);
    let in_ms = |from: Instant, to: Instant| to.saturating_duration_since(from).as_secs_f64() * 1000.0;
    let joins = members.iter().filter_map(|m| Some(in_ms(m.started, m.first_packet?))).collect();
    let announced = shared.announced.lock().unwrap_or_else(PoisonError::into_inner);
    let seen = members.iter().filter_map(|m| Some(in_ms(m.started, *announced.get(&m.sid)?))).collect();
    drop(announced);
    Ok(Watched { members, joins, seen, cpu, rss, seconds })
}
