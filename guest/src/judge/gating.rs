//! What a gate demands of a judgement, as a policy writes it.

use crate::measure::Number;
use crate::stats::clock::{self, Start};

/// What becomes of a judgement that is neither good nor bad.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Inconclusive {
    /// It stops: exit 3.
    #[default]
    Fail,
    /// It goes on as if it were good: exit 0.
    Pass,
    /// It goes on as what it is: exit 0, for platforms that know a third state.
    Neutral,
}

impl Inconclusive {
    /// Every one.
    pub const ALL: [Inconclusive; 3] = [
        Inconclusive::Fail,
        Inconclusive::Pass,
        Inconclusive::Neutral,
    ];

    /// The name that policies write.
    pub fn as_str(self) -> &'static str {
        match self {
            Inconclusive::Fail => "fail",
            Inconclusive::Pass => "pass",
            Inconclusive::Neutral => "neutral",
        }
    }
}

/// Somebody takes responsibility for one number for a time.
#[derive(Clone, Debug, PartialEq)]
pub struct Waiver {
    /// The number whose row does not count for the gate.
    pub number: Number,
    /// The models for which it holds; every one if none is named.
    pub model: Option<String>,
    /// Why.
    pub reason: String,
    /// Who.
    pub owner: String,
    /// The last day on which a run may start, `2027-01-31`.
    pub expires: String,
}

/// Seconds of a day.
const DAY: f64 = 86_400.0;

/// When a day that is written `2027-01-31` is over, in seconds since 1970; `None` for what is no day of the calendar.
pub fn end_of(day: &str) -> Option<f64> {
    let begin = Start::parse(&format!("{day}T00:00:00"))?.seconds;
    // Whoever writes the 31st of June gets it back as the 1st of July.
    (clock::written(begin, 0).get(..10) == Some(day)).then_some(begin + DAY)
}

impl Waiver {
    /// Whether its last day is before this one, both as `2027-01-31`.
    pub fn is_over(&self, today: &str) -> bool {
        self.expires.as_str() < today
    }

    /// Whether runs that started then are covered, where it is that day; without a known start of each none is.
    pub fn covers(&self, starts: &[Option<Start>], today: Option<&str>) -> bool {
        if today.is_some_and(|day| self.is_over(day)) {
            return false;
        }
        let Some(end) = end_of(&self.expires) else {
            return false;
        };
        let before = |start: &Option<Start>| start.is_some_and(|start| start.seconds < end);
        !starts.is_empty() && starts.iter().all(before)
    }
}

/// How much of its speed-of-light ceiling a run must reach.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SpeedOfLight {
    /// At least so many percent.
    pub min: Option<f64>,
    /// At most so many points less than the baseline.
    pub max_loss: Option<f64>,
}

/// What a gate demands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gating {
    /// Whether there is a gate at all: the policy speaks of one, or the caller asks for it.
    pub asked: bool,
    /// Whether YELLOW fails too.
    pub fails_on_yellow: bool,
    /// Whether only what is certainly no worse passes, whatever else is demanded: GREEN or YELLOW of a draft is inconclusive,
    /// YELLOW of a verdict fails.
    pub forward: bool,
    /// Whether a draft is enough.
    pub takes_drafts: bool,
    /// What becomes of what is neither.
    pub inconclusive: Inconclusive,
    /// Whether a loss against the best of the last baselines fails.
    pub ratchet: bool,
    /// Numbers that somebody takes responsibility for.
    pub waivers: Vec<Waiver>,
    /// The share of the ceiling that is demanded.
    pub sol: Option<SpeedOfLight>,
    /// The day on which a caller with a clock judges, as `2027-01-31`: a run can claim any start.
    pub today: Option<String>,
    /// A file of the repository at which reports stand that have to name one.
    pub report_at: Option<String>,
}

impl Gating {
    /// The day that waivers were held against.
    pub fn today_of_waivers(&self) -> Option<String> {
        self.today.clone().filter(|_| !self.waivers.is_empty())
    }
}
