//! What is asked of the statistics, and what they answer.

use super::doubt::Doubt;

/// Which way a metric gets worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adverse {
    /// More is worse: latencies, error rates.
    Up,
    /// Less is worse: throughput, hit rates.
    Down,
}

impl Adverse {
    /// +1 or -1: multiplied with a change, positive is worse.
    pub fn sign(self) -> f64 {
        match self {
            Adverse::Up => 1.0,
            Adverse::Down => -1.0,
        }
    }
}

/// How much change is allowed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Tolerance {
    /// Percent of the baseline; the metric is positive and is treated on the log scale.
    Percent(f64),
    /// In the metric's own unit; the metric may be 0 (rates, shares) and stays on its own scale.
    Absolute(f64),
}

impl Tolerance {
    /// Whether a change is strictly beyond this tolerance in the adverse direction, with the slack
    /// of one part in 10^9 that keeps 100 -> 105 at 5 % inside. `delta` is in the tolerance's unit.
    pub fn exceeded(self, delta: f64, adverse: Adverse) -> bool {
        let (Tolerance::Percent(allowed) | Tolerance::Absolute(allowed)) = self;
        adverse.sign() * delta > allowed + 1e-9 * allowed.max(1.0)
    }
}

/// One metric at one level: the trials of both arms. One value an arm is an arm of one run.
#[derive(Clone, Debug)]
pub struct Cell<'a> {
    /// Name of the metric; the levels of one metric lend each other their noise.
    pub metric: &'a str,
    /// Level: a concurrency, `server` or `profile`.
    pub level: &'a str,
    /// Which way is worse.
    pub adverse: Adverse,
    /// Allowed change; decides the scale.
    pub tolerance: Tolerance,
    /// Values of the baseline's trials, one entry a run; `None` where the run has no such number.
    pub baseline: Vec<Option<f64>>,
    /// Values of the current trials.
    pub current: Vec<Option<f64>>,
    /// Earlier baselines of the same measurement and identity, oldest first, the baseline itself not among them.
    pub history: Vec<Option<f64>>,
    /// The headline row, tested on its own.
    pub headline: bool,
}

/// Levels of confidence. The defaults are those measured in `docs/noise.md`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Chance of a false rejection of the headline.
    pub headline_alpha: f64,
    /// False-discovery rate over all other rows.
    pub fdr: f64,
    /// Coverage of the interval of each row's delta.
    pub confidence: f64,
    /// Chance with which a planned comparison shall see the effect.
    pub power: f64,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            headline_alpha: 0.005,
            fdr: 0.015,
            confidence: 0.99,
            power: 0.8,
        }
    }
}

/// Where the knowledge of the noise came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Repeat trials of this comparison: at least three in an arm.
    Trials,
    /// At least five earlier baselines.
    History,
    /// Both: trials for the noise within a session, history for what differs between sessions.
    TrialsAndHistory,
    /// At least three pairs of alternating trials: what both runs of a pair share cancels.
    Pairs,
}

impl Method {
    /// The name that documents use.
    pub fn name(self) -> &'static str {
        match self {
            Method::Trials => "trials",
            Method::History => "history",
            Method::TrialsAndHistory => "trials+history",
            Method::Pairs => "pairs",
        }
    }
}

/// Where a value stood that was left out of the noise as an outlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftOut {
    /// Index into the cell's baseline trials.
    Baseline(usize),
    /// Index into the cell's current trials.
    Current(usize),
    /// Index into the cell's history.
    History(usize),
}

/// The noise of one row. Percent for a percent tolerance, else the metric's unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Noise {
    /// How it was got.
    pub method: Method,
    /// Runs behind it: of this cell, outliers not counted.
    pub n: usize,
    /// Run-to-run standard deviation of one run (a coefficient of variation, for percent).
    pub std: f64,
    /// Change that identical runs exceed once in twenty, with the trials at hand (one-sided 95 %).
    pub relative_floor: f64,
    /// Degrees of freedom of the test, borrowed ones included.
    pub degrees_of_freedom: f64,
    /// Runs left out of the noise as outliers.
    pub left_out: Vec<LeftOut>,
    /// Entries of the history that the noise came from, by their places in it.
    pub entries: Vec<usize>,
    /// Pairs of alternating trials behind it; 0 where it is not from pairs.
    pub pairs: usize,
}

/// Whether a change stands out of the noise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// It does, at the level of the headline or within the false-discovery rate.
    BeyondNoise,
    /// It does not.
    InsideNoise,
    /// Nobody measured the noise: the bare tolerance decides.
    Unknown,
}

/// What to do about noise. One answer for every output.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Advice {
    /// So many trials an arm would show the change, with chance [`Options::power`].
    Trials(u32),
    /// No number of trials that anybody should run would: a quieter setting is needed. The smallest worsening
    /// that [`MOST_TRIALS`](super::power::MOST_TRIALS) trials an arm would show.
    Quieter(f64),
}

/// What is known about one row. Deltas in percent of the baseline for a percent tolerance, else in
/// the metric's unit, `current - baseline`.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// The change that is judged: difference of the medians, or median of the differences inside pairs; `None` when a
    /// side has no value or a percentage has no meaning.
    pub delta: Option<f64>,
    /// The noise, where known.
    pub noise: Option<Noise>,
    /// Interval of the delta at `Options::confidence`.
    pub interval: Option<(f64, f64)>,
    /// Chance that identical configurations look at least this much worse (one-sided).
    pub p_value: Option<f64>,
    /// The same after allowing for the number of rows; the headline's stays as it is.
    pub p_adjusted: Option<f64>,
    /// Whether the change, for better or worse, stands out of the noise.
    pub resolution: Resolution,
    /// Why it does not; `None` where it does or where the noise is not known.
    pub doubt: Option<Doubt>,
    /// What would show a true change: of the size seen where it is beyond tolerance for the worse but inside the noise, else
    /// of the size of the tolerance; other rows being as they are. `None` where the noise is not known.
    pub advice: Option<Advice>,
    /// Smallest true worsening that these trials would have shown, as a positive number.
    pub detectable: Option<f64>,
}

impl Evidence {
    /// Trials an arm that the advice asks for; `None` where no number that is advised would do.
    pub fn trials_needed(&self) -> Option<u32> {
        match self.advice? {
            Advice::Trials(trials) => Some(trials),
            Advice::Quieter(_) => None,
        }
    }
}
