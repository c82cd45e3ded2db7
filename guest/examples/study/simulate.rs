//! Simulated runs with known noise and a known change.

use crate::data::{HEADLINE, LEVELS, METRICS, Measured, empty_cells};
use crate::verdict::{Rates, rates};
use perfbridge_guest::stats::pairs::Pair;
use perfbridge_guest::stats::rng::Rng;
use perfbridge_guest::stats::{Adverse, Cell};

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
#[derive(Clone)]
pub struct Noise {
    /// Standard deviation of each cell's logarithm.
    pub stds: Vec<f64>,
    /// Lower triangle of the correlation matrix's Cholesky factor.
    factor: Vec<Vec<f64>>,
    /// Chance that a run is an outlier, all its cells worse by half-normal 10 %.
    pub outliers: f64,
    /// Standard deviation of what a whole session shares: one arm or, where the arms alternate, one pair; and each earlier
    /// baseline.
    pub session: f64,
    /// A machine of two states: the chance that a run is in the slow one, and by how much it is slower there, a fraction.
    pub slow_state: (f64, f64),
}

impl Noise {
    pub fn new(stds: Vec<f64>, correlation: &[Vec<f64>]) -> Self {
        Noise {
            stds,
            factor: cholesky(correlation),
            outliers: 0.0,
            session: 0.0,
            slow_state: (0.0, 0.0),
        }
    }
}

/// What is the matter with a history.
#[derive(Clone, Copy)]
pub enum Fault {
    /// Nothing.
    None,
    /// The older half was slower by this fraction.
    Step(f64),
    /// Each entry is faster than the one before by this fraction.
    Drift(f64),
    /// The second and the fifth entry are slower by this fraction.
    TwoBad(f64),
}

/// One kind of comparison, drawn `comparisons` times.
pub struct Setting<'a> {
    pub levels: &'a [&'static str],
    /// Mean of each cell's logarithm.
    pub means: &'a [f64],
    pub noise: &'a Noise,
    /// The change of each cell's logarithm.
    pub shift: &'a [f64],
    pub trials: usize,
    pub history: usize,
    pub fault: Fault,
    /// Whether the trials of the arms alternate, so that the runs of a pair share a session.
    pub paired: bool,
    /// Whether they are then judged as pairs.
    pub as_pairs: bool,
    pub comparisons: usize,
}

impl Setting<'_> {
    pub fn rates(&self) -> Rates {
        let mut rng = Rng::new(20_261_124);
        let pairs: Vec<Pair> = (0..self.trials)
            .filter(|_| self.paired && self.as_pairs)
            .map(|at| Pair {
                baseline: at,
                current: at,
            })
            .collect();
        let all = (0..self.comparisons).map(|_| self.cells(&mut rng));
        rates(all, &pairs).0
    }

    /// The cells of one comparison.
    pub fn cells(&self, rng: &mut Rng) -> Vec<Cell<'static>> {
        let mut cells = empty_cells(self.levels);
        let none = vec![0.0; self.shift.len()];
        let of_pairs: Vec<f64> = (0..self.trials).map(|_| self.session(rng)).collect();
        for (which, shift) in [none.as_slice(), self.shift].into_iter().enumerate() {
            let of_arm = self.session(rng);
            for of_pair in &of_pairs {
                let session = if self.paired { *of_pair } else { of_arm };
                let run = self.run(shift, session, rng);
                for (cell, value) in cells.iter_mut().zip(run) {
                    let arm = match which {
                        0 => &mut cell.baseline,
                        _ => &mut cell.current,
                    };
                    arm.push(Some(value));
                }
            }
        }
        for entry in 0..self.history {
            let session = self.session(rng) + self.fault.of(entry, self.history);
            let run = self.run(&none, session, rng);
            for (cell, value) in cells.iter_mut().zip(run) {
                cell.history.push(Some(value));
            }
        }
        cells
    }

    fn session(&self, rng: &mut Rng) -> f64 {
        if self.noise.session > 0.0 {
            self.noise.session * normal(rng)
        } else {
            0.0
        }
    }

    /// One value a cell; `session` above 0 is slower.
    fn run(&self, shift: &[f64], session: f64, rng: &mut Rng) -> Vec<f64> {
        let noise = self.noise;
        let z: Vec<f64> = shift.iter().map(|_| normal(rng)).collect();
        let mut common = session;
        if noise.outliers > 0.0 && rng.uniform() < noise.outliers {
            common += 0.1 * normal(rng).abs();
        }
        if noise.slow_state.0 > 0.0 && rng.uniform() < noise.slow_state.0 {
            common -= libm::log1p(-noise.slow_state.1);
        }
        (0..shift.len())
            .map(|i| {
                let correlated: f64 = noise.factor[i].iter().zip(&z).map(|(f, z)| f * z).sum();
                let log = self.means[i] + shift[i] + noise.stds[i] * correlated;
                let worse = METRICS[i % METRICS.len()].2.sign();
                libm::exp(log + worse * common)
            })
            .collect()
    }
}

impl Fault {
    /// How much slower an entry of a history is, on the log scale.
    fn of(self, entry: usize, entries: usize) -> f64 {
        let slower = |by: f64| -libm::log1p(-by);
        match self {
            Fault::Step(by) if entry < entries / 2 => slower(by),
            Fault::Drift(by) => (entries - entry) as f64 * slower(by),
            Fault::TwoBad(by) if entry == 1 || entry == 4 => slower(by),
            _ => 0.0,
        }
    }
}

/// A standard normal value (the polar method of Marsaglia and Bray 1964, SIAM Review 6, 260-264, one value a draw).
pub fn normal(rng: &mut Rng) -> f64 {
    loop {
        let (x, y) = (2.0 * rng.uniform() - 1.0, 2.0 * rng.uniform() - 1.0);
        let square = x * x + y * y;
        if square > 0.0 && square < 1.0 {
            return x * (-2.0 * libm::log(square) / square).sqrt();
        }
    }
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
        (Change::Throughput(x), HEADLINE) => libm::log1p(-x),
        (Change::Ttft(x) | Change::TtftAlone(x), m) if m.starts_with("ttft") => libm::log1p(x),
        (Change::Ttft(x), "request_latency_p50_ms") => libm::log1p(x * share(cell.level)),
        (Change::Ttft(x), HEADLINE) => -libm::log1p(x * share(cell.level)),
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
