//! Forms that are nothing but a frame around the same cells: texts with `{0}` where a cell stands.

use super::words::{Mark, Told, mark, of_group, of_member};
use crate::cli::drawn::{PAGE, escape_html, escape_markdown};

/// A form.
pub struct Frame {
    /// How a mark stands there: a page may be read where there is no font of coloured signs, and a comment has no colours.
    mark: fn(&Mark) -> &'static str,
    escape: fn(&str) -> String,
    /// Mark, counts, sentence; number of measurements, of failures, of errors.
    open: &'static str,
    /// Number, what is shared, who fails since when, what moved, the worst row, the members.
    group: &'static str,
    /// Before what stands in no group, where there is any.
    between: &'static str,
    /// Mark, answer, name, since when, why, run, baseline, verdict: of what passes, what failed and what was not judged.
    row: [&'static str; 3],
    /// Before everything else, where that is listed.
    rest: Option<&'static str>,
    close: &'static str,
}

/// For files and comments: causes, and what stands alone.
pub const MARKDOWN: Frame = Frame {
    mark: |mark| mark.sign,
    escape: escape_markdown,
    open: "### Inference performance of the fleet\n\n{0} **{1}**; {2}\n\n| | what they share | measurements | worse | worst row |\n|---|---|---|---|---|\n",
    group: "| {0} | {1} | {2}: {5} | {3} | {4} |\n",
    between: "\n| in no group | | | |\n|---|---|---|---|\n",
    row: ["| {0} {1} | {2} | {3} | {4} |\n"; 3],
    rest: None,
    close: "",
};

/// One suite, a case a measurement.
pub const JUNIT: Frame = Frame {
    mark: |mark| mark.sign,
    escape: escape_html,
    open: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"perfbridge sweep\" tests=\"{3}\" failures=\"{4}\" errors=\"{5}\">\n<testsuite name=\"sweep\" tests=\"{3}\" failures=\"{4}\" errors=\"{5}\" skipped=\"0\">\n",
    group: "",
    between: "",
    row: [
        "<testcase classname=\"sweep\" name=\"{2}\"><system-out>{1}; {4}; run {5}</system-out></testcase>\n",
        "<testcase classname=\"sweep\" name=\"{2}\"><failure message=\"{1}\">{3}; {4}; run {5}</failure></testcase>\n",
        "<testcase classname=\"sweep\" name=\"{2}\"><error message=\"{1}\">{4}; run {5}</error></testcase>\n",
    ],
    rest: Some(""),
    close: "</testsuite>\n</testsuites>\n",
};

/// One file that needs nothing beside it and in which nothing can run.
pub const HTML: Frame = Frame {
    mark: |mark| mark.symbol,
    escape: escape_html,
    open: "<h1>{0} {1}</h1>\n<p>{2}</p>\n",
    group: "<section><h2>{0}. {1}</h2>\n<p><b>{2}</b></p>\n<p>worse: {3}</p>\n<p>worst: {4}</p>\n<details><summary>measurements</summary><p>{5}</p></details></section>\n",
    between: "<h2>In no group</h2>\n",
    row: ["<div><b class=\"{7}\">{0} {1}</b> {2} <i>{3}</i><br>{4}<br><small>{5} {6}</small></div>\n";
        3],
    rest: Some("<details><summary>Everything else</summary>\n"),
    close: "</details></body></html>\n",
};

impl Frame {
    fn fill(&self, template: &str, cells: &[String]) -> String {
        let mut parts = template.split('{');
        let mut out = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (number, rest) = part.split_once('}').unwrap_or_default();
            let cell = number.parse().ok().and_then(|at: usize| cells.get(at));
            out += &cell.map_or_else(String::new, |cell| (self.escape)(cell));
            out += rest;
        }
        out
    }

    /// Renders a sweep.
    pub fn render(&self, told: &Told) -> String {
        let kind = |member: &serde_json::Value| match member["verdict"].as_str() {
            Some("RED") => 1,
            Some("GREEN" | "YELLOW") => 0,
            _ => 2,
        };
        let (worst, counts, sentence) = told.whole();
        let count = |of| {
            told.members
                .iter()
                .filter(|member| kind(member) == of)
                .count()
        };
        let numbers = [told.members.len(), count(1), count(2)].map(|number| number.to_string());
        let mut cells = vec![(self.mark)(&worst).to_owned(), counts, sentence];
        cells.extend(numbers);
        let mut out = self.fill(self.open, &cells);
        for group in &told.groups {
            out += &self.fill(self.group, &of_group(group));
        }
        let mut rows = |heading: &str, is_single: bool| {
            let of_part = |member: &&serde_json::Value| Told::is_single(member) == is_single;
            let members: Vec<_> = told.members.iter().filter(of_part).collect();
            if !is_single || !members.is_empty() {
                out += heading;
            }
            for member in members {
                let mut cells = of_member(member);
                cells[0] = (self.mark)(&mark(member)).to_owned();
                cells.push(told_as(member).to_owned());
                out += &self.fill(self.row[kind(member)], &cells);
            }
        };
        rows(self.between, true);
        if let Some(heading) = self.rest {
            rows(heading, false);
        }
        out + self.close
    }
}

/// The verdict, by which a page colours; a word of ours in each case.
fn told_as(member: &serde_json::Value) -> &'static str {
    match member["verdict"].as_str() {
        Some("RED") => "RED",
        Some("YELLOW") => "YELLOW",
        Some("GREEN") => "GREEN",
        _ => "none",
    }
}

/// The page.
pub fn page(told: &Told) -> String {
    PAGE.to_owned() + &HTML.render(told)
}
