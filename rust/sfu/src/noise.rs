//! The same "random" input in every run, for the readers of hostile bytes.

struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() >> 11) as usize % limit.max(1)
    }
}

/// Byte strings of up to 80 bytes.
pub(crate) fn bytes(count: usize) -> impl Iterator<Item = Vec<u8>> {
    let mut noise = Noise(0x9e37_79b9_7f4a_7c15);
    (0..count).map(move |_| (0..noise.below(80)).map(|_| noise.next() as u8).collect())
}

/// Damaged copies of a text.
pub(crate) fn texts(original: &str, count: usize) -> impl Iterator<Item = String> {
    let mut noise = Noise(0x2545_f491_4f6c_dd1d);
    (0..count).map(move |_| {
        let mut text = original.as_bytes().to_vec();
        for _ in 0..=noise.below(6) {
            let at = noise.below(text.len());
            match noise.below(4) {
                0 => text.truncate(at),
                1 => text.extend_from_within(at..),
                _ if at < text.len() => text[at] = noise.next() as u8,
                _ => {}
            }
        }
        String::from_utf8_lossy(&text).into_owned()
    })
}
