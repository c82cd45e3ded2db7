//! How many trials would settle it: one answer for every output, and never a number that nobody should run.

use super::cell::{Adverse, Advice, Tolerance};
use super::model::Model;
use super::power::{MOST_TRIALS, Seen, trials_needed};

/// A test as it is planned.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'a> {
    /// Which way is worse.
    pub adverse: Adverse,
    /// Decides the scale.
    pub tolerance: Tolerance,
    /// The noise.
    pub model: Model,
    /// Level of the test.
    pub alpha: f64,
    /// Chance with which the effect shall be seen.
    pub power: f64,
    /// What has been worked out before.
    pub seen: &'a Seen,
}

impl Plan<'_> {
    /// Standard error and degrees of freedom with `n` trials an arm.
    fn with(&self, n: u32) -> (f64, f64) {
        let se = self.model.standard_error(n as usize, n as usize);
        (se, self.model.df_with(n))
    }

    /// What would show `effect` on the scale of the test: at least `fewest` trials an arm, at most [`MOST_TRIALS`].
    pub fn advice(&self, effect: f64, fewest: u32) -> Advice {
        match trials_needed(effect, self.alpha, self.power, self.seen, |n| self.with(n)) {
            Some(trials) if fewest <= MOST_TRIALS => Advice::Trials(trials.max(fewest)),
            _ => self.quieter(),
        }
    }

    /// A quieter setting, with what the most trials could show in this one.
    pub fn quieter(&self) -> Advice {
        Advice::Quieter(self.detectable(MOST_TRIALS))
    }

    /// Smallest true worsening that `n` trials an arm show, in percent of the baseline or the metric's unit.
    pub fn detectable(&self, n: u32) -> f64 {
        let (se, df) = self.with(n);
        let effect = self.seen.detectable(se, df, self.alpha, self.power);
        self.tolerance.worsening(self.adverse, effect)
    }
}

/// The most demanding of several advices, with its place: a quieter setting before any number of trials, the first of equals.
pub fn most_demanding(
    advices: impl IntoIterator<Item = Option<Advice>>,
) -> Option<(usize, Advice)> {
    let mut most: Option<(usize, Advice)> = None;
    for (at, advice) in advices.into_iter().enumerate() {
        let Some(advice) = advice else { continue };
        let more = match (most.map(|it| it.1), advice) {
            (None, _) => true,
            (Some(Advice::Quieter(_)), _) => false,
            (Some(Advice::Trials(_)), Advice::Quieter(_)) => true,
            (Some(Advice::Trials(most)), Advice::Trials(trials)) => trials > most,
        };
        if more {
            most = Some((at, advice));
        }
    }
    most
}
