//! One media packet on its way from a track to its subscribers, whoever published it.

use std::sync::Arc;
use std::time::Instant;

use str0m::rtp::rtcp::SenderInfo;
use str0m::rtp::{ExtensionValues, RtpPacket, Ssrc};

/// What of an RTP packet matters here.
pub(crate) struct Packet {
    pub source: Ssrc,
    /// Without rollovers.
    pub sequence: u64,
    pub timestamp: u32,
    pub marker: bool,
    pub payload: Arc<[u8]>,
    /// Only what describes the media; ids of m-lines and transport numbers are each connection's own.
    pub extensions: ExtensionValues,
    pub arrived: Instant,
    /// The moment that our sender reports (RFC 3550 §6.4.1) tie the timestamp to.
    pub moment: Instant,
    /// When its frame was taken, where its publisher told that in our own clock: microseconds since 1970.
    pub captured: Option<i64>,
    /// The sender's clock as last reported.
    pub report: Option<SenderInfo>,
}

impl From<RtpPacket> for Packet {
    fn from(packet: RtpPacket) -> Self {
        let extensions = packet.header.ext_vals;
        Packet {
            source: packet.header.ssrc,
            sequence: *packet.seq_no,
            timestamp: packet.header.timestamp,
            marker: packet.header.marker,
            payload: packet.payload,
            extensions: ExtensionValues {
                audio_level: extensions.audio_level,
                voice_activity: extensions.voice_activity,
                video_orientation: extensions.video_orientation,
                ..Default::default()
            },
            arrived: packet.timestamp,
            moment: packet.timestamp,
            captured: None,
            report: packet.last_sender_info,
        }
    }
}
