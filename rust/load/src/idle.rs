//! Everybody is in, nobody sends: what one participant costs in memory and CPU.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::args::{Args, Failure};
use crate::member::{Member, Part, step_all};
use crate::process;
use crate::summary::percentile;

pub fn run(args: &Args) -> Result<Value, Failure> {
    let count: usize = args.number("count", 100)?;
    let (url, tokens, pid) = (args.text("url")?, args.tokens()?, args.pid()?);
    if tokens.len() < count {
        return Err(format!("{} tokens for {count} members", tokens.len()).into());
    }
    let (epoch, before) = (Instant::now(), process::rss(pid));
    let mut members: Vec<Member> = Vec::new();
    let mut joins = Vec::new();
    for token in &tokens[..count] {
        members.push(Member::join(url, token, Part::Idle, epoch)?);
        let last = members.len() - 1;
        let end = Instant::now() + Duration::from_secs(5);
        while !members[last].both_connected() {
            if Instant::now() > end {
                return Err(format!("member {last} never connected").into());
            }
            step_all(&mut members, Duration::from_millis(5))?;
        }
        joins.push(members[last].started.elapsed().as_secs_f64() * 1000.0);
        if members.len().is_multiple_of(50) {
            eprintln!("{} of {count} joined", members.len());
        }
    }
    run_for(&mut members, Duration::from_secs(3))?;
    let (start, cpu) = (Instant::now(), process::cpu(pid));
    run_for(&mut members, Duration::from_secs(5))?;
    let used = cpu.zip(process::cpu(pid)).map(|(before, after)| after.scheduled - before.scheduled);
    let after = process::rss(pid);
    let growth = before.zip(after).map(|(before, after)| after.saturating_sub(before) as f64 / count as f64);
    members.iter_mut().for_each(Member::leave);
    Ok(json!({
        "mode": "idle", "count": count, "both_connected_ms_p50": percentile(&mut joins, 0.5),
        "both_connected_ms_p90": percentile(&mut joins, 0.9), "server_rss_kib_before": before,
        "server_rss_kib_after": after, "server_rss_kib_per_participant": growth,
        "server_cpu_share": used.map(|used| used / start.elapsed().as_secs_f64()),
    }))
}

fn run_for(members: &mut [Member], duration: Duration) -> Result<(), Failure> {
    let end = Instant::now() + duration;
    while Instant::now() < end {
        step_all(members, Duration::from_millis(20))?;
    }
    Ok(())
}
