//! What sending costs with nothing around it: encrypt each datagram, send them in segmented runs.

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::args::{Args, Failure};
use crate::sys;

const TAG: usize = 16;

pub fn run(args: &Args) -> Result<Value, Failure> {
    let destinations: usize = args.number("destinations", 50)?;
    let burst: usize = args.number("burst", 32)?;
    let size: usize = args.number("size", 1100)?;
    let seconds: f64 = args.number("seconds", 5.0)?;
    if burst == 0 || size <= TAG || burst * size > 65_000 {
        return Err("burst x size must stay within 65,000 bytes".into());
    }
    let sinks: Vec<UdpSocket> = (0..destinations).map(|_| sink()).collect::<Result<_, _>>()?;
    let addresses: Vec<SocketAddr> = sinks.iter().map(UdpSocket::local_addr).collect::<Result<_, _>>()?;
    let running = Arc::new(AtomicBool::new(true));
    let delivered = Arc::new(AtomicU64::new(0));
    let reader = {
        let (running, delivered) = (running.clone(), delivered.clone());
        std::thread::spawn(move || drain(&sinks, &running, &delivered))
    };
    let socket = sink()?;
    sys::segment(&socket, size as u16)?;
    let crypto = str0m::crypto::from_feature_flags();
    let mut cipher = crypto.srtp_provider.aead_aes_256_gcm().create_cipher([7; 32], true);
    let (plain, mut run) = (vec![0x5a; size - TAG], vec![0; burst * size]);
    let (start, cpu) = (Instant::now(), sys::thread_cpu());
    let mut sent = 0u64;
    while start.elapsed().as_secs_f64() < seconds {
        for address in &addresses {
            for (i, datagram) in run.chunks_exact_mut(size).enumerate() {
                let mut iv = [0; 12];
                iv[..8].copy_from_slice(&(sent + i as u64).to_le_bytes());
                cipher.encrypt(&iv, &[0; 12], &plain, datagram)?;
            }
            if socket.send_to(&run, address).is_ok() {
                sent += burst as u64;
            }
        }
    }
    let cpu = (sys::thread_cpu() - cpu).as_secs_f64();
    std::thread::sleep(Duration::from_millis(100));
    running.store(false, Ordering::Relaxed);
    let _ = reader.join();
    Ok(json!({
        "mode": "floor", "destinations": destinations, "burst": burst, "size": size, "packets_sent": sent,
        "delivered_share": delivered.load(Ordering::Relaxed) as f64 / sent as f64,
        "cpu_seconds": cpu, "packets_per_cpu_second": (sent as f64 / cpu).round(),
    }))
}

fn sink() -> Result<UdpSocket, Failure> {
    Ok(sys::udp_socket("127.0.0.1:0".parse()?)?)
}

fn drain(sinks: &[UdpSocket], running: &AtomicBool, delivered: &AtomicU64) {
    let mut buffer = [0; 2000];
    while running.load(Ordering::Relaxed) {
        let mut count = 0;
        for sink in sinks {
            while sink.recv(&mut buffer).is_ok() {
                count += 1;
            }
        }
        delivered.fetch_add(count, Ordering::Relaxed);
        if count == 0 {
            std::thread::sleep(Duration::from_micros(200));
        }
    }
}
