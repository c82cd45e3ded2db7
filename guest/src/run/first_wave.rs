//! The first requests of a measured phase against the rest: a server that compiles or fills a cache while it is
//! measured is slow for as many requests as are in flight at once, and for no more.

use crate::stats::summary;
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

/// When requests were sent and how long they took: what a first wave and a rate of sending are made of.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sent {
    /// Requests that were sent before the measured phase.
    pub warmup: u64,
    /// Requests of the measured phase, failed ones included.
    pub requests: u64,
    first_ns: Option<u64>,
    last_ns: u64,
    /// Of each successful request its start, TTFT and latency; what a record lacks is not a number.
    succeeded: Vec<Took>,
}

type Took = (u64, f64, f64);

impl Sent {
    /// So many requests, sent within so many seconds.
    pub fn within(requests: u64, seconds: f64) -> Self {
        Sent {
            requests,
            first_ns: Some(0),
            last_ns: (seconds * 1e9) as u64,
            ..Sent::default()
        }
    }

    /// Takes the next request of the measured phase that was sent.
    pub fn add(&mut self, start_ns: u64) {
        self.requests += 1;
        self.first_ns = Some(self.first_ns.map_or(start_ns, |first| first.min(start_ns)));
        self.last_ns = self.last_ns.max(start_ns);
    }

    /// Takes what a successful one took, in milliseconds.
    pub fn add_times(&mut self, start_ns: u64, ttft: Option<f64>, latency: Option<f64>) {
        let number = |value: Option<f64>| value.unwrap_or(f64::NAN);
        self.succeeded
            .push((start_ns, number(ttft), number(latency)));
    }

    /// The times to first token of the successful requests that have one.
    pub fn ttft(&self) -> Vec<f64> {
        known(&self.succeeded, |took| took.1)
    }

    /// The latencies of the successful requests that have one.
    pub fn latency(&self) -> Vec<f64> {
        known(&self.succeeded, |took| took.2)
    }

    /// Puts the successful requests in the order in which they started, once all are taken.
    pub fn sort(&mut self) {
        // Ties are of no matter to the server, but the order of the file must not decide.
        self.succeeded.sort_by(|a, b| {
            a.0.cmp(&b.0)
                .then(a.2.total_cmp(&b.2))
                .then(a.1.total_cmp(&b.1))
        });
    }

    /// From the first request that was sent to the last one, in seconds.
    pub fn seconds(&self) -> Option<f64> {
        Some(self.last_ns.saturating_sub(self.first_ns?) as f64 / 1e9)
    }

    /// The first requests by their start, as many as were in flight at once, against the rest; of sorted ones.
    /// Records need not hold the warm-up: then as many count as were planned for it.
    pub fn wave(&self, concurrency: u32, planned_warmup: Option<u64>) -> Option<FirstWave> {
        let counted = Some(self.warmup).filter(|count| *count > 0);
        let (first, rest) = self.succeeded.split_at_checked(concurrency as usize)?;
        (!first.is_empty() && !rest.is_empty()).then(|| FirstWave {
            warmup_requests: counted.or(planned_warmup),
            first: part(first),
            rest: part(rest),
        })
    }
}

fn known(requests: &[Took], of: fn(&Took) -> f64) -> Vec<f64> {
    let values = requests.iter().map(of);
    values.filter(|value| !value.is_nan()).collect()
}

fn part(requests: &[Took]) -> Part {
    let [ttft, latency] = [known(requests, |it| it.1), known(requests, |it| it.2)];
    Part {
        requests: requests.len() as u64,
        ttft_p50: summary::median(&ttft),
        ttft_mean: summary::mean(&ttft),
        latency_p50: summary::median(&latency),
        latency_mean: summary::mean(&latency),
    }
}
