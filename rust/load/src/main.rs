//! `polyroom-load`: how much the server carries, measured from outside by LiveKit clients.
//!
//! Prints one JSON object on stdout and progress on stderr.

mod args;
mod fanout;
mod floor;
mod idle;
mod janus;
mod member;
mod messages;
mod peer;
mod process;
mod shape;
mod signal;
mod summary;
mod sys;
mod window;

use std::process::ExitCode;

const USAGE: &str = "\
polyroom-load fanout --url ws://HOST:PORT --token-file FILE [--publishers 1] [--subscribers 50] [--rate 1000]
                     [--burst 33] [--size 1100] [--seconds 10]
                     [--join-gap 0.35] [--pid SERVER]
polyroom-load idle   --url ws://HOST:PORT --token-file FILE [--count 100] [--pid SERVER]
polyroom-load janus  --api HOST:PORT --rtp-to HOST:PORT [--mountpoint 1] [--subscribers 50] [--rate 1000]
                     [--burst 33] [--size 1100] [--seconds 10] [--pid SERVER]
polyroom-load floor  [--destinations 50] [--burst 32] [--size 1100] [--seconds 5]

The token file has one token a line: first the publishers', then the subscribers'.";

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let mode = words.next().unwrap_or_default();
    let result = args::Args::parse(words).and_then(|args| match mode.as_str() {
        "fanout" => fanout::run(&args),
        "idle" => idle::run(&args),
        "janus" => janus::run(&args),
        "floor" => floor::run(&args),
        _ => Err(USAGE.into()),
    });
    match result {
        Ok(report) => {
            println!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
