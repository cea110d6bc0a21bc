//! A few publish, many watch: loss, delay, the server's CPU and memory, and how long joining takes.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::args::{Args, Failure};
use crate::member::{Member, Part, step_all};
use crate::process;
use crate::shape::Shape;
use crate::summary::percentile;
use crate::window::{self, Measured, Tally, Window};

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

pub fn run(args: &Args) -> Result<Value, Failure> {
    let (publishers, watchers): (usize, usize) = (args.number("publishers", 1)?, args.number("subscribers", 50)?);
    let shape = Shape::from_args(args)?;
    let (seconds, pid): (f64, _) = (args.number("seconds", 10.0)?, args.pid()?);
    let gap = Duration::try_from_secs_f64(args.number("join-gap", 0.35)?)?;
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
    let tallies: Vec<&Tally> = members.iter().map(|member| &member.tally).collect();
    let mut report = window::report("fanout", shape, shared.sent.load(Ordering::Relaxed), &tallies, &watched.measured);
    report["publishers"] = json!(publishers);
    report["join_ms_p50"] = json!(percentile(&mut watched.joins, 0.5));
    report["join_ms_p90"] = json!(percentile(&mut watched.joins, 0.9));
    report["seen_by_others_ms_p50"] = json!(percentile(&mut watched.seen, 0.5));
    report["server_rss_kib_before"] = json!(rss_before);
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
            next += shape.period();
            for member in &mut members {
                member.send_frame(shape)?;
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
    measured: Measured,
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
    let window = Window::open(pid);
    shared.measuring.store(true, Ordering::Relaxed);
    let mut told = Instant::now();
    while window.elapsed() < seconds {
        step_all(&mut members, Duration::from_millis(5))?;
        if told.elapsed() > Duration::from_secs(2) {
            told = Instant::now();
            eprintln!("{:.0} of {seconds:.0} s", window.elapsed());
        }
    }
    shared.measuring.store(false, Ordering::Relaxed);
    let measured = window.close();
    let in_ms = |from: Instant, to: Instant| to.saturating_duration_since(from).as_secs_f64() * 1000.0;
    let joins = members.iter().filter_map(|m| Some(in_ms(m.started, m.first_packet?))).collect();
    let announced = shared.announced.lock().unwrap_or_else(PoisonError::into_inner);
    let seen = members.iter().filter_map(|m| Some(in_ms(m.started, *announced.get(&m.sid)?))).collect();
    drop(announced);
    Ok(Watched { members, joins, seen, measured })
}
