//! How many trials would settle it: one advice and one number for every output.

use super::row::{Row, of_number};
use super::status::Status;
use super::tier::TRIALS;
use crate::measure::Number;
use crate::stats::Advice;
use crate::stats::advice::most_demanding;

/// What would settle what the noise hides; where it hides nothing, what would show a loss of the size of the
/// headline's tolerance.
#[derive(Clone, Debug, PartialEq)]
pub struct Settle {
    advice: Option<Advice>,
    unit: &'static str,
    /// Whether a row is inside the noise.
    hidden: bool,
}

impl Settle {
    /// The most demanding advice of the rows that are inside the noise, else that of the headline.
    pub fn of(rows: &[Row], headline: &Number) -> Settle {
        let hidden = |row: &&Row| row.status == Status::Unresolved && row.because.is_none();
        let hidden: Vec<&Row> = rows.iter().filter(hidden).collect();
        let of_hidden = most_demanding(hidden.iter().map(|row| row.known.advice));
        let (row, advice) = match of_hidden {
            Some((at, advice)) => (Some(hidden[at]), Some(advice)),
            None => {
                let row = of_number(rows, headline);
                (row, row.and_then(|row| row.known.advice))
            }
        };
        Settle {
            advice,
            unit: row.map_or("", Row::unit_of_change),
            hidden: !hidden.is_empty(),
        }
    }

    /// Trials a side that a verdict needs at least.
    pub fn trials(&self) -> u32 {
        let fewest = TRIALS as u32;
        match self.advice {
            Some(Advice::Trials(trials)) => trials.max(fewest),
            _ => fewest,
        }
    }

    /// Trials as a lever, where each side has `runs`: what to run, and what that gives.
    pub fn lever(&self, runs: usize) -> (String, &'static str) {
        let trials = self.trials();
        match self.advice {
            Some(Advice::Quieter(_)) => (
                "measure on a quieter machine, or with more requests a level".to_owned(),
                "smaller changes become visible, which no practical number of trials would show",
            ),
            _ if (runs as u64) < u64::from(trials) => (
                format!("run {trials} trials a side in turns (A B B A) in one session"),
                "it tells a change from noise, which fewer runs cannot",
            ),
            _ => (
                "repeat both sides in turns (A B B A) in another session, on another node"
                    .to_owned(),
                "it shows whether the answer holds there",
            ),
        }
    }

    /// What follows a reason: the trials that would settle it.
    pub fn reason(&self) -> String {
        match self.advice {
            _ if !self.hidden => String::new(),
            Some(Advice::Trials(_)) => {
                format!("; {} trials a side would settle it", self.trials())
            }
            Some(Advice::Quieter(_)) => {
                "; no number of trials that anybody should run would settle it".to_owned()
            }
            None => String::new(),
        }
    }

    /// What to do about rows that are inside the noise.
    pub fn hidden(&self) -> Option<String> {
        if !self.hidden {
            return None;
        }
        Some(match self.advice {
            Some(Advice::Quieter(least)) => format!(
                "a change that the noise could explain, and that no practical number of trials would show. Measure on a quieter machine, or with more requests a level; 20 trials a side here would show a loss of {least:.1}{}.",
                self.unit
            ),
            _ => format!(
                "a change that the noise could explain. Run {} trials a side, interleaved on one node, then re-diff.",
                self.trials()
            ),
        })
    }

    /// What a green draft could have seen, and what would show the tolerance.
    pub fn seen(&self, rows: &[Row], headline: &Number) -> String {
        let Some(row) = of_number(rows, headline) else {
            return String::new();
        };
        let (name, unit) = (row.metric.words, row.unit_of_change());
        let place = row.number.place.words();
        let tolerance = &row.shown.tolerance;
        let Some(least) = row.known.detectable else {
            return format!(
                "The noise between runs is not known: nothing smaller than the tolerance of {tolerance} for {name} at {place} could have been seen, and more may have been missed. Run {} trials a side to know it.",
                self.trials()
            );
        };
        let more = match self.advice {
            Some(Advice::Quieter(most)) => format!(
                "20 would show {most:.1}{unit}, and the tolerance of {tolerance} only a quieter setting"
            ),
            _ => format!(
                "{} would show a loss of the tolerance, {tolerance}",
                self.trials()
            ),
        };
        format!(
            "The smallest loss of {name} at {place} that these runs could have shown is {least:.1}{unit}; of trials a side, {more}."
        )
    }
}
