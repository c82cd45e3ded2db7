//! Where a number was measured.

use super::rate::Rate;
use std::fmt;
use std::str::FromStr;

/// The section of closed-loop cells.
pub const LEVELS: &str = "metrics";

/// The section of open-loop cells.
pub const RATES: &str = "metrics_by_request_rate";

/// The section of the server's numbers.
pub const SERVER: &str = "server_metrics_delta";

/// Where a number was measured: levels ascending, then rates, then the server, then the profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// So many requests in flight at once.
    Level(u32),
    /// So many requests a second.
    Rate(Rate),
    /// The server, over the whole run.
    Server,
    /// The profile.
    Profile,
}

impl Place {
    /// The text that JSON holds: `16`, `5/s`, `server`, `profile`.
    pub fn key(self) -> String {
        match self {
            Place::Level(level) => level.to_string(),
            Place::Rate(rate) => format!("{rate}/s"),
            Place::Server => "server".to_owned(),
            Place::Profile => "profile".to_owned(),
        }
    }

    /// The concurrency, of a level.
    pub fn concurrency(self) -> Option<u32> {
        match self {
            Place::Level(level) => Some(level),
            _ => None,
        }
    }

    /// The offered requests a second, of an open loop.
    pub fn rate(self) -> Option<Rate> {
        match self {
            Place::Rate(rate) => Some(rate),
            _ => None,
        }
    }

    /// Whether load was put on the server here: at a level or a rate.
    pub fn is_cell(self) -> bool {
        matches!(self, Place::Level(_) | Place::Rate(_))
    }

    /// The dotted path of the section that holds the numbers of a place; the profile has none of its own.
    pub fn path(self) -> Option<String> {
        match self {
            Place::Level(level) => Some(format!("{LEVELS}.{level}")),
            Place::Rate(rate) => Some(format!("{RATES}[{rate}]")),
            Place::Server => Some(SERVER.to_owned()),
            Place::Profile => None,
        }
    }

    /// In words: `concurrency 16`, `5 requests/s`, `server`, `profile`.
    pub fn words(self) -> String {
        match self {
            Place::Level(level) => format!("concurrency {level}"),
            Place::Rate(rate) => format!("{rate} requests/s"),
            Place::Server | Place::Profile => self.key(),
        }
    }

    /// The place of a dotted path and what follows it: `metrics.16.errors` is `(Level(16), "errors")`.
    pub(super) fn of_path(path: &str) -> Option<(Place, &str)> {
        if let Some(rest) = path.strip_prefix(RATES).and_then(|it| it.strip_prefix('[')) {
            let (rate, rest) = rest.split_once("].")?;
            return Some((Place::Rate(exactly(rate)?), rest));
        }
        let (section, rest) = path.split_once('.')?;
        match section {
            LEVELS => {
                let (level, rest) = rest.split_once('.')?;
                let level = exactly::<u32>(level).filter(|level| *level > 0)?;
                Some((Place::Level(level), rest))
            }
            SERVER => Some((Place::Server, rest)),
            _ => None,
        }
    }

    /// The place of a text that JSON holds, in the one form that is written.
    pub fn of_key(key: &str) -> Option<Place> {
        let place = key.parse::<Place>().ok()?;
        (place.key() == key).then_some(place)
    }

    /// The level of a key of `metrics`, in the one form that is written.
    pub fn of_level_key(key: &str) -> Option<Place> {
        let level = exactly::<u32>(key).filter(|level| *level > 0)?;
        Some(Place::Level(level))
    }

    /// The rate of a key of `metrics_by_request_rate`, in the one form that is written.
    pub fn of_rate_key(key: &str) -> Option<Place> {
        exactly(key).map(Place::Rate)
    }
}

/// The value of a text that is the one text of that value.
fn exactly<T: FromStr + ToString>(text: &str) -> Option<T> {
    let value = text.parse::<T>().ok()?;
    (value.to_string() == text).then_some(value)
}

/// The printed form: `c16`, `5/s`, `server`, `profile`.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Level(level) => write!(f, "c{level}"),
            other => f.write_str(&other.key()),
        }
    }
}

/// Every form that people write: `16`, `c16`, `5/s`, `5.0/s`, `server`, `profile`.
impl FromStr for Place {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let text = text.trim();
        match text {
            "server" => return Ok(Place::Server),
            "profile" => return Ok(Place::Profile),
            _ => {}
        }
        if let Some(rate) = text.strip_suffix("/s") {
            return rate.trim_end().parse().map(Place::Rate);
        }
        let level = text.strip_prefix(['c', 'C']).unwrap_or(text).parse::<u32>();
        let level = level.ok().filter(|level| *level > 0);
        level.map(Place::Level).ok_or(())
    }
}
