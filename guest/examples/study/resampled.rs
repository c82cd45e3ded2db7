//! Real runs whose requests are drawn anew: between-run noise as it was, and more of the noise inside a run.

use crate::data::{Data, IDENTICAL, LEVELS, empty_cells};
use crate::simulate::{Change, shift};
use crate::simulated::{EFFECTS, comparisons, shares};
use crate::tables::table;
use crate::verdict::rates;
use perfbridge_guest::stats::rng::Rng;
use perfbridge_guest::stats::summary::{mean, quantile};

/// TTFT and latency of a request, ms.
type Request = (f64, f64);

/// The requests of one level of one identical run, and the statistics of them as they were.
struct Level {
    requests: Vec<Request>,
    concurrency: usize,
    as_measured: [f64; 7],
}

impl Level {
    fn new(data: &Data, run: &str, level: &str) -> Self {
        let of = |metric| data.requests(run, level, metric);
        let requests: Vec<Request> = of("ttft_ms")
            .into_iter()
            .zip(of("request_latency_ms"))
            .collect();
        Level {
            as_measured: statistics(&requests),
            requests,
            concurrency: level.parse().unwrap_or(1),
        }
    }

    /// By what each statistic changes when the requests are drawn anew, in blocks as long as the concurrency.
    fn drawn(&self, rng: &mut Rng) -> [f64; 7] {
        let n = self.requests.len();
        let mut drawn = Vec::with_capacity(n + self.concurrency);
        while drawn.len() < n {
            let start = rng.below(n);
            drawn.extend((start..start + self.concurrency).map(|at| self.requests[at % n]));
        }
        drawn.truncate(n);
        let mut ratios = statistics(&drawn);
        for (ratio, before) in ratios.iter_mut().zip(self.as_measured) {
            *ratio /= before;
        }
        ratios
    }
}

/// In the order of [`crate::data::METRICS`], up to a constant that ratios lose: in a closed loop throughput goes
/// with one over the mean latency, and every request has as many output tokens as the others.
fn statistics(requests: &[Request]) -> [f64; 7] {
    let of = |value: fn(&Request) -> f64| requests.iter().map(value).collect::<Vec<f64>>();
    let (ttft, latency) = (of(|it| it.0), of(|it| it.1));
    let decode = of(|it| it.1 - it.0);
    let speed = of(|it| 1.0 / (it.1 - it.0));
    let at = |values: &[f64], q| quantile(values, q).expect("requests are there");
    [
        1.0 / mean(&latency).expect("requests are there"),
        mean(&speed).expect("requests are there"),
        at(&ttft, 0.5),
        at(&ttft, 0.95),
        at(&ttft, 0.99),
        at(&decode, 0.5),
        at(&latency, 0.5),
    ]
}

/// As many different runs an arm as asked for, drawn without return.
fn comparison(
    data: &Data,
    levels: &[Vec<Level>],
    shift: &[f64],
    trials: usize,
    rng: &mut Rng,
) -> Vec<perfbridge_guest::stats::Cell<'static>> {
    let mut order: Vec<usize> = (0..IDENTICAL.len()).collect();
    let mut cells = empty_cells(&LEVELS);
    for place in 0..2 * trials {
        let other = place + rng.below(order.len() - place);
        order.swap(place, other);
        let run = order[place];
        let real = data.cells(&LEVELS, &[IDENTICAL[run]], &[]);
        let ratios = levels[run].iter().flat_map(|level| level.drawn(rng));
        for ((at, cell), ratio) in cells.iter_mut().enumerate().zip(ratios) {
            let value = real[at].baseline[0].map(|value| value * ratio);
            if place < trials {
                cell.baseline.push(value);
            } else {
                cell.current
                    .push(value.map(|value| value * libm::exp(shift[at])));
            }
        }
    }
    cells
}

/// False RED and detection.
pub fn table_of(data: &Data) -> String {
    let measured = data.measured();
    let levels: Vec<Vec<Level>> = IDENTICAL
        .iter()
        .map(|run| {
            LEVELS
                .iter()
                .map(|level| Level::new(data, run, level))
                .collect()
        })
        .collect();
    let mut changes = vec![("none (A/A)".to_owned(), Change::None)];
    for x in EFFECTS {
        let percent = 100.0 * x;
        changes.extend([
            (
                format!("throughput {percent:.0} % lower"),
                Change::Throughput(x),
            ),
            (format!("TTFT {percent:.0} % longer"), Change::Ttft(x)),
            (
                format!("everything {percent:.0} % worse"),
                Change::Everything(x),
            ),
        ]);
    }
    let mut rows = Vec::new();
    for (name, change) in changes {
        let shift = shift(&measured, change);
        let comparisons = comparisons(change);
        let mut row = vec![name];
        for trials in [1, 3, 4] {
            let mut rng = Rng::new(20_261_124);
            let all = (0..comparisons).map(|_| comparison(data, &levels, &shift, trials, &mut rng));
            let (r, _) = rates(all, &[]);
            row.extend(shares(&r));
        }
        rows.push(row);
    }
    table(
        "Real runs, their requests drawn anew",
        "Each trial is one of the eight identical runs, no run twice in a comparison, and the 64 requests of each \
         level are drawn anew in blocks as long as the concurrency. So the noise inside a run counts twice, once as \
         it was and once as drawn. The change is put onto the current arm. 1, 3 and 4 trials an arm.",
        &[
            "change",
            "1: bare RED",
            "ours RED",
            "not GREEN",
            "3: bare RED",
            "ours RED",
            "not GREEN",
            "4: bare RED",
            "ours RED",
            "not GREEN",
        ],
        &rows,
    )
}
