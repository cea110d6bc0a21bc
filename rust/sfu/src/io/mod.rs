//! The kernel's side: sockets, batches of datagrams, descriptors. The only unsafe code of the crate is in here.

#![allow(unsafe_code)]

mod eventfd;
mod receive;
mod send;
mod socket;
mod wait;

pub(crate) use eventfd::EventFd;
pub(crate) use receive::ReceiveBatch;
pub(crate) use send::SendBatch;
pub(crate) use socket::bind;
pub(crate) use wait::{monotonic, thread_cpu, wait_readable, wait_stream};

/// Datagrams moved by one system call.
pub(crate) const BATCH: usize = 64;
