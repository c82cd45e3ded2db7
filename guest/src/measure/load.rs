//! How load was put on the server at a place.

use crate::json;
use serde_json::{Map, Value};

/// Makes the kinds and their texts of the same rows.
macro_rules! kinds {
    ($($variant:ident = $name:literal, $meaning:literal;)*) => {
        /// What decides when the next request is sent.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum LoadKind {
            $(#[doc = $meaning] $variant,)*
        }

        impl LoadKind {
            /// Every kind.
            pub const ALL: &[LoadKind] = &[$(LoadKind::$variant,)*];

            /// Name of the kind in documents.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(LoadKind::$variant => $name,)*
                }
            }

            /// The kind of a name.
            pub fn of(name: &str) -> Option<Self> {
                LoadKind::ALL.iter().copied().find(|one| one.as_str() == name)
            }
        }
    };
}

kinds! {
    Closed = "closed", "A fixed number of requests is in flight: the next one is sent when one ends.";
    Rate = "rate", "So many requests a second, whatever comes back.";
    Schedule = "schedule", "At the times of a trace.";
    UserCentric = "user-centric", "A number of users, each of whom sends at a rate of their own.";
}

/// How load was put on the server at a place. What is not stated is not known.
#[derive(Clone, Debug, PartialEq)]
pub struct Load {
    /// What decides when the next request is sent.
    pub kind: LoadKind,
    /// Requests in flight: the number kept in flight, or with a rate the most that may be.
    pub concurrency: Option<u32>,
    /// Requests a second that were offered.
    pub request_rate: Option<f64>,
    /// How evenly they were sent: 1 is a Poisson process, above it is more even, 0 and infinity are not written.
    pub burstiness: Option<f64>,
    /// Name or hash of the trace, or of the pattern of arrivals where that is no Poisson process.
    pub schedule: Option<String>,
    /// What grew to that much at the beginning of the phase, and for how long ([`Load::ramp_of`]).
    pub ramp: Option<String>,
}

impl Load {
    /// A ramp of so many seconds; `None` where there are none.
    pub fn ramp_of(what: &str, seconds: f64) -> Option<String> {
        (seconds > 0.0).then(|| format!("{what} over {seconds} s"))
    }

    /// The first thing in which two loads are known to differ, in its kind or in what both of them state: its name, the
    /// value here and the value there. Users are no limit: fewer of them send more often each at one rate. Tools write a
    /// ramp where there is one, so that a load without is steady.
    pub fn difference(&self, other: &Load) -> Option<(&'static str, String, String)> {
        let of = |load: &Load| {
            let users = load
                .concurrency
                .filter(|_| load.kind == LoadKind::UserCentric);
            [
                ("kind", Some(load.kind.as_str().to_owned())),
                ("concurrency", users.map(|users| users.to_string())),
                ("burstiness", load.burstiness.map(|value| value.to_string())),
                ("schedule", load.schedule.clone()),
                (
                    "ramp",
                    Some(load.ramp.as_deref().unwrap_or("none").to_owned()),
                ),
            ]
        };
        of(self)
            .into_iter()
            .zip(of(other))
            .find_map(|((name, here), (_, there))| {
                let (here, there) = (here?, there?);
                (here != there).then_some((name, here, there))
            })
    }

    /// The most requests that may be in flight where something else decides when one is sent: then it is part of neither
    /// the kind nor the place.
    pub fn limit(&self) -> Option<u32> {
        let limits = matches!(self.kind, LoadKind::Rate | LoadKind::Schedule);
        self.concurrency.filter(|_| limits)
    }

    /// A load of which only the kind is known.
    pub fn new(kind: LoadKind) -> Self {
        Load {
            kind,
            concurrency: None,
            request_rate: None,
            burstiness: None,
            schedule: None,
            ramp: None,
        }
    }

    /// So many requests in flight.
    pub fn closed(concurrency: u32) -> Self {
        Load {
            concurrency: Some(concurrency),
            ..Load::new(LoadKind::Closed)
        }
    }

    /// The object of a document.
    pub fn to_json(&self) -> Value {
        let number = |value: Option<f64>| value.map_or(Value::Null, Value::from);
        let mut map = Map::new();
        map.insert("kind".to_owned(), self.kind.as_str().into());
        let concurrency = self.concurrency.map_or(Value::Null, Value::from);
        map.insert("concurrency".to_owned(), concurrency);
        map.insert("request_rate".to_owned(), number(self.request_rate));
        map.insert("burstiness".to_owned(), number(self.burstiness));
        let schedule = self.schedule.clone().map_or(Value::Null, Value::from);
        map.insert("schedule".to_owned(), schedule);
        if let Some(ramp) = &self.ramp {
            map.insert("ramp".to_owned(), ramp.as_str().into());
        }
        map.into()
    }

    /// The load of an object of a document; `None` where it is none.
    pub fn of_json(value: &Value) -> Option<Load> {
        let known = |name: &str| value.get(name).filter(|value| !value.is_null());
        let number = |name: &str| match known(name) {
            None => Some(None),
            Some(value) => Some(Some(value.as_f64().filter(|value| *value >= 0.0)?)),
        };
        let text = |name: &str| match known(name) {
            None => Some(None),
            Some(value) => Some(Some(value.as_str()?.to_owned())),
        };
        Some(Load {
            kind: LoadKind::of(value.get("kind")?.as_str()?)?,
            concurrency: match known("concurrency") {
                None => None,
                Some(value) => {
                    let level = u32::try_from(json::whole(value)?).ok();
                    Some(level.filter(|level| *level > 0)?)
                }
            },
            request_rate: number("request_rate")?,
            burstiness: number("burstiness")?,
            schedule: text("schedule")?,
            ramp: text("ramp")?,
        })
    }
}
