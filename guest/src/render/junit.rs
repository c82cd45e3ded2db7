//! JUnit XML: a suite for the verdict and one a place, a case a row.

use super::screen::clean;
use super::{context, entries, told};
use crate::judge::Judgement;
use crate::judge::gate::Outcome as Decision;
use crate::judge::row::Row;
use crate::judge::rule::Verdict;
use crate::judge::status::Status;
use crate::measure::shown;
use std::fmt::Write as _;

/// What became of a case.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Passed,
    Failed,
    Error,
    Skipped,
}

/// A suite that is being written.
struct Suite {
    name: String,
    cases: String,
    /// Cases by [`Outcome`].
    counts: [usize; 4],
}

/// Renders a judgement. Text from outside stands where no element begins or ends.
pub fn render(judgement: &Judgement, _: super::Layout) -> String {
    let mut suites = vec![verdict(judgement)];
    for row in &judgement.rows {
        let name = row.number.place.to_string();
        let at = suites.iter().position(|suite| suite.name == name);
        let at = at.unwrap_or_else(|| {
            suites.push(Suite::new(name));
            suites.len() - 1
        });
        let outcome = outcome(judgement, row);
        let message = entries::sentence(judgement, row);
        suites[at].case(
            judgement,
            &entries::name(&row.name()),
            outcome,
            (&message, &row.explanation),
        );
    }
    let model = entries::model(judgement);
    let all = |of: Outcome| {
        suites
            .iter()
            .map(|suite| suite.counts[of as usize])
            .sum::<usize>()
    };
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"perfbridge {}\" tests=\"{}\" failures=\"{}\" errors=\"{}\">\n",
        escape(&model),
        suites.iter().map(Suite::size).sum::<usize>(),
        all(Outcome::Failed),
        all(Outcome::Error)
    );
    for (at, suite) in suites.iter().enumerate() {
        let [_, failed, errors, skipped] = suite.counts;
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "<testsuite name=\"{}\" tests=\"{}\" failures=\"{failed}\" errors=\"{errors}\" skipped=\"{skipped}\">",
            suite.name,
            suite.size()
        );
        if at == 0 {
            out += &properties(judgement);
        }
        out += &suite.cases;
        out += "</testsuite>\n";
    }
    out + "</testsuites>\n"
}

impl Suite {
    fn new(name: String) -> Self {
        Suite {
            name,
            cases: String::new(),
            counts: [0; 4],
        }
    }

    fn size(&self) -> usize {
        self.counts.iter().sum()
    }

    /// Adds a case; a reader of classes takes points for packages.
    fn case(
        &mut self,
        judgement: &Judgement,
        name: &str,
        outcome: Outcome,
        (message, text): (&str, &str),
    ) {
        self.counts[outcome as usize] += 1;
        let class = [&entries::model(judgement), &self.name].map(|part| part.replace('.', "_"));
        let [class, name, message, text] = [&class.join("."), name, message, text].map(escape);
        let element = match outcome {
            Outcome::Passed => "system-out",
            Outcome::Failed => "failure",
            Outcome::Error => "error",
            Outcome::Skipped => "skipped",
        };
        let message = match outcome {
            Outcome::Passed => String::new(),
            _ => format!(" message=\"{message}\""),
        };
        self.cases += &format!(
            "<testcase classname=\"{class}\" name=\"{name}\"><{element}{message}>{text}</{element}></testcase>\n"
        );
    }
}

/// The case of the whole: what a pipeline stops at is in one place.
fn verdict(judgement: &Judgement) -> Suite {
    let outcome = match (&judgement.gate, judgement.verdict) {
        // A gate says what its pipeline is to stop at.
        (Some(gate), _) => match (gate.outcome, gate.exit) {
            (Decision::Fail, _) => Outcome::Failed,
            (Decision::Pass, _) => Outcome::Passed,
            (_, 0) => Outcome::Skipped,
            _ => Outcome::Error,
        },
        (None, Verdict::Red) => Outcome::Failed,
        (None, Verdict::NoVerdict) => Outcome::Error,
        _ => Outcome::Passed,
    };
    let mut suite = Suite::new("verdict".to_owned());
    let answer = entries::answer(judgement);
    suite.case(
        judgement,
        "verdict",
        outcome,
        (&told::answer(judgement), &answer),
    );
    suite
}

fn outcome(judgement: &Judgement, row: &Row) -> Outcome {
    match row.status {
        _ if !entries::is_counted(judgement) => Outcome::Skipped,
        Status::Regressed if told::waiver(judgement, row).is_some() => Outcome::Skipped,
        Status::Regressed => Outcome::Failed,
        status if status.is_judged() => Outcome::Passed,
        _ => Outcome::Skipped,
    }
}

/// The verdict in parts and the context of every number.
fn properties(judgement: &Judgement) -> String {
    let mut out = "<properties>\n".to_owned();
    let mut property = |name: &str, value: &str| {
        let value = escape(&entries::name(value));
        out += &format!("<property name=\"{name}\" value=\"{value}\"/>\n");
    };
    property("verdict", judgement.verdict.as_str());
    property("rule", judgement.rule.as_str());
    property("tier", judgement.tier.as_str());
    let sides = [&judgement.context.baseline, &judgement.context.current];
    let context = context::of(sides[0], sides[1]);
    for line in &context.lines {
        match line.baseline == line.current {
            true => property(line.label, &line.current),
            false => property(
                line.label,
                &format!("{} -> {}", line.baseline, line.current),
            ),
        }
    }
    property(shown::UNRECORDED, &context.unrecorded.join(", "));
    out + "</properties>\n"
}

/// Text in an element or an attribute. XML has no way to write control characters or U+FFFE.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in clean(text).chars() {
        match c {
            '&' => safe += "&amp;",
            '<' => safe += "&lt;",
            '>' => safe += "&gt;",
            '"' => safe += "&quot;",
            '\u{fffe}' | '\u{ffff}' => {}
            c => safe.push(c),
        }
    }
    safe
}
