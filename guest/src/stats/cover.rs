//! Which features explain that some of many fail: a few causes, each in no more of those that pass than chance puts there.

use super::fisher::{Failed, p_more_failures};
use crate::order::Ordered as _;

/// Something that several of them have in common.
#[derive(Clone, Debug)]
pub struct Feature {
    /// Who of those that fail has it, by number, ascending.
    pub failing: Vec<usize>,
    /// How many of those that pass have it.
    pub passing: usize,
    /// Whether it came since each was last known to be good. Then each is compared with itself, and others that pass are not
    /// needed to suspect it.
    pub is_change: bool,
}

/// One cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// The features, by number: more than one where they cannot be told apart.
    pub features: Vec<usize>,
    /// Who fails by it, by number, ascending. Nobody stands under two causes.
    pub members: Vec<usize>,
    /// How many pass although they have it.
    pub passing: usize,
}

/// A cause explains two at the least.
const FEWEST: usize = 2;
/// So many that share a change which nobody who passes has are no coincidence.
const PLAINLY: usize = 3;
/// Of those with the feature this share fails at the least.
const PRECISION: f64 = 0.6;
/// The chance, over all features that are looked at, of a cause where there is none.
const LEVEL: f64 = 0.01;
/// Where nobody passes this share of those with the feature must fail in the same way.
const ALIKE: f64 = 0.6;
/// A part of a cause that fails no more surely than the rest of it, at this level, is no cause of its own.
const PART: f64 = 0.001;

/// Causes, the largest first, that explain those that fail (`0..failing`) and not those that pass (`passing` many); who fails for a
/// reason of its own stands under none. The order of features changes nothing but which number comes first in a cause.
///
/// Greedy: the feature next whose share of failures is surely highest (the lower bound of Wilson's interval, so that many of many
/// come before few of few), if Fisher's exact test, corrected for the number of features, says that it fails more often than the others.
/// What a cause explains is taken out of the question before the next is looked for.
///
/// `ways` says of each that fails in which ways it does, by number. They count where nobody passes, so that there is nobody to compare
/// with.
pub fn causes(features: &[Feature], ways: &[Vec<usize>], passing: usize) -> Vec<Cause> {
    let failing = ways.len();
    let everybody =
        |feature: &Feature| feature.failing.len() == failing && feature.passing == passing;
    let mut search = Search {
        features,
        left: vec![true; failing],
        passing,
        ways,
    };
    let mut found: Vec<Cause> = Vec::new();
    while let Some(cause) = search.next(&|feature| !everybody(feature)) {
        search.take(&cause);
        found.push(cause);
    }
    // What everybody has explains nothing, unless nobody passes and nothing else is shared.
    if found.is_empty() && passing == 0 {
        found.extend(search.next(&everybody));
    }
    merge_parts(features, &mut found);
    found.order_by(|a, b| {
        b.members
            .len()
            .cmp(&a.members.len())
            .then_with(|| a.members.cmp(&b.members))
    });
    found
}

struct Search<'a> {
    features: &'a [Feature],
    /// Who is not explained yet.
    left: Vec<bool>,
    passing: usize,
    ways: &'a [Vec<usize>],
}

impl Search<'_> {
    fn unexplained(&self, feature: &Feature) -> Vec<usize> {
        let members = feature.failing.iter();
        members.filter(|at| self.left[**at]).copied().collect()
    }

    fn next(&self, counts: &dyn Fn(&Feature) -> bool) -> Option<Cause> {
        let mut looked_at = Vec::new();
        for (at, feature) in self.features.iter().enumerate() {
            let members = self.unexplained(feature);
            if counts(feature) && members.len() >= FEWEST {
                looked_at.push((at, members));
            }
        }
        let tests = looked_at.len();
        let mut best: Option<(f64, usize)> = None;
        for (number, (at, members)) in looked_at.iter().enumerate() {
            let feature = &self.features[*at];
            let bound = lower_bound(members.len(), feature.passing);
            let is_better = best.is_none_or(|(other, held)| {
                bound > other
                    || bound == other
                        && feature.is_change
                        && !self.features[looked_at[held].0].is_change
            });
            if is_better && self.explains(feature, members, tests) {
                best = Some((bound, number));
            }
        }
        let (at, members) = &looked_at[best?.1];
        let Feature {
            failing, passing, ..
        } = &self.features[*at];
        let alike = looked_at.iter().filter(|(other, _)| {
            let other = &self.features[*other];
            other.failing == *failing && other.passing == *passing
        });
        Some(Cause {
            features: alike.map(|(at, _)| *at).collect(),
            members: members.clone(),
            passing: *passing,
        })
    }

    /// Whether so many of them fail in the same way.
    fn is_alike(&self, members: &[usize]) -> bool {
        let same = |way: &usize| {
            let mut ways = 0;
            for member in members {
                ways += usize::from(self.ways[*member].contains(way));
            }
            ways as f64 >= ALIKE * members.len() as f64
        };
        members
            .iter()
            .any(|member| self.ways[*member].iter().any(same))
    }

    /// Whether a feature of these unexplained failures is a cause.
    fn explains(&self, feature: &Feature, members: &[usize], tests: usize) -> bool {
        let count = members.len();
        if self.passing == 0 && !self.is_alike(members) {
            return false;
        }
        let (hit, passing) = (count as f64, feature.passing as f64);
        if hit < PRECISION * (hit + passing) {
            return false;
        }
        let is_alone = feature.is_change && feature.passing == 0;
        if is_alone && (count >= PLAINLY || count == self.ways.len()) {
            return true;
        }
        // Who is explained already does not need this feature, and speaks against it where it has it too.
        let unexplained = self.left.iter().filter(|left| **left).count();
        let explained = self.ways.len() - unexplained;
        let of_explained = feature.failing.len() - count;
        let with = Failed {
            failed: count as u64,
            of: (count + feature.passing + of_explained) as u64,
        };
        let all = (unexplained + self.passing + explained) as u64;
        let without = Failed {
            failed: (unexplained - count) as u64,
            of: all - with.of,
        };
        p_more_failures(without, with) * tests as f64 <= LEVEL
    }

    fn take(&mut self, cause: &Cause) {
        for at in &cause.members {
            self.left[*at] = false;
        }
    }
}

/// The lower end of Wilson's interval of a share, at two standard errors.
fn lower_bound(hit: usize, missed: usize) -> f64 {
    const Z2: f64 = 4.0;
    let (hit, n) = (hit as f64, (hit + missed) as f64);
    let share = hit / n;
    let half = libm::sqrt(Z2 * (share * (1.0 - share) / n + Z2 / (4.0 * n * n)));
    (share + Z2 / (2.0 * n) - half) / (1.0 + Z2 / n)
}

/// Gives a cause that is a part of another to that one, where it fails no more surely than the rest: of a cause that some survive, those
/// of one place may all have failed.
fn merge_parts(features: &[Feature], found: &mut Vec<Cause>) {
    let mut at = 0;
    while at < found.len() {
        let part = &found[at];
        let holds = |whole: &Cause| {
            let of_whole = &features[whole.features[0]].failing;
            let inside = part.members.iter().all(|member| of_whole.contains(member));
            let rest = Failed {
                failed: whole.members.len() as u64,
                of: (whole.members.len() + whole.passing.saturating_sub(part.passing)) as u64,
            };
            let here = Failed {
                failed: part.members.len() as u64,
                of: (part.members.len() + part.passing) as u64,
            };
            inside && p_more_failures(rest, here) > PART
        };
        let whole = (0..found.len()).find(|other| *other != at && holds(&found[*other]));
        match whole {
            Some(whole) => {
                let members = std::mem::take(&mut found[at].members);
                found[whole].members.extend(members);
                found[whole].members.order();
                found.remove(at);
                at = 0;
            }
            None => at += 1,
        }
    }
}
