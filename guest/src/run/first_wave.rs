//! The first requests of a measured phase against the rest: a server that compiles or fills a cache while it is
//! measured is slow for as many requests as are in flight at once, and for no more.

use serde_json::{Map, Value};

/// Medians and means of some of the successful requests of a phase, in milliseconds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Part {
    /// How many there are.
    pub requests: u64,
    /// Time to first token, median.
    pub ttft_p50: Option<f64>,
    /// Time to first token, mean.
    pub ttft_mean: Option<f64>,
    /// End-to-end latency, median.
    pub latency_p50: Option<f64>,
    /// End-to-end latency, mean.
    pub latency_mean: Option<f64>,
}

/// The first `concurrency` requests by their start, and the rest.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FirstWave {
    /// Requests that were sent before the measured phase; null where nothing counts them.
    pub warmup_requests: Option<u64>,
    /// The first ones.
    pub first: Part,
    /// All others.
    pub rest: Part,
}

impl Part {
    /// The keys of a part in a document, in order: the count, then the four numbers.
    pub const KEYS: [&str; 5] = [
        "requests",
        "ttft_p50_ms",
        "ttft_mean_ms",
        "request_latency_p50_ms",
        "request_latency_mean_ms",
    ];

    fn to_json(&self) -> Value {
        let numbers = [
            self.ttft_p50,
            self.ttft_mean,
            self.latency_p50,
            self.latency_mean,
        ];
        let mut map = Map::new();
        map.insert(Part::KEYS[0].to_owned(), self.requests.into());
        for (key, number) in Part::KEYS[1..].iter().zip(numbers) {
            map.insert((*key).to_owned(), number.map_or(Value::Null, Value::from));
        }
        map.into()
    }

    fn of_json(value: &Value) -> Option<Part> {
        let number = |key: &str| match value.get(key).filter(|value| !value.is_null()) {
            None => Some(None),
            Some(value) => Some(Some(value.as_f64().filter(|value| *value >= 0.0)?)),
        };
        Some(Part {
            requests: value.get(Part::KEYS[0])?.as_u64()?,
            ttft_p50: number(Part::KEYS[1])?,
            ttft_mean: number(Part::KEYS[2])?,
            latency_p50: number(Part::KEYS[3])?,
            latency_mean: number(Part::KEYS[4])?,
        })
    }
}

impl FirstWave {
    /// The object of a document.
    pub fn to_json(&self) -> Value {
        let mut map = Map::new();
        let warmup = self.warmup_requests.map_or(Value::Null, Value::from);
        map.insert("warmup_requests".to_owned(), warmup);
        map.insert("first".to_owned(), self.first.to_json());
        map.insert("rest".to_owned(), self.rest.to_json());
        map.into()
    }

    /// The wave of an object of a document; `None` where it is none.
    pub fn of_json(value: &Value) -> Option<FirstWave> {
        let warmup = value
            .get("warmup_requests")
            .filter(|value| !value.is_null());
        Some(FirstWave {
            warmup_requests: match warmup {
                None => None,
                Some(value) => Some(value.as_u64()?),
            },
            first: Part::of_json(value.get("first")?)?,
            rest: Part::of_json(value.get("rest")?)?,
        })
    }
}
