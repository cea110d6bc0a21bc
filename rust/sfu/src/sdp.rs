//! Session descriptions on their way in: cleaned, read and bounded before str0m sees them.

use std::panic::catch_unwind;

use str0m::change::{SdpAnswer, SdpOffer};
use str0m::media::MediaKind;

use crate::event::MediaSection;

const MAX_BYTES: usize = 256 * 1024;
const MAX_SECTIONS: usize = 256;
/// str0m's own text shows addresses of our memory.
const UNREADABLE: &str = "unreadable session description";

/// A publisher's offer, ready to be applied.
pub(crate) struct RemoteOffer {
    pub offer: SdpOffer,
    pub sections: Vec<MediaSection>,
}

/// Reads an offer. Runs on the caller's thread.
pub(crate) fn parse_offer(text: &str) -> Result<RemoteOffer, String> {
    check(text)?;
    let cleaned = clean_offer(text);
    let offer = unpanicked(|| SdpOffer::from_sdp_string(&cleaned).map_err(|_| UNREADABLE.into()))?;
    Ok(RemoteOffer { offer, sections: sections(&cleaned) })
}

/// Reads an answer. Runs on the caller's thread.
pub(crate) fn parse_answer(text: &str) -> Result<SdpAnswer, String> {
    check(text)?;
    let cleaned = clean(text, |line| !is_candidate(line));
    unpanicked(|| SdpAnswer::from_sdp_string(&cleaned).map_err(|_| UNREADABLE.into()))
}

fn unpanicked<T>(parse: impl FnOnce() -> Result<T, String> + std::panic::UnwindSafe) -> Result<T, String> {
    catch_unwind(parse).unwrap_or_else(|_| Err(UNREADABLE.into()))
}

/// Refuses what str0m would only notice halfway, with the connection already changed or given up.
fn check(text: &str) -> Result<(), String> {
    if text.len() > MAX_BYTES {
        return Err("session description over 256 KiB".into());
    }
    if lines(text).filter(|line| line.starts_with("m=")).count() > MAX_SECTIONS {
        return Err("over 256 media sections".into());
    }
    for attribute in ["a=ice-ufrag:", "a=ice-pwd:", "a=fingerprint:"] {
        if !lines(text).any(|line| line.starts_with(attribute)) {
            return Err(format!("no {} in the session description", attribute.trim_end_matches(':')));
        }
    }
    Ok(())
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim_end).filter(|line| !line.is_empty())
}

fn clean(text: &str, keep: impl Fn(&str) -> bool) -> String {
    let mut cleaned = String::with_capacity(text.len());
    for line in lines(text).filter(|line| keep(line)) {
        cleaned.push_str(line);
        cleaned.push_str("\r\n");
    }
    cleaned
}

/// Takes out what must not reach str0m: candidates (peers are found by their checks alone, so nobody can aim ours at a
/// stranger), all simulcast layers but the best, and wishes to receive, which only subscribers may have.
fn clean_offer(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    let lines: Vec<&str> = lines(text).filter(|line| !is_candidate(line)).collect();
    for section in lines.chunk_by(|_, next| !next.starts_with("m=")) {
        let layer = section.iter().find_map(|line| line.strip_prefix("a=simulcast:")).and_then(best_layer);
        let simulcast = layer.map(|rid| format!("a=simulcast:send {rid}"));
        let media = section[0].starts_with("m=");
        for line in section {
            let line = match *line {
                line if line.starts_with("a=simulcast:") => simulcast.as_deref(),
                line if line.starts_with("a=ssrc-group:SIM") => None,
                "a=sendrecv" if media => Some("a=sendonly"),
                "a=recvonly" if media => Some("a=inactive"),
                line => Some(line).filter(|line| rid_of(line).is_none_or(|rid| Some(rid) == layer)),
            };
            cleaned.extend(line.into_iter().flat_map(|line| [line, "\r\n"]));
        }
    }
    cleaned
}

fn rid_of(line: &str) -> Option<&str> {
    line.strip_prefix("a=rid:")?.split_whitespace().next()
}

/// The layer of an `a=simulcast` value (RFC 8853 §5.1) with the most pixels. Answered with this one alone, a client
/// sends no other; answered with none it would send its first, which with LiveKit's names is the smallest.
fn best_layer(simulcast: &str) -> Option<&str> {
    let layers = simulcast.split_once("send ")?.1.split_whitespace().next()?;
    let rids = || layers.split(';').map(|layer| layer.split(',').next().unwrap_or(layer).trim_start_matches('~'));
    rids().find(|rid| *rid == "f").or_else(|| rids().next_back())
}

fn is_candidate(line: &str) -> bool {
    line.starts_with("a=candidate:")
        || line.starts_with("a=end-of-candidates")
        || line.starts_with("a=remote-candidates")
}

/// The audio and video m-lines of an offer.
pub(crate) fn sections(text: &str) -> Vec<MediaSection> {
    let bundled: Vec<&str> = lines(text)
        .find_map(|line| line.strip_prefix("a=group:BUNDLE"))
        .map(|mids| mids.split_whitespace().collect())
        .unwrap_or_default();
    let mut found: Vec<(MediaSection, bool)> = Vec::new();
    let mut inside = false;
    for line in lines(text) {
        if let Some(media) = line.strip_prefix("m=") {
            let opened = open_section(media);
            inside = opened.is_some();
            found.extend(opened);
        } else if let (true, Some((section, _))) = (inside, found.last_mut()) {
            read_attribute(section, line);
        }
    }
    found
        .into_iter()
        .map(|(mut section, rejected)| {
            // In a bundle port 0 only says that the transport is shared (RFC 9143 §6).
            section.sending &= !rejected || bundled.contains(&section.mid.as_str());
            if !section.sending {
                section.track_id = None;
            }
            section
        })
        .collect()
}

/// The section and whether its port is 0.
fn open_section(media: &str) -> Option<(MediaSection, bool)> {
    let mut words = media.split_whitespace();
    let kind = match words.next()? {
        "audio" => MediaKind::Audio,
        "video" => MediaKind::Video,
        _ => return None,
    };
    let rejected = words.next() == Some("0");
    Some((MediaSection { mid: String::new(), kind, track_id: None, sending: true }, rejected))
}

fn read_attribute(section: &mut MediaSection, line: &str) {
    if let Some(mid) = line.strip_prefix("a=mid:") {
        section.mid = mid.trim().to_owned();
    } else if let Some(msid) = line.strip_prefix("a=msid:") {
        section.track_id = track_part(msid);
    } else if line == "a=recvonly" || line == "a=inactive" {
        section.sending = false;
    } else if section.track_id.is_none() && line.starts_with("a=ssrc:") {
        section.track_id = line.split_once(" msid:").and_then(|(_, msid)| track_part(msid));
    }
}

fn track_part(msid: &str) -> Option<String> {
    msid.split_whitespace().nth(1).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFER: &str = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n\
        m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=msid:stream mic\r\na=sendrecv\r\n\
        a=candidate:1 1 udp 1 10.0.0.1 9 typ host\r\n\
        m=video 0 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\na=sendonly\r\na=rid:q send\r\na=rid:h send\r\na=rid:f send\r\na=simulcast:send q;~h;f\r\n\
        a=ssrc:5 msid:stream cam\r\na=bundle-only\r\n\
        m=video 0 UDP/TLS/RTP/SAVPF 96\r\na=mid:2\r\na=msid:- gone\r\n";

    #[test]
    fn an_offer_is_cleaned_before_use() {
        let cleaned = clean_offer(OFFER);
        for word in ["candidate", "rid:q", "rid:h", "q;", "sendrecv"] {
            assert!(!cleaned.contains(word), "{word} in {cleaned}");
        }
        assert!(cleaned.contains("a=rid:f send\r\na=simulcast:send f\r\n"), "{cleaned}");
    }

    #[test]
    fn sections_tell_who_sends_what() {
        let sections = sections(OFFER);
        assert_eq!(sections.len(), 3);
        assert_eq!(sections[0].track_id.as_deref(), Some("mic"));
        assert_eq!(sections[1].track_id.as_deref(), Some("cam"));
        assert!(sections[1].sending, "bundled, so port 0 is no rejection");
        assert!(!sections[2].sending && sections[2].track_id.is_none());
    }

    #[test]
    fn noise_is_survived() {
        for noise in crate::noise::texts(OFFER, 2000) {
            let _ = parse_offer(&noise);
            let _ = parse_answer(&noise);
            let _ = sections(&noise);
        }
    }
}
