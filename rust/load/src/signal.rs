//! One signalling WebSocket (LiveKit's v0 path).

use std::io::ErrorKind;
use std::net::{IpAddr, TcpStream};
use std::os::fd::{AsRawFd, RawFd};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use prost::Message as _;
use tungstenite::{Message, WebSocket, client};

use crate::args::Failure;
use crate::messages::{Ping, Request, RequestKind, Response, ResponseKind};

pub struct Signal(WebSocket<TcpStream>);

impl Signal {
    /// `url` is ws://host:port; the handshake is done when this returns.
    pub fn connect(url: &str, token: &str) -> Result<Self, Failure> {
        let host = url.strip_prefix("ws://").ok_or("the url must start with ws://")?.trim_end_matches('/');
        let stream = TcpStream::connect(host)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        let query = "auto_subscribe=1&protocol=15&sdk=go&version=1.0.0";
        let (socket, _) = client(format!("ws://{host}/rtc?access_token={token}&{query}"), stream)
            .map_err(|error| format!("WebSocket handshake: {error}"))?;
        socket.get_ref().set_nonblocking(true)?;
        Ok(Signal(socket))
    }

    pub fn local_ip(&self) -> Result<IpAddr, Failure> {
        Ok(self.0.get_ref().local_addr()?.ip())
    }

    pub fn fd(&self) -> RawFd {
        self.0.get_ref().as_raw_fd()
    }

    pub fn send(&mut self, kind: RequestKind) -> Result<(), Failure> {
        let request = Request { kind: Some(kind) };
        match self.0.send(Message::Binary(request.encode_to_vec().into())) {
            Err(tungstenite::Error::Io(error)) if error.kind() == ErrorKind::WouldBlock => Ok(()),
            other => Ok(other?),
        }
    }

    pub fn ping(&mut self) -> Result<(), Failure> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
        self.send(RequestKind::PingReq(Ping { timestamp: i64::try_from(now)? }))
    }

    /// The next message that has arrived in full.
    pub fn receive(&mut self) -> Result<Option<ResponseKind>, Failure> {
        loop {
            match self.0.read() {
                Ok(Message::Binary(bytes)) => {
                    if let Some(kind) = Response::decode(bytes)?.kind {
                        return Ok(Some(kind));
                    }
                }
                Ok(Message::Close(frame)) => return Err(format!("the server closed: {frame:?}").into()),
                Ok(_) => {}
                Err(tungstenite::Error::Io(error)) if error.kind() == ErrorKind::WouldBlock => {
                    let _ = self.0.flush();
                    return Ok(None);
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
}
