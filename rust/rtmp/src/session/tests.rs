//! What conversations are held to.

use super::*;

fn said(kind: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    chunk::write(&mut bytes, kind, 1, payload);
    bytes
}

fn greeted() -> Session {
    let mut session = Session::new(4096);
    session.feed(&[3; 1 + PACKET]).unwrap();
    assert_eq!(session.out.len(), 1 + 2 * PACKET);
    session.feed(&[0; PACKET]).unwrap();
    session.feed(&said(1, &4096_u32.to_be_bytes())).unwrap();
    session.out.clear();
    session
}

fn asking() -> Session {
    let mut session = greeted();
    let connect = Writer::default().text("connect").number(1.0).object(&[("app", "live"), ("flashVer", "FMLE")]);
    let create = Writer::default().text("createStream").number(2.0).null();
    let publish = Writer::default().text("publish").number(3.0).null().text("key").text("live");
    for command in [connect, create, publish] {
        session.feed(&said(20, &command.done())).unwrap();
    }
    let asked = Happening::Asked { app: "live".into(), name: "key".into(), encoder: "FMLE".into() };
    assert_eq!(session.happenings.pop_front(), Some(asked));
    session
}

fn has(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|one| one == word.as_bytes())
}

#[test]
fn an_accepted_stream_loses_nothing_that_came_before_the_answer() {
    let mut session = asking();
    session.feed(&said(9, b"early")).unwrap();
    assert!(session.asks() && session.happenings.is_empty());
    session.accept().unwrap();
    session.feed(&said(8, b"late")).unwrap();
    let told: Vec<_> = session.happenings.drain(..).collect();
    let tag = |kind, payload: &[u8]| Happening::Tag { kind, timestamp: 0, payload: payload.to_vec() };
    assert_eq!(told, [tag(9, b"early"), tag(8, b"late")]);
    assert!(has(&session.out, "NetStream.Publish.Start"));
}

#[test]
fn a_refused_one_is_told_why_and_goes_nowhere() {
    let mut session = asking();
    session.farewell("NetStream.Publish.Denied", "unknown stream key");
    session.feed(&said(9, b"picture")).unwrap();
    assert!(session.happenings.is_empty());
    assert!(has(&session.out, "unknown stream key"));
}

#[test]
fn whoever_says_much_before_its_key_is_refused() {
    let mut session = greeted();
    let ended = (0..100).find_map(|_| session.feed(&said(4, &[0; 1000])).err());
    assert_eq!(ended, Some(Fault::TooLarge));
    assert_eq!(greeted().feed(&said(9, &[0; TALK + 1])).err(), Some(Fault::TooLarge));
}

#[test]
fn what_is_no_rtmp_ends_with_its_first_byte() {
    assert_eq!(Session::new(4096).feed(b"GET / HTTP/1.1").err(), Some(Fault::Malformed("version")));
}

#[test]
fn nothing_is_played() {
    let mut session = greeted();
    session.feed(&said(20, &Writer::default().text("play").number(4.0).null().text("key").done())).unwrap();
    assert_eq!(session.happenings.pop_front(), Some(Happening::Finished));
    assert!(has(&session.out, "NetStream.Play.StreamNotFound"));
}

#[test]
fn descriptions_go_on_without_the_word_that_announces_them() {
    let mut session = asking();
    session.accept().unwrap();
    let described = Writer::default().text("onMetaData").object(&[("encoder", "x")]).done();
    let whole = [Writer::default().text("@setDataFrame").done(), described.clone()].concat();
    session.feed(&said(18, &whole)).unwrap();
    assert_eq!(session.happenings.pop_back(), Some(Happening::Tag { kind: 18, timestamp: 0, payload: described }));
}
