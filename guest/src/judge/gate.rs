//! What a gate makes of a judgement: pass, fail, or neither. The verdict and the rows stay what they are.

use super::gating::{Gating, Inconclusive};
use super::row::Row;
use super::rule::{Rule, Verdict};
use super::sessions;
use super::tier::Tier;
use super::tolerance::{in_words, is_meant};
use super::verdict::Ruling;
use super::waivers::{LeftOut, Waived, ended, waived};
use crate::document::Document;
use crate::fields;
use crate::finding::{Finding, FindingCode};
use crate::measure::Number;
use serde::{Serialize, Serializer};
use serde_json::Value;

/// Makes the outcomes and their texts of the same rows.
macro_rules! outcomes {
    ($($variant:ident = $name:literal, $words:literal, $meaning:literal;)*) => {
        /// The decision. The names are public.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Outcome {
            $(#[doc = $meaning] $variant,)*
        }

        impl Outcome {
            /// Every outcome.
            pub const ALL: &[Outcome] = &[$(Outcome::$variant,)*];

            /// The stable name.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Outcome::$variant => $name,)*
                }
            }

            /// What sentences call it.
            pub fn words(self) -> &'static str {
                match self {
                    $(Outcome::$variant => $words,)*
                }
            }

            /// What it means, for the manual.
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Outcome::$variant => $meaning,)*
                }
            }
        }
    };
}

outcomes! {
    Pass = "pass", "gate passes", "nothing that the policy asks about is wrong, and the judgement can carry that";
    Fail = "fail", "gate fails", "a regression, or something else that the policy forbids";
    Error = "error", "gate cannot be applied", "the policy asks for something that was not measured";
    Inconclusive = "inconclusive", "gate is inconclusive", "neither good nor bad can be said";
    NotJudged = "not-judged", "not judged, and passes by policy", "the same, and the policy lets it pass";
}

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// The decision of a gate.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Gate {
    /// The decision.
    pub outcome: Outcome,
    /// The exit code of a gate: 0, 1, 2 or 3.
    pub exit: u8,
    /// The verdict with the waived rows left out: what the gate decided on.
    pub verdict: Verdict,
    /// Its rule.
    pub rule: Rule,
    /// The decision in one sentence.
    pub sentence: String,
    /// What decided.
    pub because: Vec<String>,
    /// The day by which waivers were held to have ended or not, where the policy has any and the caller named one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub today: Option<String>,
    /// Rows that were left out.
    pub waived: Vec<Waived>,
    /// What decided nothing and should be known: waivers that were not needed.
    pub notes: Vec<String>,
}

/// The rule that rows and findings give, where numbers are waived.
pub type Decide<'a> = dyn Fn(&[Row], &[Finding], &[Number]) -> Ruling + 'a;

/// What a gate decides on.
pub struct Question<'a> {
    /// What it demands.
    pub gating: &'a Gating,
    /// The baseline and the current run.
    pub sides: [&'a Document; 2],
    /// The number that decides first.
    pub headline: &'a Number,
    /// How much the judgement can carry.
    pub tier: Tier,
    /// By which it is decided anew without what is waived.
    pub decide: &'a Decide<'a>,
}

impl Question<'_> {
    /// Decides. Rows and findings are afterwards what they were.
    pub fn decide(&self, rows: &mut [Row], findings: &mut Vec<Finding>, ruling: &Ruling) -> Gate {
        let [_, current] = self.sides;
        let starts = sessions::starts(current);
        let today = self.gating.today.as_deref();
        let (mut holding, mut weighed) = (Vec::new(), Weighed::default());
        for waiver in &self.gating.waivers {
            if !is_meant(waiver.model.as_deref(), &current.model) {
                continue;
            }
            match waiver.covers(&starts, today) {
                true => holding.push(waiver),
                false => weighed.fails.push(ended(waiver, &starts, today)),
            }
        }
        let left = LeftOut::take(&holding, self.headline, rows, findings);
        let again = match left.used.is_empty() {
            true => ruling.clone(),
            false => (self.decide)(rows, findings, &left.numbers),
        };
        weighed.verdict(self.gating, &again, self.tier);
        if self.gating.ratchet
            && let Some(found) = crate::finding::first(findings, FindingCode::Ratchet)
        {
            weighed.fails.push(format!("ratchet: {}", found.message));
        }
        weighed.speed_of_light(self.gating, self.sides);
        let mut notes = Vec::new();
        for waiver in holding {
            if !left.used.contains(&waiver) {
                notes.push(format!(
                    "the waiver of {} by {} until {} was not needed",
                    in_words(&waiver.number),
                    waiver.owner,
                    waiver.expires
                ));
            }
        }
        let waived = left.used.iter().map(|waiver| waived(waiver)).collect();
        left.put_back(rows, findings);
        weighed.gate(self.gating, [ruling, &again], waived, notes)
    }
}

/// What speaks for which outcome.
#[derive(Default)]
struct Weighed {
    fails: Vec<String>,
    errors: Vec<String>,
    inconclusive: Vec<String>,
}

impl Weighed {
    fn verdict(&mut self, gating: &Gating, ruling: &Ruling, tier: Tier) {
        let rule = ruling.rule;
        let verdict = rule.verdict();
        let said = said(ruling);
        let fails_on_yellow = match gating.forward {
            true => tier == Tier::Verdict,
            false => gating.fails_on_yellow,
        };
        if verdict == Verdict::Red || verdict == Verdict::Yellow && fails_on_yellow {
            self.fails.push(said);
        } else if verdict == Verdict::NoVerdict || rule == Rule::Lost {
            self.inconclusive.push(said);
        } else if tier == Tier::Draft && (gating.forward || !gating.takes_drafts) {
            self.inconclusive.push(format!(
                "{said}; this is a draft, and a verdict is required"
            ));
        }
    }

    /// A share of the ceiling that is not known passes no gate that asks for one.
    fn speed_of_light(&mut self, gating: &Gating, [baseline, current]: [&Document; 2]) {
        let Some(sol) = gating.sol else {
            return;
        };
        let share =
            |side: &Document| fields::get(&side.map, "context.sol_pct").and_then(Value::as_f64);
        let Some(now) = share(current) else {
            self.errors
                .push("sol_pct is demanded, and the current run was read without a ceiling".into());
            return;
        };
        if let Some(min) = sol.min
            && now < min
        {
            self.fails
                .push(format!("sol_pct is {now:.2} %, below the demanded {min} %"));
        }
        let Some(most) = sol.max_loss else {
            return;
        };
        let key = |side: &Document| fields::get(&side.map, "context.sol_key").map(fields::plain);
        match share(baseline) {
            None => self.errors.push(
                "a loss of sol_pct is limited, and the baseline was read without a ceiling".into(),
            ),
            Some(_) if key(baseline) != key(current) => self.errors.push(
                "a loss of sol_pct is limited, and the two sides are shares of different ceilings"
                    .into(),
            ),
            Some(before) if super::row::beyond(before - now, most) => {
                self.fails.push(format!(
                    "sol_pct fell from {before:.2} % to {now:.2} %, more than the {most} points that are allowed"
                ));
            }
            Some(_) => {}
        }
    }

    fn gate(
        self,
        gating: &Gating,
        [ruling, again]: [&Ruling; 2],
        waived: Vec<Waived>,
        notes: Vec<String>,
    ) -> Gate {
        let [taken, verdict] = [ruling, again].map(|ruling| ruling.rule.verdict());
        let covered = waived
            .iter()
            .map(|row| format!("{} at {} {}", row.metric, row.place, row.sentence()));
        let covered: Vec<String> = covered.collect();
        let (outcome, exit, mut because) = if !self.fails.is_empty() {
            (Outcome::Fail, 1, self.fails)
        } else if !self.errors.is_empty() {
            (Outcome::Error, 2, self.errors)
        } else if self.inconclusive.is_empty() {
            (Outcome::Pass, 0, Vec::new())
        } else {
            match gating.inconclusive {
                Inconclusive::Fail => (Outcome::Inconclusive, 3, self.inconclusive),
                Inconclusive::Neutral => (Outcome::Inconclusive, 0, self.inconclusive),
                Inconclusive::Pass => (Outcome::NotJudged, 0, self.inconclusive),
            }
        };
        // A pass by a waiver hides nothing of what is left.
        if outcome == Outcome::Pass && !covered.is_empty() && again.rule != Rule::None {
            because.push(said(again));
        }
        because.extend(covered);
        if because.is_empty() {
            because.push(verdict.as_str().to_owned());
        }
        let words = match (outcome, exit) {
            (Outcome::Inconclusive, 0) => "not judged, and neutral by policy",
            _ => outcome.words(),
        };
        let before = match taken == verdict {
            true => String::new(),
            false => format!("{}; ", taken.as_str()),
        };
        let sentence = [
            before,
            words.to_owned(),
            ": ".to_owned(),
            because.join("; "),
        ]
        .concat();
        Gate {
            outcome,
            exit,
            verdict,
            rule: again.rule,
            sentence: in_one_line(&sentence),
            because,
            today: gating.today_of_waivers(),
            waived,
            notes,
        }
    }
}

/// A verdict with its rule and reason.
fn said(ruling: &Ruling) -> String {
    let verdict = ruling.rule.verdict().as_str();
    match ruling.rule {
        Rule::None => verdict.to_owned(),
        rule => format!("{verdict} by rule {}: {}", rule.as_str(), ruling.reason),
    }
}

/// Names from files stand in reasons; a line of its own could be an order to a CI system.
fn in_one_line(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join(" ")
}
