//! What a gate makes of a judgement: pass, fail, or neither. The verdict and the rows stay what they are.

use super::gating::{Gating, Inconclusive, Waiver};
use super::row::Row;
use super::rule::{Rule, Verdict};
use super::sessions;
use super::status::Status;
use super::tier::Tier;
use super::tolerance::in_words;
use super::verdict::{Case, Ruling};
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

/// Decides; none where the policy speaks of no gate.
pub fn decide(gating: &Gating, case: &Case<'_>, ruling: &Ruling, tier: Tier) -> Option<Gate> {
    gating.asked.then(|| {
        let starts = sessions::starts(case.current);
        let (holding, expired): (Vec<&Waiver>, Vec<&Waiver>) = gating
            .waivers
            .iter()
            .partition(|waiver| waiver.covers(&starts));
        let left = LeftOut::of(&holding, case);
        let taken = ruling.rule.verdict();
        let again = left.decide(case);
        let ruling = match left.used.is_empty() {
            true => ruling,
            false => &again,
        };
        let mut weighed = Weighed::default();
        for waiver in expired {
            weighed.fails.push(ended(waiver, &starts));
        }
        weighed.verdict(gating, ruling, tier);
        if gating.ratchet
            && let Some(found) = crate::finding::first(&left.findings, FindingCode::Ratchet)
        {
            weighed.fails.push(format!("ratchet: {}", found.message));
        }
        weighed.speed_of_light(gating, case);
        let unused = |waiver: &&Waiver| !left.used.iter().any(|used| used == waiver);
        let notes = holding.iter().copied().filter(unused).map(|waiver| {
            format!(
                "the waiver of {} by {} until {} was not needed",
                in_words(&waiver.number),
                waiver.owner,
                waiver.expires
            )
        });
        let notes = notes.collect();
        weighed.gate(gating, taken, ruling, left.used, notes)
    })
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

/// A case without the rows that are waived.
struct LeftOut<'a> {
    used: Vec<&'a Waiver>,
    numbers: Vec<Number>,
    rows: Vec<Row>,
    findings: Vec<Finding>,
}

impl<'a> LeftOut<'a> {
    fn of(holding: &[&'a Waiver], case: &Case<'_>) -> Self {
        let lost = |number: &Number| {
            let mut findings = case.findings.iter();
            findings.any(|finding| {
                finding.code == FindingCode::LostMeasurement && stands_at(finding, number)
            })
        };
        let mut left = LeftOut {
            used: Vec::new(),
            numbers: Vec::new(),
            rows: case.rows.to_vec(),
            findings: case.findings.to_vec(),
        };
        for waiver in holding {
            let number = &waiver.number;
            let row = left.rows.iter_mut().find(|row| row.number == *number);
            let Some(row) = row else {
                continue;
            };
            let is_worse = matches!(row.status, Status::Regressed | Status::Unresolved);
            if is_worse {
                // As if it had not got worse: without its row a headline would be missing.
                row.status = Status::Within;
            }
            if is_worse || lost(number) {
                left.used.push(waiver);
                left.numbers.push(number.clone());
            }
        }
        let of_headline = left.numbers.contains(case.headline);
        left.findings.retain(|finding| {
            let code = &finding.code;
            let told = [FindingCode::TrialSlow, FindingCode::Ratchet].contains(code);
            let here = left.numbers.iter().any(|number| stands_at(finding, number));
            !(of_headline && told || here && *code == FindingCode::LostMeasurement)
        });
        left
    }

    fn decide(&self, case: &Case<'_>) -> Ruling {
        let of_headline = self
            .numbers
            .iter()
            .any(|number| number.name == case.headline.name);
        let case = Case {
            rows: &self.rows,
            findings: &self.findings,
            waived: &self.numbers,
            // A loss over all levels together, of which one is waived, is not that of the others.
            creep: case.creep.filter(|_| !of_headline),
            ..*case
        };
        case.decide()
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
        if verdict == Verdict::Red || verdict == Verdict::Yellow && gating.fails_on_yellow {
            self.fails.push(said);
        } else if verdict == Verdict::NoVerdict || rule == Rule::Lost {
            self.inconclusive.push(said);
        } else if tier == Tier::Draft && !gating.takes_drafts {
            self.inconclusive.push(format!(
                "{said}; this is a draft, and a verdict is required"
            ));
        }
    }

    /// A share of the ceiling that is not known passes no gate that asks for one.
    fn speed_of_light(&mut self, gating: &Gating, case: &Case<'_>) {
        let Some(sol) = gating.sol else {
            return;
        };
        let share =
            |side: &Document| fields::get(&side.map, "context.sol_pct").and_then(Value::as_f64);
        let Some(current) = share(case.current) else {
            self.errors
                .push("sol_pct is demanded, and the current run was read without a ceiling".into());
            return;
        };
        if let Some(min) = sol.min
            && current < min
        {
            self.fails.push(format!(
                "sol_pct is {current:.2} %, below the demanded {min} %"
            ));
        }
        let Some(most) = sol.max_loss else {
            return;
        };
        let key = |side: &Document| fields::get(&side.map, "context.sol_key").map(fields::plain);
        match share(case.baseline) {
            None => self.errors.push(
                "a loss of sol_pct is limited, and the baseline was read without a ceiling".into(),
            ),
            Some(_) if key(case.baseline) != key(case.current) => self.errors.push(
                "a loss of sol_pct is limited, and the two sides are shares of different ceilings"
                    .into(),
            ),
            Some(baseline) if super::row::beyond(baseline - current, most) => {
                self.fails.push(format!(
                    "sol_pct fell from {baseline:.2} % to {current:.2} %, more than the {most} points that are allowed"
                ));
            }
            Some(_) => {}
        }
    }

    fn gate(
        self,
        gating: &Gating,
        taken: Verdict,
        ruling: &Ruling,
        used: Vec<&Waiver>,
        notes: Vec<String>,
    ) -> Gate {
        let verdict = ruling.rule.verdict();
        let waived: Vec<Waived> = used.into_iter().map(waived).collect();
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
            rule: ruling.rule,
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
