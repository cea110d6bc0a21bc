//! `--name value` pairs.

use std::collections::HashMap;
use std::str::FromStr;

/// What any step of a run can fail with.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

pub struct Args(HashMap<String, String>);

impl Args {
    pub fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, Failure> {
        let mut pairs = HashMap::new();
        while let Some(word) = words.next() {
            let name = word.strip_prefix("--").ok_or_else(|| format!("unexpected {word:?}"))?.to_owned();
            let value = words.next().ok_or_else(|| format!("--{name} wants a value"))?;
            pairs.insert(name, value);
        }
        Ok(Args(pairs))
    }

    pub fn text(&self, name: &str) -> Result<&str, Failure> {
        self.0.get(name).map(String::as_str).ok_or_else(|| format!("--{name} is missing").into())
    }

    pub fn number<T: FromStr>(&self, name: &str, default: T) -> Result<T, Failure> {
        match self.0.get(name) {
            None => Ok(default),
            Some(text) => text.parse().map_err(|_| format!("--{name} {text:?} is no number").into()),
        }
    }

    pub fn pid(&self) -> Result<Option<u32>, Failure> {
        Ok(Some(self.number("pid", 0u32)?).filter(|pid| *pid != 0))
    }

    pub fn tokens(&self) -> Result<Vec<String>, Failure> {
        let text = std::fs::read_to_string(self.text("token-file")?)?;
        Ok(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect())
    }
}
