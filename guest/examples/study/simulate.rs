//! Simulated runs with known noise and a known change.

use crate::data::{LEVELS, Measured, empty_cells};
use perfbridge_guest::stats::gate::{Gate, GateRow, gate, status};
use perfbridge_guest::stats::resolve::resolve;
use perfbridge_guest::stats::rng::Rng;
use perfbridge_guest::stats::special::normal_quantile;
use perfbridge_guest::stats::{Adverse, Cell, Options, Resolution};

/// What really changed; the size is a fraction.
#[derive(Clone, Copy)]
pub enum Change {
    /// Nothing: A/A.
    None,
    /// Every cell gets worse.
    Everything(f64),
    /// Throughput alone falls.
    Throughput(f64),
    /// TTFT rises and, since a closed loop of clients waits for it, request latency and throughput
    /// follow by TTFT's share of the latency.
    Ttft(f64),
    /// TTFT rises and, against the arithmetic of a closed loop, nothing else moves.
    TtftAlone(f64),
}

/// How runs of one configuration differ.
pub struct Noise {
    /// Standard deviation of each cell's logarithm.
    pub stds: Vec<f64>,
    /// Lower triangle of the correlation matrix's Cholesky factor.
    factor: Vec<Vec<f64>>,
    /// Chance that a run is an outlier, all its cells worse by half-normal 10 %.
    pub outliers: f64,
    /// Standard deviation of what a whole session (one arm, one earlier baseline) shares.
    pub session: f64,
}

impl Noise {
    pub fn new(stds: Vec<f64>, correlation: &[Vec<f64>]) -> Self {
        Noise {
            stds,
            factor: cholesky(correlation),
            outliers: 0.0,
            session: 0.0,
        }
    }
}

/// Shares of comparisons.
#[derive(Clone, Copy, Default)]
pub struct Rates {
    pub bare_red: f64,
    pub bare_green: f64,
    pub red: f64,
    pub green: f64,
}

/// Verdicts by the bare tolerances and with the noise known.
pub fn judge(cells: &[Cell]) -> (Gate, Gate) {
    let tested = resolve(cells, &Options::default());
    let verdict = |noise: &dyn Fn(usize) -> Resolution| {
        let rows: Vec<GateRow> = cells
            .iter()
            .enumerate()
            .filter_map(|(i, cell)| {
                let status = status(tested[i].delta?, cell.tolerance, cell.adverse, noise(i));
                Some(GateRow {
                    level: cell.level,
                    headline: cell.headline,
                    status,
                })
            })
            .collect();
        gate(&rows)
    };
    (
        verdict(&|_| Resolution::Unknown),
        verdict(&|i| tested[i].resolution),
    )
}

/// Share of each verdict over comparisons of real or simulated cells.
pub fn rates(comparisons: impl Iterator<Item = Vec<Cell<'static>>>) -> (Rates, usize) {
    let mut sums = Rates::default();
    let mut count = 0usize;
    for cells in comparisons {
        let (bare, ours) = judge(&cells);
        let one = |yes: bool| f64::from(u8::from(yes));
        sums.bare_red += one(bare.is_red());
        sums.bare_green += one(bare == Gate::None);
        sums.red += one(ours.is_red());
        sums.green += one(ours == Gate::None);
        count += 1;
    }
    let n = count.max(1) as f64;
    let rates = Rates {
        bare_red: sums.bare_red / n,
        bare_green: sums.bare_green / n,
        red: sums.red / n,
        green: sums.green / n,
    };
    (rates, count)
}

/// One kind of comparison, drawn `comparisons` times.
pub struct Setting<'a> {
    pub measured: &'a Measured,
    pub noise: &'a Noise,
    pub change: Change,
    pub trials: usize,
    pub history: usize,
    pub comparisons: usize,
}

impl Setting<'_> {
    pub fn rates(&self) -> Rates {
        let mut rng = Rng::new(20_261_124);
        let shift = shift(self.measured, self.change);
        let none = vec![0.0; shift.len()];
        rates((0..self.comparisons).map(|_| {
            let mut cells = empty_cells(&LEVELS);
            let arms = [(&none, self.trials), (&shift, self.trials)];
            for (which, (shift, trials)) in arms.into_iter().enumerate() {
                let session = self.session(&mut rng);
                for _ in 0..trials {
                    let run = self.run(shift, session, &mut rng);
                    for (cell, value) in cells.iter_mut().zip(run) {
                        let arm = if which == 0 {
                            &mut cell.baseline
                        } else {
                            &mut cell.current
                        };
                        arm.push(value);
                    }
                }
            }
            for _ in 0..self.history {
                let session = self.session(&mut rng);
                let run = self.run(&none, session, &mut rng);
                for (cell, value) in cells.iter_mut().zip(run) {
                    cell.history.push(value);
                }
            }
            cells
        }))
        .0
    }

    fn session(&self, rng: &mut Rng) -> f64 {
        if self.noise.session > 0.0 {
            self.noise.session * normal(rng)
        } else {
            0.0
        }
    }

    /// One value a cell.
    fn run(&self, shift: &[f64], session: f64, rng: &mut Rng) -> Vec<f64> {
        let noise = self.noise;
        let z: Vec<f64> = shift.iter().map(|_| normal(rng)).collect();
        let late = rng.uniform() < noise.outliers;
        let common = session + if late { 0.1 * normal(rng).abs() } else { 0.0 };
        let worse = worse();
        (0..shift.len())
            .map(|i| {
                let correlated: f64 = noise.factor[i].iter().zip(&z).map(|(f, z)| f * z).sum();
                let log = self.measured.means[i] + shift[i] + noise.stds[i] * correlated;
                libm::exp(log + worse[i] * common)
            })
            .collect()
    }
}

/// +1 where more is worse, else -1.
pub fn worse() -> Vec<f64> {
    empty_cells(&LEVELS)
        .iter()
        .map(|cell| cell.adverse.sign())
        .collect()
}

fn normal(rng: &mut Rng) -> f64 {
    normal_quantile(rng.uniform().max(1e-300))
}

/// The change of each cell's logarithm.
pub fn shift(measured: &Measured, change: Change) -> Vec<f64> {
    let cells = empty_cells(&LEVELS);
    let mean_of = |metric: &str, level: &str| {
        let at = cells
            .iter()
            .position(|c| c.metric == metric && c.level == level);
        measured.means[at.expect("the metric is in the table")]
    };
    let share = |level: &str| {
        libm::exp(mean_of("ttft_p50_ms", level) - mean_of("request_latency_p50_ms", level))
    };
    let one = |cell: &Cell| match (change, cell.metric) {
        (Change::Everything(x), _) if cell.adverse == Adverse::Down => libm::log1p(-x),
        (Change::Everything(x), _) => libm::log1p(x),
        (Change::Throughput(x), "throughput_toks_per_s") => libm::log1p(-x),
        (Change::Ttft(x) | Change::TtftAlone(x), m) if m.starts_with("ttft") => libm::log1p(x),
        (Change::Ttft(x), "request_latency_p50_ms") => libm::log1p(x * share(cell.level)),
        (Change::Ttft(x), "throughput_toks_per_s") => -libm::log1p(x * share(cell.level)),
        _ => 0.0,
    };
    cells.iter().map(one).collect()
}

/// Cholesky factor of a positive definite matrix.
fn cholesky(matrix: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let n = matrix.len();
    let mut factor = vec![vec![0.0; n]; n];
    for i in 0..n {
        for j in 0..=i {
            let done: f64 = (0..j).map(|k| factor[i][k] * factor[j][k]).sum();
            let rest = matrix[i][j] - done;
            factor[i][j] = if i == j {
                rest.sqrt()
            } else {
                rest / factor[j][j]
            };
        }
    }
    factor
}
