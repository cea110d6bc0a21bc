//! The AMF0 values that RTMP's commands are made of (Adobe, "Action Message Format: AMF 0", 2007), read within bounds.
//!
//! References (§2.9) are refused: a few hundred bytes of them describe terabytes.

/// Objects within objects; commands of encoders have two levels.
const DEPTH: usize = 8;

/// One value; what no command needs is `Nothing`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Number(f64),
    Text(String),
    Object(Vec<(String, Value)>),
    Nothing,
}

impl Value {
    pub fn number(&self) -> Option<f64> {
        if let Value::Number(number) = self { Some(*number) } else { None }
    }

    pub fn text(&self) -> Option<&str> {
        if let Value::Text(text) = self { Some(text) } else { None }
    }

    /// A text among an object's fields.
    pub fn field(&self, name: &str) -> Option<&str> {
        let Value::Object(fields) = self else { return None };
        fields.iter().find(|(field, _)| field == name).and_then(|(_, value)| value.text())
    }
}

/// Reads values one after the other; `None` for an end before its time and for anything malformed.
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Reader(bytes)
    }

    /// What has not been read.
    pub fn rest(&self) -> &'a [u8] {
        self.0
    }

    pub fn value(&mut self) -> Option<Value> {
        self.nested(DEPTH)
    }

    fn nested(&mut self, depth: usize) -> Option<Value> {
        let depth = depth.checked_sub(1)?;
        match self.take(1)?[0] {
            0 => Some(Value::Number(f64::from_be_bytes(self.take(8)?.try_into().ok()?))),
            1 => self.take(1).map(|_| Value::Nothing),
            2 => self.short_text().map(Value::Text),
            3 => self.fields(depth),
            5 | 6 | 13 => Some(Value::Nothing),
            // An ECMA array: a count that nobody relies on, then an object.
            8 => self.take(4).and_then(|_| self.fields(depth)),
            10 => self.array(depth),
            11 => self.take(10).map(|_| Value::Nothing),
            12 => self.long_text().map(Value::Text),
            _ => None,
        }
    }

    fn fields(&mut self, depth: usize) -> Option<Value> {
        let mut fields = Vec::new();
        loop {
            let name = self.short_text()?;
            if name.is_empty() {
                // Some encoders leave the end marker out at the end of a message.
                return (self.0.is_empty() || self.take(1)?[0] == 9).then_some(Value::Object(fields));
            }
            fields.push((name, self.nested(depth)?));
        }
    }

    fn array(&mut self, depth: usize) -> Option<Value> {
        let count = u32::from_be_bytes(self.take(4)?.try_into().ok()?);
        for _ in 0..count {
            self.nested(depth)?;
        }
        Some(Value::Nothing)
    }

    fn short_text(&mut self) -> Option<String> {
        let length = u16::from_be_bytes(self.take(2)?.try_into().ok()?);
        self.text(length.into())
    }

    fn long_text(&mut self) -> Option<String> {
        let length = u32::from_be_bytes(self.take(4)?.try_into().ok()?);
        self.text(length as usize)
    }

    fn text(&mut self, length: usize) -> Option<String> {
        self.take(length).map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }
}

/// Writes values one after the other.
#[derive(Default)]
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    pub fn number(mut self, number: f64) -> Self {
        self.0.push(0);
        self.0.extend_from_slice(&number.to_be_bytes());
        self
    }

    pub fn text(mut self, text: &str) -> Self {
        self.0.push(2);
        self.bare(text);
        self
    }

    pub fn null(mut self) -> Self {
        self.0.push(5);
        self
    }

    pub fn object(mut self, fields: &[(&str, &str)]) -> Self {
        self.0.push(3);
        for (name, value) in fields {
            self.bare(name);
            self = self.text(value);
        }
        self.0.extend_from_slice(&[0, 0, 9]);
        self
    }

    pub fn done(self) -> Vec<u8> {
        self.0
    }

    fn bare(&mut self, text: &str) {
        let bytes = &text.as_bytes()[..text.len().min(usize::from(u16::MAX))];
        self.0.extend_from_slice(&(bytes.len() as u16).to_be_bytes());
        self.0.extend_from_slice(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let bytes = Writer::default().text("connect").number(1.0).object(&[("app", "live")]).null().done();
        let mut reader = Reader::new(&bytes);
        assert_eq!(reader.value().unwrap().text(), Some("connect"));
        assert_eq!(reader.value().unwrap().number(), Some(1.0));
        assert_eq!(reader.value().unwrap().field("app"), Some("live"));
        assert_eq!(reader.value(), Some(Value::Nothing));
        assert_eq!(reader.value(), None);
    }

    #[test]
    fn nested_and_self_referring_objects_are_refused() {
        let deep: Vec<u8> = [3, 0, 1, b'a'].repeat(5000);
        assert_eq!(Reader::new(&deep).value(), None);
        assert_eq!(Reader::new(&[7, 0, 0]).value(), None);
    }

    #[test]
    fn a_count_that_is_too_large_ends_with_the_bytes() {
        assert_eq!(Reader::new(&[10, 255, 255, 255, 255, 5, 5]).value(), None);
        assert_eq!(Reader::new(&[12, 255, 255, 255, 255, 65]).value(), None);
    }
}
