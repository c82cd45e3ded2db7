//! What a gate makes of a judgement: pass, fail, or neither. The verdict and the rows stay what they are.

use super::gating::{Gating, Inconclusive, Waiver};
use super::row::Row;
use super::rule::{Rule, Verdict};
use super::sessions;
use super::status::Status;
use super::tier::Tier;
use super::tolerance::{in_words, is_meant};
use super::verdict::Ruling;
use crate::document::Document;
use crate::fields;
use crate::finding::{Finding, FindingCode, Where};
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

/// A row that was left out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Waived {
    /// The name of its number.
    pub metric: String,
    /// Where it was measured, as it is printed.
    pub place: String,
    /// Who takes responsibility.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// The last day on which a run may start.
    pub expires: String,
}

impl Waived {
    /// `waived by ada until 2027-01-31: new sampler`.
    pub fn sentence(&self) -> String {
        let (owner, expires) = (&self.owner, &self.expires);
        format!("waived by {owner} until {expires}: {}", self.reason)
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
        let (mut holding, mut weighed) = (Vec::new(), Weighed::default());
        for waiver in &self.gating.waivers {
            if !is_meant(waiver.model.as_deref(), &current.model) {
                continue;
            }
            match waiver.covers(&starts) {
                true => holding.push(waiver),
                false => weighed.fails.push(ended(waiver, &starts)),
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
        weighed.gate(self.gating.inconclusive, [ruling, &again], waived, notes)
    }
}

/// Why a waiver does not hold.
fn ended(waiver: &Waiver, starts: &[Option<crate::stats::clock::Start>]) -> String {
    let (of, owner, expires) = (in_words(&waiver.number), &waiver.owner, &waiver.expires);
    match starts.iter().any(Option::is_none) {
        true => format!(
            "the waiver of {of} by {owner} until {expires} cannot be shown to hold: a current run does not say when it started"
        ),
        false => format!(
            "the waiver of {of} by {owner} expired on {expires}, before the current run: {}; remove or renew it",
            waiver.reason
        ),
    }
}

/// What the waivers leave out, so that it can be put back.
struct LeftOut<'a> {
    used: Vec<&'a Waiver>,
    numbers: Vec<Number>,
    /// Rows and the statuses that they had.
    statuses: Vec<(usize, Status)>,
    /// Findings and where they stood, the last first.
    findings: Vec<(usize, Finding)>,
}

impl<'a> LeftOut<'a> {
    /// Takes out of rows and findings what is waived.
    fn take(
        holding: &[&'a Waiver],
        headline: &Number,
        rows: &mut [Row],
        findings: &mut Vec<Finding>,
    ) -> Self {
        let mut left = LeftOut {
            used: Vec::new(),
            numbers: Vec::new(),
            statuses: Vec::new(),
            findings: Vec::new(),
        };
        for waiver in holding {
            let number = &waiver.number;
            let Some(at) = rows.iter().position(|row| row.number == *number) else {
                continue;
            };
            let status = rows[at].status;
            let is_worse = matches!(status, Status::Regressed | Status::Unresolved);
            if is_worse {
                left.statuses.push((at, status));
                // As if it had not got worse: without its row a headline would be missing.
                rows[at].status = Status::Within;
            }
            let is_lost = |finding: &Finding| {
                finding.code == FindingCode::LostMeasurement && stands_at(finding, number)
            };
            if is_worse || findings.iter().any(is_lost) {
                left.used.push(waiver);
                left.numbers.push(number.clone());
            }
        }
        let of_headline = left.numbers.contains(headline);
        for at in (0..findings.len()).rev() {
            let finding = &findings[at];
            let is_waived = match finding.code {
                FindingCode::TrialSlow | FindingCode::Ratchet => of_headline,
                FindingCode::LostMeasurement => {
                    let mut numbers = left.numbers.iter();
                    numbers.any(|number| stands_at(finding, number))
                }
                _ => false,
            };
            if is_waived {
                left.findings.push((at, findings.remove(at)));
            }
        }
        left
    }

    fn put_back(self, rows: &mut [Row], findings: &mut Vec<Finding>) {
        for (at, status) in self.statuses {
            rows[at].status = status;
        }
        for (at, finding) in self.findings.into_iter().rev() {
            findings.insert(at, finding);
        }
    }
}

fn stands_at(finding: &Finding, number: &Number) -> bool {
    matches!(&finding.place, Where::Number(of) if of == number)
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
        let said = match rule {
            Rule::None => verdict.as_str().to_owned(),
            rule => format!(
                "{} by rule {}: {}",
                verdict.as_str(),
                rule.as_str(),
                ruling.reason
            ),
        };
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
        inconclusive: Inconclusive,
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
            match inconclusive {
                Inconclusive::Fail => (Outcome::Inconclusive, 3, self.inconclusive),
                Inconclusive::Neutral => (Outcome::Inconclusive, 0, self.inconclusive),
                Inconclusive::Pass => (Outcome::NotJudged, 0, self.inconclusive),
            }
        };
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
            waived,
            notes,
        }
    }
}

/// Names from files stand in reasons; a line of its own could be an order to a CI system.
fn in_one_line(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

fn waived(waiver: &Waiver) -> Waived {
    Waived {
        metric: waiver.number.name.to_string(),
        place: waiver.number.place.to_string(),
        owner: waiver.owner.clone(),
        reason: waiver.reason.clone(),
        expires: waiver.expires.clone(),
    }
}
