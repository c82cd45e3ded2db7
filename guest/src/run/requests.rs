//! Some of the requests behind the numbers of a level: what evidence from inside one run rests on.

use crate::measure::Sampled;

/// Most requests of a level that are kept.
pub const MOST: usize = 512;

/// The successful requests of one level's measured phase, thinned to at most [`MOST`].
#[derive(Clone, Debug, PartialEq)]
pub struct RequestSamples {
    /// How many there were.
    pub of: u64,
    stride: u64,
    kept: Vec<Kept>,
}

#[derive(Clone, Debug, PartialEq)]
struct Kept {
    start_ns: u64,
    values: [Option<f64>; Sampled::ALL.len()],
}

impl Default for RequestSamples {
    fn default() -> Self {
        RequestSamples {
            of: 0,
            stride: 1,
            kept: Vec::new(),
        }
    }
}

impl RequestSamples {
    /// Adds the next request of the file. Every first, second, fourth, ... is kept: where the room ends, every
    /// second one goes and the stride doubles, so that memory is bounded and the choice knows no values.
    pub fn add(&mut self, start_ns: u64, values: [Option<f64>; Sampled::ALL.len()]) {
        if self.of.is_multiple_of(self.stride) {
            if self.kept.len() == MOST {
                let mut at = 0;
                self.kept.retain(|_| {
                    at += 1;
                    at % 2 == 1
                });
                self.stride *= 2;
            }
            // MOST is even: the request that found no room falls on the doubled stride too.
            self.kept.push(Kept { start_ns, values });
        }
        self.of += 1;
    }

    /// Puts the kept requests in the order in which they started; records are written as requests end.
    pub fn sort(&mut self) {
        self.kept.sort_by_key(|kept| kept.start_ns);
    }

    /// The values of one of [`Sampled::ALL`]; `None` when no kept request has one.
    pub fn list(&self, quantity: usize) -> Option<Vec<Option<f64>>> {
        let of = |kept: &Kept| kept.values[quantity].map(significant);
        let list: Vec<Option<f64>> = self.kept.iter().map(of).collect();
        list.iter().any(Option::is_some).then_some(list)
    }
}

/// Rounds to 6 significant digits, halves away from zero. Sums and products only, so every host gets the same
/// bits, and with a power of ten below 1e23, which is exact, the nearest double to those 6 digits.
pub fn significant(value: f64) -> f64 {
    let (mut scaled, mut scale) = (value.abs(), 1.0);
    if !(scaled > 0.0 && scaled < 1e300) {
        return value;
    }
    while scaled < 1e5 && scale < 1e300 {
        scale *= 10.0;
        scaled = value.abs() * scale;
    }
    let mut unit = 1.0;
    while scaled / unit >= 1e6 {
        unit *= 10.0;
    }
    let rounded = (scaled / unit + 0.5).floor() * unit / scale;
    if value < 0.0 { -rounded } else { rounded }
}

#[cfg(test)]
mod tests {
    use super::{MOST, RequestSamples, significant};

    fn samples(requests: u64) -> RequestSamples {
        let mut samples = RequestSamples::default();
        for at in 0..requests {
            // Started in the opposite order of the file.
            samples.add(requests - at, [Some(at as f64), None, None]);
        }
        samples.sort();
        samples
    }

    #[test]
    fn few_requests_are_kept_whole_in_the_order_of_their_start() {
        let samples = samples(5);
        let expected = [4.0, 3.0, 2.0, 1.0, 0.0].map(Some).to_vec();
        assert_eq!(samples.list(0), Some(expected));
        assert_eq!(samples.list(1), None, "no request has an ITL");
        assert_eq!(samples.of, 5);
    }

    /// The stride is the smallest power of two that leaves at most 512.
    #[test]
    fn many_requests_are_thinned_by_a_stride() {
        for (requests, stride) in [
            (512, 1_u64),
            (513, 2),
            (1_024, 2),
            (1_025, 4),
            (5_000, 16),
            (8_192, 16),
        ] {
            let mut kept = samples(requests).list(0).unwrap();
            kept.reverse();
            let expected: Vec<_> = (0..requests)
                .step_by(stride as usize)
                .map(|at| Some(at as f64))
                .collect();
            assert_eq!(kept, expected, "{requests}");
            assert!(kept.len() <= MOST && samples(requests).of == requests);
        }
    }

    /// `float(f"{x:.5e}")` of Python.
    #[test]
    fn six_digits_are_kept() {
        for (value, expected) in [
            (0.0, 0.0),
            (12.3456789, 12.3457),
            (123456.7, 123457.0),
            (99.9999501, 100.0),
            (1234567.0, 1234570.0),
            (0.000123456789, 0.000123457),
            (-2.0000049, -2.0),
            (1.5, 1.5),
            (7.77777777e-10, 7.77778e-10),
            (41.26931, 41.2693),
        ] {
            assert_eq!(significant(value), expected, "{value}");
        }
        assert!(significant(5e-324) >= 0.0);
    }
}
