//! In which order to run the trials of two sides.

use crate::stats::pairs::{Arm, alternating};

/// The order of the runs, and why it is that one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Whose run it is, first to last.
    pub order: Vec<Arm>,
    /// Why in this order, and what this number of trials gives.
    pub reason: String,
}

/// Plans `trials` runs of each of two sides, A B B A, A B B A, so that neighbours make pairs, and a machine that drifts
/// steadily drifts for both sides alike. At least one trial; 0 counts as one.
pub fn plan(trials: usize) -> Plan {
    let trials = trials.max(1);
    let given = match trials {
        1 => {
            "One run a side cannot tell noise from change: the tolerance alone decides, and the judgement is a draft. Plan at least 3."
        }
        2 => {
            "Two trials a side are too few for pairs and do not make the noise known: the tolerance alone decides, and the judgement is a draft. Plan at least 3."
        }
        3 | 4 => "Three pairs are the fewest that are judged as pairs. Five show a smaller change.",
        _ => "Each pair must point the same way before a change counts as a regression.",
    };
    Plan {
        order: alternating(trials),
        reason: format!(
            "Neighbours in time are compared as a pair, so that what the machine does in an hour is in both; the order turns round in every second pair, so that a steady drift cancels. {given} Run them one straight after the other and give all of them to one diff."
        ),
    }
}
