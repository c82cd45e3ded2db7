//! A judgement for a terminal, in at most twelve lines: what was measured, what is not within tolerance, what changed
//! and what to do; the last line is the verdict.

use super::layout::Layout;
use super::screen::{self, Line, columns, fit_items, fit_parts, labelled};
use super::{kinds, setting, table, told};
use crate::judge::Judgement;
use crate::judge::row::Row;
use crate::judge::rule::{Rule, Verdict};

/// The most lines that the text has.
pub const MOST: usize = 12;

/// Renders a judgement.
pub fn render(judgement: &Judgement, layout: Layout) -> String {
    let mut page = Page {
        judgement,
        width: screen::width(layout),
        counts_findings: false,
    };
    let mut lines = page.lines();
    let findings = |line: &Line| line.text.starts_with(FINDINGS);
    if !judgement.findings.is_empty() && !lines.iter().any(findings) {
        page.counts_findings = true;
        lines = page.lines();
    }
    let mut out = String::new();
    for line in lines {
        line.write(&mut out, layout);
    }
    out
}

/// What the lines are given to, in the order in which it is printed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Context,
    Rows,
    Findings,
    Changed,
    Why,
    Advice,
    Next,
    Lacks,
}

use Section::{Advice, Changed, Context, Findings, Lacks, Next, Rows, Why};

const SECTIONS: [Section; 8] = [Context, Rows, Findings, Changed, Why, Advice, Next, Lacks];

/// In which order sections get lines, each up to so many in all: first what no judgement can do without.
const GIVEN: &[(Section, usize)] = &[
    (Context, 2),
    (Changed, 1),
    (Rows, 2),
    (Next, 2),
    (Why, 1),
    (Lacks, 1),
    (Findings, 1),
    (Why, 2),
    (Rows, 3),
    (Advice, 2),
    (Rows, 5),
    (Next, 3),
    (Advice, 3),
    (Findings, 2),
    (Lacks, 2),
    (Rows, 7),
    (Advice, 5),
    (Changed, 3),
    (Why, 4),
    (Findings, 4),
    (Rows, MOST),
    (Next, 6),
    (Findings, MOST),
    (Lacks, 6),
];

/// The same for a pass: the advice says what it is worth.
const GIVEN_GREEN: &[(Section, usize)] = &[
    (Context, 2),
    (Changed, 1),
    (Rows, 1),
    (Advice, 2),
    (Next, 2),
    (Lacks, 1),
    (Findings, 1),
    (Rows, 2),
    (Advice, 5),
    (Rows, 3),
    (Next, 6),
    (Lacks, 2),
    (Findings, 3),
    (Changed, 3),
    (Rows, MOST),
    (Findings, MOST),
];

/// The same for a regression: rows say more than advice does, whose place the next lever has.
const GIVEN_RED: &[(Section, usize)] = &[
    (Context, 2),
    (Changed, 1),
    (Rows, 2),
    (Next, 2),
    (Why, 1),
    (Findings, 1),
    (Rows, 4),
    (Changed, 2),
    (Lacks, 1),
    (Rows, 5),
    (Why, 2),
    (Next, 3),
    (Rows, 6),
    (Findings, 2),
    (Advice, 2),
    (Changed, 3),
    (Rows, MOST),
    (Why, 4),
    (Advice, 5),
    (Findings, MOST),
    (Next, 6),
    (Lacks, 6),
];

/// The same where nothing is said of the runs: why comes first, and rows last.
const GIVEN_WITHOUT_VERDICT: &[(Section, usize)] = &[
    (Context, 2),
    (Why, 2),
    (Changed, 1),
    (Findings, 2),
    (Next, 2),
    (Advice, 2),
    (Why, 3),
    (Advice, 3),
    (Rows, 3),
    (Next, 3),
    (Findings, 4),
    (Rows, 6),
    (Changed, 3),
    (Rows, MOST),
    (Next, 6),
    (Findings, MOST),
];

const FINDINGS: &str = "Findings ";

/// The most lines that the decision of a gate takes.
const GATE: usize = 3;

struct Page<'a> {
    judgement: &'a Judgement,
    width: usize,
    /// Whether findings are only counted, beside the rows, because there is no line for them.
    counts_findings: bool,
}

impl Page<'_> {
    fn lines(&self) -> Vec<Line> {
        let end = self.verdict();
        let mut left = MOST.saturating_sub(end.len());
        let mut sections: [Vec<Line>; 8] = Default::default();
        let given = match self.judgement.verdict {
            Verdict::NoVerdict => GIVEN_WITHOUT_VERDICT,
            Verdict::Green => GIVEN_GREEN,
            Verdict::Red => GIVEN_RED,
            Verdict::Yellow => GIVEN,
        };
        for (section, most) in given {
            let at = SECTIONS.iter().position(|other| other == section);
            let lines = &mut sections[at.unwrap_or_default()];
            // Where a legend takes two lines, the first row needs one more.
            let most = match section {
                Rows if *most == 2 => self.first_row(),
                _ => *most,
            };
            let most = most.min(lines.len() + left);
            if most > lines.len() {
                left += lines.len();
                *lines = self.section(*section, most);
                left -= lines.len();
            }
        }
        sections.into_iter().flatten().chain(end).collect()
    }

    /// A section in at most so many lines; empty where it has nothing to say.
    fn section(&self, section: Section, most: usize) -> Vec<Line> {
        let judgement = self.judgement;
        match section {
            Context => {
                let (items, last) = setting::context_line(judgement);
                fit_items("Context  ", (&items, ", "), &last, self.width, most)
            }
            Rows => self.rows(most),
            Findings => self.findings(most),
            Changed => self.list("Changed  ", &setting::changed(judgement), most),
            // The headline and the advice say it.
            Why if matches!(judgement.rule, Rule::Headline | Rule::None) => Vec::new(),
            Why => self.sentence("Why      ", &judgement.reason, most),
            Advice => self.sentence("Advice   ", &judgement.recommendation, most),
            Next => match &judgement.next_lever {
                Some(next) => {
                    fit_parts("Next     ", &told::lever(&next.first), "", self.width, most)
                }
                None => Vec::new(),
            },
            // What to do about it stands in the whole text.
            Lacks => self.list("Lacks    ", &told::needed(judgement), most),
        }
    }

    fn list(&self, label: &str, items: &[String], most: usize) -> Vec<Line> {
        match items.is_empty() {
            true => Vec::new(),
            false => fit_items(label, (items, "; "), "", self.width, most),
        }
    }

    fn sentence(&self, label: &str, text: &str, most: usize) -> Vec<Line> {
        fit_parts(label, &[screen::clean(text)], "", self.width, most)
    }

    /// So many lines show the worst row and its legend.
    fn first_row(&self) -> usize {
        (2..4)
            .find(|most| self.rows(*most).len() == *most)
            .unwrap_or(2)
    }

    /// As many rows as fit above their legend, which has the statuses that are shown and no other.
    fn rows(&self, most: usize) -> Vec<Line> {
        let (outside, within) = told::outside(self.judgement);
        for count in (0..=outside.len().min(most)).rev() {
            let rows: &[&Row] = &outside[..count];
            let mut lines = table::rows(rows, self.width).lines;
            let mut said = Vec::new();
            let more = outside.len() - count;
            said.push(match (count, more) {
                _ if outside.is_empty() => format!("all {within} within tolerance"),
                (_, 0) => format!("{within} within tolerance"),
                (0, _) => format!("{}; {within} within", told::counted(&outside)),
                _ => format!("+{more} more; {within} within tolerance"),
            });
            if self.counts_findings {
                said.push(kinds::count(self.judgement));
            }
            if self.judgement.verdict == Verdict::NoVerdict {
                said.push(told::UNCOUNTED.to_owned());
            }
            said.extend(table::legend(rows));
            lines.extend(labelled("Rows     ", &said.join("; "), self.width));
            if lines.len() <= most || count == 0 {
                lines.truncate(most);
                return lines;
            }
        }
        Vec::new()
    }

    /// A line for each kind, most serious first, and more for the first ones where there is room; the last says how many
    /// kinds there is no room for.
    fn findings(&self, most: usize) -> Vec<Line> {
        let kinds = kinds::kinds(self.judgement);
        let count = kinds.len().min(most);
        let more = kinds.len() - count;
        let mut left = most;
        let mut lines = Vec::new();
        for (at, kind) in kinds.iter().take(count).enumerate() {
            let label = if at == 0 { FINDINGS } else { "         " };
            let text = kind.sentence();
            let more = match at + 1 == count && more > 0 {
                true => format!("; +{more} more"),
                false => String::new(),
            };
            let others = count - at - 1;
            let told = fit_parts(label, &[text], &more, self.width, left - others);
            left -= told.len();
            lines.extend(told);
        }
        lines
    }

    /// The headline and the verdict: one line where it fits, else the verdict with the change alone is the last.
    fn verdict(&self) -> Vec<Line> {
        let mut lines = match told::gate(self.judgement) {
            Some(gate) => fit_parts("Gate     ", &[gate], "", self.width, GATE),
            None => Vec::new(),
        };
        lines.extend(verdict(self.judgement, self.width));
        lines
    }
}

/// The last lines of a text: both numbers of the headline, then the verdict.
pub(super) fn verdict(judgement: &Judgement, width: usize) -> Vec<Line> {
    let (symbol, paint, _) = told::verdict(judgement.verdict);
    let headline = told::headline(judgement);
    let answer = format!("{symbol} {}", told::answer(judgement));
    let whole = format!("{answer}: {}", headline.sentence());
    if columns(&whole) <= width {
        return vec![Line::painted(whole, paint)];
    }
    // The change alone where it fits beside the verdict, else with both numbers.
    let change = format!("{answer}: {} {}", headline.what, headline.change);
    let judged = change.clone() + &headline.tolerance;
    let numbers = format!("{} {}, {}", headline.what, headline.values, headline.rest);
    let (numbers, last) = match () {
        () if columns(&judged) <= width => (numbers, judged),
        () if columns(&change) <= width => (numbers, change),
        () => (headline.sentence(), format!("{answer}: {}", headline.what)),
    };
    let mut lines = labelled("Headline ", &numbers, width);
    lines.push(Line::painted(screen::clip(&last, width), paint));
    lines
}
