//! What chunks are held to.

use super::*;

fn all(bytes: &[u8], step: usize) -> Result<Vec<Message>, Fault> {
    let mut assembler = Assembler::new(1000);
    let mut found = Vec::new();
    for mut part in bytes.chunks(step) {
        while !part.is_empty() {
            found.extend(assembler.next(&mut part)?);
        }
    }
    Ok(found)
}

fn first(stream: u8, time: u32, kind: u8, length: usize) -> Vec<u8> {
    let mut bytes = vec![stream];
    bytes.extend_from_slice(&time.min(EXTENDED).to_be_bytes()[1..]);
    bytes.extend_from_slice(&(length as u32).to_be_bytes()[1..]);
    bytes.extend_from_slice(&[kind, 1, 0, 0, 0]);
    if time >= EXTENDED {
        bytes.extend_from_slice(&time.to_be_bytes());
    }
    bytes
}

fn message(kind: u8, timestamp: u32, payload: &[u8]) -> Message {
    Message { kind, timestamp, payload: payload.to_vec() }
}

#[test]
fn interleaved_messages_are_taken_apart_however_the_bytes_come() {
    let (picture, sound) = ([7; 200], [8; 150]);
    let mut bytes = first(4, 10, 9, 200);
    bytes.extend_from_slice(&picture[..128]);
    bytes.extend(first(5, 11, 8, 150));
    bytes.extend_from_slice(&sound[..128]);
    bytes.push(0xC4);
    bytes.extend_from_slice(&picture[128..]);
    bytes.push(0xC5);
    bytes.extend_from_slice(&sound[128..]);
    for step in [1, 3, 129, 1000] {
        assert_eq!(all(&bytes, step).unwrap(), [message(9, 10, &picture), message(8, 11, &sound)]);
    }
}

#[test]
fn times_are_differences_and_repeat() {
    let mut bytes = first(4, 100, 9, 1);
    bytes.push(1);
    bytes.extend_from_slice(&[0x44, 0, 0, 40, 0, 0, 2, 8, 2, 2]);
    bytes.extend_from_slice(&[0x84, 0, 0, 5, 3, 3]);
    bytes.extend_from_slice(&[0xC4, 4, 4]);
    let found: Vec<_> = all(&bytes, 1).unwrap().iter().map(|one| (one.kind, one.timestamp)).collect();
    assert_eq!(found, [(9, 100), (8, 140), (8, 145), (8, 150)]);
}

#[test]
fn long_times_are_understood_whether_later_chunks_repeat_them_or_not() {
    let time = 0x0123_4567;
    let payload: Vec<u8> = (0..200).collect();
    for repeated in [true, false] {
        let mut bytes = first(4, time, 9, 200);
        bytes.extend_from_slice(&payload[..128]);
        bytes.push(0xC4);
        if repeated {
            bytes.extend_from_slice(&time.to_be_bytes());
        }
        bytes.extend_from_slice(&payload[128..]);
        bytes.extend(first(4, 7, 8, 0));
        for step in [1, 5, 300] {
            assert_eq!(all(&bytes, step).unwrap(), [message(9, time, &payload), message(8, 7, &[])]);
        }
    }
}

#[test]
fn what_would_take_too_much_is_refused() {
    assert_eq!(all(&first(4, 0, 9, 1001), 12), Err(Fault::TooLarge));
    let mut several = Vec::new();
    for stream in 3..20 {
        several.extend(first(stream, 0, 9, 999));
        several.extend_from_slice(&[0; 128]);
    }
    assert_eq!(all(&several, 50), Err(Fault::TooLarge));
    let many: Vec<u8> = (3..60).flat_map(|stream| first(stream, 0, 9, 0)).collect();
    assert!(matches!(all(&many, 50), Err(Fault::Malformed(_))));
    assert!(Assembler::new(1000).set_chunk_size(0).is_err());
}

#[test]
fn any_bytes_are_only_bytes() {
    let mut seed = 1_u32;
    for _ in 0..2000 {
        let bytes: Vec<u8> = (0..300)
            .map(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (seed >> 24) as u8
            })
            .collect();
        let _ = all(&bytes, 7);
    }
}

#[test]
fn what_is_written_is_read() {
    let mut bytes = Vec::new();
    write(&mut bytes, 20, 1, b"command");
    write(&mut bytes, 5, 0, &[1; 4]);
    assert_eq!(all(&bytes, 4).unwrap(), [message(20, 0, b"command"), message(5, 0, &[1; 4])]);
}
