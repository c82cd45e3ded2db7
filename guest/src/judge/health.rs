//! Rules of failing requests and sick runs: before any latency, and where every latency is well.

use super::failures::{
    SICK_ERROR_RATE, UNKNOWN_ERROR_RATE, fails_unknown, is_of_errors, more_fail,
    runs_that_succeeded,
};
use super::reliability::SIDES;
use super::row::{beyond, of_number};
use super::status::Status;
use super::verdict::{Case, told};
use crate::document::trials::values;
use crate::document::{Cell, Document};
use crate::finding::FindingCode;
use crate::measure::{Number, Place, Quantity};

impl Case<'_> {
    pub(super) fn failed_level(&self) -> Option<String> {
        self.common_cells()
            .find_map(|(place, [baseline, current])| {
                let at = place.words();
                if let Some(trial) = self.died(place) {
                    return Some(format!(
                        "at {at} no request {trial}succeeded, in the baseline some did"
                    ));
                }
                let rate = current
                    .error_rate()
                    .filter(|rate| *rate > SICK_ERROR_RATE)?;
                let mut here = self.rows.iter().filter(|row| row.number.place == place);
                let row = here.find(|row| is_of_errors(row));
                let worse = row.is_some_and(|row| row.status == Status::Regressed)
                    && more_fail(baseline, current);
                (worse || fails_unknown(baseline, current, SICK_ERROR_RATE)).then(|| {
                    format!(
                        "at {at} {:.1} % of the requests failed or never ended",
                        100.0 * rate
                    )
                })
            })
    }

    /// Whether nothing succeeded in a current trial where something did in the baseline; the text names the trial
    /// where there are several.
    fn died(&self, place: Place) -> Option<String> {
        let lived = |of: &Document| runs_that_succeeded(of, place).contains(&Some(true));
        if !lived(self.baseline) {
            return None;
        }
        let runs = runs_that_succeeded(self.current, place);
        let dead = runs.iter().position(|run| *run == Some(false))?;
        Some(if runs.len() > 1 {
            format!("of trial {} ", dead + 1)
        } else {
            String::new()
        })
    }

    pub(super) fn unhealthy(&self) -> Option<String> {
        let sick = self.common_cells().find_map(|(place, [baseline, current])| {
            let at = place.words();
            let rate = 100.0 * current.error_rate().unwrap_or_default();
            if current.error_rate() > Some(SICK_ERROR_RATE) {
                return Some(format!(
                    "at {at} {rate:.1} % of the requests failed or never ended, as in the baseline; the latencies are those of the survivors"
                ));
            }
            if fails_unknown(baseline, current, UNKNOWN_ERROR_RATE) {
                return Some(format!(
                    "at {at} {rate:.1} % of the requests failed or never ended, and the baseline does not say how many of its own"
                ));
            }
            if let Some(why) = self.uncounted(place, current) {
                return Some(why);
            }
            let dead = |of: &Document| runs_that_succeeded(of, place).contains(&Some(false));
            let sides = SIDES.iter().zip([self.baseline, self.current]);
            let (name, _) = sides.into_iter().find(|(_, side)| dead(side))?;
            Some(format!("at {at} nothing succeeded in the {name}"))
        });
        sick.or_else(|| self.died_alone())
            .or_else(|| self.restarted())
            .or_else(|| self.doubtful())
    }

    /// Failures of one run at a place where nobody knows of how many requests: a median of errors hides them, and without
    /// a count there is no error rate that would show them.
    fn uncounted(&self, place: Place, current: &Cell) -> Option<String> {
        let number = Number::new(Quantity::Errors, place);
        let row = of_number(self.rows, &number).filter(|row| !self.waived.contains(&row.number))?;
        if current.error_rate().is_some() {
            return None;
        }
        let [before, now] = [self.baseline, self.current].map(|side| values(&side.runs(), &number));
        let most = before.into_iter().fold(0.0, f64::max);
        let failed = now.into_iter().fold(0.0, f64::max);
        beyond(failed - most, row.tolerance).then(|| {
            format!(
                "at {} one run had {failed} failed requests, of how many it does not say; no run of the baseline is known to have had more than {most}",
                place.words()
            )
        })
    }

    /// A place that only the current run has, and at which nothing succeeded.
    fn died_alone(&self) -> Option<String> {
        let mut places = self.current.cell_places();
        let dead = |place: &Place| runs_that_succeeded(self.current, *place).contains(&Some(false));
        let place = places.find(|place| self.baseline.cell(*place).is_none() && dead(place))?;
        Some(format!(
            "at {} nothing succeeded in the current run",
            place.words()
        ))
    }

    fn restarted(&self) -> Option<String> {
        let reset = |side: &Document| told(side, FindingCode::CounterReset).is_some();
        (reset(self.current) && !reset(self.baseline)).then(|| {
            "the server of the current run started again while it was measured, that of the baseline did not".to_owned()
        })
    }

    /// Where nothing else speaks against the run: a baseline that is no yardstick.
    fn doubtful(&self) -> Option<String> {
        if self.creep().is_some() || self.lost().is_some() {
            return None;
        }
        let traffic = told(self.baseline, FindingCode::OtherTraffic)?;
        Some(format!(
            "other traffic in the baseline: {}",
            traffic.message
        ))
    }
}
