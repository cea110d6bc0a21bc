//! One encoder's conversation, without any I/O: bytes in, bytes and happenings out (RTMP §5, §7).
//!
//! Encoders say connect, createStream, publish and then send; everything else they say is either answered in passing or
//! of no consequence. Nothing is read on while the owner decides about a publish.

use std::collections::VecDeque;

use crate::amf::{Reader, Value, Writer};
use crate::chunk::{self, Assembler, Message};
use crate::flv;

/// Bytes of C1, C2, S1 and S2 each (§5.2.3).
const PACKET: usize = 1536;
/// The longest message, and all that is read, before a publish is accepted.
const TALK: usize = 16 * 1024;
const TALK_IN_ALL: usize = 64 * 1024;
/// Answers that wait because the other side does not read them.
const UNREAD: usize = 64 * 1024;
/// The longest app and stream name.
const NAME: usize = 1024;
/// The window of acknowledgements we ask for, and the one we keep where none is set.
const WINDOW: u32 = 2_500_000;
/// The one message stream of a connection.
const STREAM: u8 = 1;

/// Why a conversation ends at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Not what the protocol allows here.
    Malformed(&'static str),
    /// More than this connection may make us hold.
    TooLarge,
}

/// What the owner is told.
#[derive(Debug, PartialEq)]
pub(crate) enum Happening {
    /// A stream wants in; [`Session::accept`] or [`Session::farewell`] answers.
    Asked { app: String, name: String, encoder: String },
    /// Sound, picture or description.
    Tag { kind: u8, timestamp: u32, payload: Vec<u8> },
    /// The encoder has finished.
    Finished,
}

enum Stage {
    /// C0 and C1.
    Greeting(Vec<u8>),
    /// That many bytes of C2, which nobody checks: what it must echo is known to anyone.
    Echo(usize),
    Talking,
    /// What had been read already.
    Asked(Vec<u8>),
    Live,
    Over,
}

/// A conversation.
pub(crate) struct Session {
    stage: Stage,
    chunks: Assembler,
    longest: usize,
    app: Option<String>,
    encoder: String,
    received: u64,
    acknowledged: u64,
    window: u32,
    /// Leaves for the encoder.
    pub out: Vec<u8>,
    /// For the owner, oldest first.
    pub happenings: VecDeque<Happening>,
}

impl Session {
    /// A conversation whose media messages may have so many bytes.
    pub fn new(longest: usize) -> Self {
        Session {
            stage: Stage::Greeting(Vec::new()),
            chunks: Assembler::new(TALK),
            longest,
            app: None,
            encoder: String::new(),
            received: 0,
            acknowledged: 0,
            window: WINDOW,
            out: Vec::new(),
            happenings: VecDeque::new(),
        }
    }

    /// Takes what was read.
    pub fn feed(&mut self, mut input: &[u8]) -> Result<(), Fault> {
        self.received += input.len() as u64;
        if !matches!(self.stage, Stage::Live) && self.received > TALK_IN_ALL as u64 {
            return Err(Fault::TooLarge);
        }
        while !input.is_empty() {
            match &mut self.stage {
                Stage::Greeting(begun) => {
                    let (taken, rest) = input.split_at(input.len().min(1 + PACKET - begun.len()));
                    begun.extend_from_slice(taken);
                    input = rest;
                    if begun[0] != 3 {
                        return Err(Fault::Malformed("version"));
                    }
                    if begun.len() == 1 + PACKET {
                        let client = std::mem::take(begun);
                        self.greet(&client[1..]);
                    }
                }
                Stage::Echo(missing) => {
                    let count = input.len().min(*missing);
                    *missing -= count;
                    input = &input[count..];
                    if *missing == 0 {
                        self.stage = Stage::Talking;
                    }
                }
                Stage::Asked(held) => {
                    held.extend_from_slice(input);
                    return Ok(());
                }
                Stage::Over => return Ok(()),
                Stage::Talking | Stage::Live => {
                    if let Some(message) = self.chunks.next(&mut input)? {
                        self.take(message)?;
                    }
                }
            }
        }
        self.acknowledge();
        if self.out.len() > UNREAD { Err(Fault::TooLarge) } else { Ok(()) }
    }

    /// The stream may come. Media read already happens now.
    pub fn accept(&mut self) -> Result<(), Fault> {
        let Stage::Asked(held) = std::mem::replace(&mut self.stage, Stage::Live) else { return Ok(()) };
        self.chunks.longest = self.longest;
        // StreamBegin (§7.1.7).
        chunk::write(&mut self.out, 4, 0, &[0, 0, 0, 0, 0, STREAM]);
        self.status("status", "NetStream.Publish.Start", "Publishing.");
        self.received -= held.len() as u64;
        self.feed(&held)
    }

    /// Tells the encoder why it ends here; nothing that it sends counts from now on.
    pub fn farewell(&mut self, code: &str, description: &str) {
        if matches!(self.stage, Stage::Asked(_) | Stage::Live) {
            self.status("error", code, description);
        }
        self.stage = Stage::Over;
    }

    /// Whether an answer about a publish is awaited.
    pub fn asks(&self) -> bool {
        matches!(self.stage, Stage::Asked(_))
    }

    /// S0, S1 and S2 (§5.2). A zero version in S1 says that its digests, of another protocol's, are not to be checked.
    fn greet(&mut self, client: &[u8]) {
        let mut own = [0; PACKET];
        // SAFETY: the buffer is writable for the length given. Should it stay zero, nothing rests on it.
        unsafe { libc::getrandom(own[8..].as_mut_ptr().cast(), PACKET - 8, libc::GRND_NONBLOCK) };
        self.out.push(3);
        self.out.extend_from_slice(&own);
        self.out.extend_from_slice(client);
        self.stage = Stage::Echo(PACKET);
    }

    fn take(&mut self, message: Message) -> Result<(), Fault> {
        let Message { kind, timestamp, payload } = message;
        let number = || payload.first_chunk().copied().map(u32::from_be_bytes);
        match kind {
            1 => self.chunks.set_chunk_size(number().ok_or(Fault::Malformed("chunk size"))?)?,
            2 => self.chunks.abort(number().ok_or(Fault::Malformed("abort"))?),
            4 => self.control(&payload),
            5 => self.window = number().unwrap_or(WINDOW).max(1),
            17 => self.command(payload.get(1..).unwrap_or_default())?,
            20 => self.command(&payload)?,
            8 | 9 | 15 | 18 | 22 if matches!(self.stage, Stage::Live) => self.media(kind, timestamp, payload),
            _ => {}
        }
        Ok(())
    }

    fn media(&mut self, kind: u8, timestamp: u32, payload: Vec<u8>) {
        match kind {
            22 => {
                let parts = flv::parts(timestamp, &payload).filter(|(kind, _, _)| matches!(kind, 8 | 9));
                self.happenings.extend(parts.map(|(kind, timestamp, payload)| Happening::Tag {
                    kind,
                    timestamp,
                    payload: payload.to_vec(),
                }));
            }
            15 | 18 => {
                let description = &payload[usize::from(kind == 15 && !payload.is_empty())..];
                let mut reader = Reader::new(description);
                let name = reader.value();
                let meant = match name.as_ref().and_then(Value::text) {
                    Some("@setDataFrame") => reader.rest(),
                    _ => description,
                };
                self.happenings.push_back(Happening::Tag { kind: 18, timestamp, payload: meant.to_vec() });
            }
            _ => self.happenings.push_back(Happening::Tag { kind, timestamp, payload }),
        }
    }

    /// User control messages (§7.1.7): of these only the ping asks for something.
    fn control(&mut self, payload: &[u8]) {
        if let Some((&[0, 6], rest)) = payload.split_first_chunk() {
            let mut answer = vec![0, 7];
            answer.extend_from_slice(&rest[..rest.len().min(4)]);
            chunk::write(&mut self.out, 4, 0, &answer);
        }
    }

    fn command(&mut self, payload: &[u8]) -> Result<(), Fault> {
        let mut reader = Reader::new(payload);
        let (Some(Value::Text(name)), Some(number)) = (reader.value(), reader.value()) else {
            return Err(Fault::Malformed("command"));
        };
        let number = number.number().unwrap_or(0.0);
        let object = reader.value().unwrap_or(Value::Nothing);
        match name.as_str() {
            "connect" => return self.connect(number, &object),
            "createStream" if self.app.is_some() => {
                let answer = Writer::default().text("_result").number(number).null().number(STREAM.into());
                self.say(0, answer);
            }
            "releaseStream" => self.say(0, Writer::default().text("_result").number(number).null().null()),
            "FCPublish" => self.say(0, Writer::default().text("onFCPublish").number(0.0).null()),
            "publish" => return self.publish(&reader.value().unwrap_or(Value::Nothing)),
            "play" | "play2" => {
                self.status("error", "NetStream.Play.StreamNotFound", "Nothing is played here.");
                self.stage = Stage::Over;
                self.happenings.push_back(Happening::Finished);
            }
            "FCUnpublish" => self.say(0, Writer::default().text("onFCUnpublish").number(0.0).null()),
            "deleteStream" | "closeStream" if matches!(self.stage, Stage::Live) => {
                self.status("status", "NetStream.Unpublish.Success", "Stopped.");
                self.stage = Stage::Over;
                self.happenings.push_back(Happening::Finished);
            }
            _ => {}
        }
        Ok(())
    }

    /// §7.2.1.1.
    fn connect(&mut self, number: f64, object: &Value) -> Result<(), Fault> {
        if self.app.is_some() {
            return Err(Fault::Malformed("connect twice"));
        }
        self.app = Some(named(object.field("app"))?);
        self.encoder = object.field("flashVer").unwrap_or_default().chars().take(64).collect();
        chunk::write(&mut self.out, 5, 0, &WINDOW.to_be_bytes());
        let mut bandwidth = WINDOW.to_be_bytes().to_vec();
        // The dynamic kind of limit (§5.4.5).
        bandwidth.push(2);
        chunk::write(&mut self.out, 6, 0, &bandwidth);
        chunk::write(&mut self.out, 1, 0, &chunk::OWN_CHUNK.to_be_bytes());
        let answer = Writer::default().text("_result").number(number).object(&[("fmsVer", "FMS/3,0,1,123")]).object(&[
            ("level", "status"),
            ("code", "NetConnection.Connect.Success"),
            ("description", "Connection succeeded."),
        ]);
        self.say(0, answer);
        Ok(())
    }

    /// §7.2.2.6.
    fn publish(&mut self, name: &Value) -> Result<(), Fault> {
        let Some(app) = self.app.clone() else { return Err(Fault::Malformed("publish before connect")) };
        if !matches!(self.stage, Stage::Talking) {
            return Err(Fault::Malformed("publish twice"));
        }
        let name = named(name.text())?;
        self.stage = Stage::Asked(Vec::new());
        self.happenings.push_back(Happening::Asked { app, name, encoder: self.encoder.clone() });
        Ok(())
    }

    fn status(&mut self, level: &str, code: &str, description: &str) {
        let told = Writer::default().text("onStatus").number(0.0).null().object(&[
            ("level", level),
            ("code", code),
            ("description", description),
        ]);
        self.say(STREAM, told);
    }

    fn say(&mut self, stream: u8, command: Writer) {
        chunk::write(&mut self.out, 20, stream, &command.done());
    }

    /// §5.4.3: what was read, once a window.
    fn acknowledge(&mut self) {
        if self.received - self.acknowledged >= u64::from(self.window) {
            self.acknowledged = self.received;
            chunk::write(&mut self.out, 3, 0, &(self.received as u32).to_be_bytes());
        }
    }
}

fn named(text: Option<&str>) -> Result<String, Fault> {
    match text {
        Some(text) if text.len() <= NAME => Ok(text.into()),
        Some(_) => Err(Fault::TooLarge),
        None => Err(Fault::Malformed("name")),
    }
}

#[cfg(test)]
mod tests;
