//! How a str0m instance is set up for each role.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use str0m::config::{CryptoProvider, DtlsCert, DtlsVersion};
use str0m::format::{Codec, CodecConfig, FormatParams, PayloadParams};
use str0m::media::Frequency;
use str0m::rtp::{Extension, ExtensionMap};
use str0m::{Candidate, Rtc, RtcConfig};

use crate::MAX_MESSAGE;
use crate::peer::Role;

/// Bytes str0m may hold for all data channels of a peer; more waits in our own queue, shared between subscribers.
const CHANNEL_BUFFER: usize = 256 * 1024;

/// Payload types and profile-level-id (RFC 6184 §8.1): baseline, constrained baseline, main, high, all with packetization
/// mode 1. Every further one makes each video m-line of each offer longer.
const H264_PROFILES: [(u8, u8, u32); 4] =
    [(127, 121, 0x42001f), (108, 109, CONSTRAINED_BASELINE), (123, 119, 0x4d001f), (114, 115, 0x64001f)];

const CONSTRAINED_BASELINE: u32 = 0x42e01f;

/// Makes `Rtc`s that share one certificate.
pub(crate) struct Factory {
    crypto: Arc<CryptoProvider>,
    certificate: DtlsCert,
    candidates: Vec<SocketAddr>,
    sample_every: Duration,
}

impl Factory {
    pub fn new(candidates: Vec<SocketAddr>, sample_every: Duration) -> Option<Self> {
        let crypto = Arc::new(str0m::crypto::from_feature_flags());
        let certificate = crypto.dtls_provider.generate_certificate()?;
        Some(Factory { crypto, certificate, candidates, sample_every })
    }

    pub fn build(&self, role: Role, now: Instant) -> Rtc {
        let mut config = RtcConfig::new()
            .set_crypto_provider(self.crypto.clone())
            .set_dtls_cert(self.certificate.clone())
            // With DTLS 1.3 browsers chose AES-CM with HMAC-SHA1 for SRTP, at five times the cost of AES-GCM.
            .set_dtls_version(DtlsVersion::Dtls12)
            .set_rtp_mode(true)
            .set_sctp_max_message_size(MAX_MESSAGE as u32)
            .set_sctp_max_buffered_amount(CHANNEL_BUFFER)
            .set_stats_interval(Some(report_interval(role, self.sample_every)))
            .set_extension_map(extensions(role));
        *config.codec_config() = codecs(role);
        let mut rtc = config.build(now);
        for address in &self.candidates {
            if let Ok(candidate) = Candidate::host(*address, "udp") {
                rtc.add_local_candidate(candidate);
            }
        }
        rtc
    }
}

/// How often str0m tells what it counted. What came since the last report is missing in a subscriber's last sample; the
/// NACK counters shown of a track are as old as its publisher's.
pub(crate) fn report_interval(role: Role, sample_every: Duration) -> Duration {
    match role {
        Role::Publisher => (sample_every / 2).min(Duration::from_secs(1)),
        Role::Subscriber => sample_every / 2,
    }
}

/// Publishers get transport-wide feedback, without which Chromium's estimate stays at its 300 kbit/s start. Subscribers
/// do not: nothing here reads their feedback yet.
fn extensions(role: Role) -> ExtensionMap {
    let mut map = ExtensionMap::empty();
    map.set(1, Extension::AudioLevel);
    map.set(4, Extension::RtpMid);
    map.set(13, Extension::VideoOrientation);
    if role == Role::Publisher {
        map.set(2, Extension::AbsoluteSendTime);
        map.set(3, Extension::TransportSequenceNumber);
        // libwebrtc cannot make its next offer with simulcast in it once an answer has refused these.
        map.set(10, Extension::RtpStreamId);
        map.set(11, Extension::RepairedRtpStreamId);
    }
    map
}

/// What stands for a codec where nobody negotiated. Of H264's profiles the most modest: every subscriber has it.
pub(crate) fn params_of(codec: Codec) -> PayloadParams {
    let config = codecs(Role::Publisher);
    let mut params = config.params().iter().filter(|params| params.spec().codec == codec);
    let modest = |params: &&PayloadParams| params.spec().format.profile_level_id == Some(CONSTRAINED_BASELINE);
    let found = params.clone().find(modest).or_else(|| params.next());
    found.copied().unwrap_or(config.params()[0])
}

fn codecs(role: Role) -> CodecConfig {
    let mut config = CodecConfig::empty();
    let vp9 = FormatParams { profile_id: Some(0), ..Default::default() };
    config.enable_opus(true, false);
    config.enable_vp8(true);
    for (payload_type, resend, profile) in H264_PROFILES {
        config.add_h264(payload_type.into(), Some(resend.into()), true, profile);
    }
    config.add_config(98.into(), Some(99.into()), Codec::Vp9, Frequency::NINETY_KHZ, None, vp9);
    config.enable_av1(true);
    if role == Role::Publisher {
        return config;
    }
    let mut params = config.params().to_vec();
    for param in &mut params {
        param.set_fb_transport_cc(false);
        param.set_fb_remb(false);
    }
    CodecConfig::new_from_payload_params(params)
}
