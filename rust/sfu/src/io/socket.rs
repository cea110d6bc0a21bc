//! UDP sockets with room for bursts.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;

use socket2::{Domain, Protocol, Socket, Type};

/// A keyframe to a hundred subscribers is some thousand datagrams at once.
const BUFFER_BYTES: usize = 8 * 1024 * 1024;

/// Binds a non-blocking socket. An IPv6 socket stays IPv6 only, so that both families may share a port.
pub(crate) fn bind(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    enlarge(&socket, libc::SO_RCVBUFFORCE, libc::SO_RCVBUF);
    enlarge(&socket, libc::SO_SNDBUFFORCE, libc::SO_SNDBUF);
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    Ok(socket.into())
}

/// The forced form may exceed net.core.*mem_max but needs CAP_NET_ADMIN; a smaller buffer is no reason to fail.
fn enlarge(socket: &Socket, forced: libc::c_int, plain: libc::c_int) {
    let bytes = BUFFER_BYTES as libc::c_int;
    for option in [forced, plain] {
        // SAFETY: the option value is a live c_int and its length is given.
        let result = unsafe {
            libc::setsockopt(
                socket.as_raw_fd(),
                libc::SOL_SOCKET,
                option,
                (&raw const bytes).cast(),
                size_of::<libc::c_int>() as libc::socklen_t,
            )
        };
        if result == 0 {
            return;
        }
    }
}
