//! The real runs, and the noise measured on them.

use perfbridge_guest::stats::gate::Family;
use perfbridge_guest::stats::summary::{mean, std};
use perfbridge_guest::stats::{Adverse, Cell, Tolerance};
use serde_json::Value;

/// Judged metrics with the default tolerances, percent.
pub const METRICS: [(&str, f64, Adverse, Family); 7] = [
    (HEADLINE, 3.0, Adverse::Down, Family::Throughput),
    ("tps_per_user", 3.0, Adverse::Down, Family::Decode),
    ("ttft_p50_ms", 5.0, Adverse::Up, Family::FirstToken),
    ("ttft_p95_ms", 10.0, Adverse::Up, Family::FirstToken),
    ("ttft_p99_ms", 15.0, Adverse::Up, Family::FirstToken),
    ("itl_p50_ms", 3.0, Adverse::Up, Family::Decode),
    ("request_latency_p50_ms", 5.0, Adverse::Up, Family::Latency),
];
/// The metric of the headline.
pub const HEADLINE: &str = "throughput_toks_per_s";
/// The identical runs.
pub const IDENTICAL: [&str; 8] = [
    "aa-01", "aa-02", "aa-03", "aa-04", "aa-05", "aa-06", "aa-07", "aa-08",
];
/// Levels of the repeated runs.
pub const LEVELS: [&str; 2] = ["4", "16"];
/// Levels of a longer sweep, which is simulated only.
pub const SWEEP: [&str; 5] = ["1", "4", "8", "16", "32"];

/// `tests/data/study/runs.json`.
pub struct Data(Value);

impl Data {
    pub fn load() -> Self {
        let text = include_str!("../../../tests/data/study/runs.json");
        Data(serde_json::from_str(text).expect("tests/data/study/runs.json is JSON"))
    }

    fn value(&self, run: &str, level: &str, metric: &str) -> f64 {
        self.0["runs"][run][level][metric]
            .as_f64()
            .expect("every run has every cell")
    }

    /// Requests of one level of an identical run, in the order in which they started.
    pub fn requests(&self, run: &str, level: &str, metric: &str) -> Vec<f64> {
        let list = self.0["requests"][run][level][metric]
            .as_array()
            .expect("requests are there");
        list.iter().filter_map(Value::as_f64).collect()
    }

    /// Cells of two sets of real runs.
    pub fn cells(
        &self,
        levels: &[&'static str],
        baseline: &[&str],
        current: &[&str],
    ) -> Vec<Cell<'static>> {
        let mut cells = empty_cells(levels);
        for cell in &mut cells {
            let values = |runs: &[&str]| -> Vec<Option<f64>> {
                runs.iter()
                    .map(|run| Some(self.value(run, cell.level, cell.metric)))
                    .collect()
            };
            (cell.baseline, cell.current) = (values(baseline), values(current));
        }
        cells
    }

    /// Noise of the identical runs on the log scale.
    pub fn measured(&self) -> Measured {
        let logs: Vec<Vec<f64>> = empty_cells(&LEVELS)
            .iter()
            .map(|c| {
                IDENTICAL
                    .iter()
                    .map(|r| libm::log(self.value(r, c.level, c.metric)))
                    .collect()
            })
            .collect();
        Measured {
            means: logs.iter().filter_map(|row| mean(row)).collect(),
            stds: logs.iter().filter_map(|row| std(row)).collect(),
            correlation: correlation(&logs),
        }
    }
}

/// Mean and standard deviation of each cell's logarithm and the correlations between cells.
pub struct Measured {
    pub means: Vec<f64>,
    pub stds: Vec<f64>,
    pub correlation: Vec<Vec<f64>>,
}

/// All cells of these levels without values; throughput at 16 is the headline.
pub fn empty_cells(levels: &[&'static str]) -> Vec<Cell<'static>> {
    let mut cells = Vec::new();
    for &level in levels {
        for (metric, percent, adverse, _) in METRICS {
            cells.push(Cell {
                metric,
                level,
                adverse,
                tolerance: Tolerance::Percent(percent),
                baseline: Vec::new(),
                current: Vec::new(),
                history: Vec::new(),
                headline: metric == HEADLINE && level == "16",
            });
        }
    }
    cells
}

/// Pearson correlations, a tenth of the way towards independence: eight runs of fourteen cells give a
/// singular matrix, which could not be simulated from.
fn correlation(logs: &[Vec<f64>]) -> Vec<Vec<f64>> {
    const SHRINK: f64 = 0.1;
    let standard: Vec<Vec<f64>> = logs
        .iter()
        .map(|row| {
            let (centre, spread) = (mean(row).unwrap_or(0.0), std(row).unwrap_or(1.0));
            row.iter().map(|v| (v - centre) / spread).collect()
        })
        .collect();
    let n = standard[0].len() as f64;
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
    let entry = |i: usize, j: usize| {
        let r = product(&standard[i], &standard[j]) / (n - 1.0);
        if i == j { 1.0 } else { (1.0 - SHRINK) * r }
    };
    (0..logs.len())
        .map(|i| (0..logs.len()).map(|j| entry(i, j)).collect())
        .collect()
}
