//! Forms that are nothing but a frame around the same cells: each is a row of texts with `{0}` where a cell stands.

use super::super::{github, junit};
use super::words;
use crate::judge::sweep::Swept;

/// A form.
pub struct Skin {
    /// Makes a cell inert.
    escape: fn(&str) -> String,
    /// Mark, counts, sentence; number of measurements, of failures, of errors.
    open: &'static str,
    /// Number, what is shared, who fails since when, what moved, the worst row, the members.
    group: &'static str,
    /// Before what stands in no group, where there is any.
    between: &'static str,
    /// Mark, answer, name, since when, why, run, baseline: of what passes, what failed and what was not judged.
    row: [&'static str; 3],
    /// Before everything else.
    rest: &'static str,
    /// Whether everything else is listed.
    is_whole: bool,
    /// The end.
    close: &'static str,
}

/// For files and comments: causes, and what stands alone.
pub const MARKDOWN: Skin = Skin {
    escape: github::escape,
    open: "### Inference performance of the fleet\n\n{0} **{1}**; {2}\n\n| | what they share | measurements | worse | worst row |\n|---|---|---|---|---|\n",
    group: "| {0} | {1} | {2}: {5} | {3} | {4} |\n",
    between: "\n| in no group | | | |\n|---|---|---|---|\n",
    row: ["| {0} {1} | {2} | {3} | {4} |\n"; 3],
    rest: "",
    is_whole: false,
    close: "",
};

/// JUnit: one suite, a case a measurement.
pub const JUNIT: Skin = Skin {
    escape: junit::escape,
    open: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"perfbridge sweep\" tests=\"{3}\" failures=\"{4}\" errors=\"{5}\">\n<testsuite name=\"sweep\" tests=\"{3}\" failures=\"{4}\" errors=\"{5}\" skipped=\"0\">\n",
    group: "",
    between: "",
    row: [
        "<testcase classname=\"sweep\" name=\"{2}\"><system-out>{1}; {4}; run {5}</system-out></testcase>\n",
        "<testcase classname=\"sweep\" name=\"{2}\"><failure message=\"{1}\">{3}; {4}; run {5}</failure></testcase>\n",
        "<testcase classname=\"sweep\" name=\"{2}\"><error message=\"{1}\">{4}; run {5}</error></testcase>\n",
    ],
    rest: "",
    is_whole: true,
    close: "</testsuite>\n</testsuites>\n",
};

/// One page of HTML that needs nothing beside it and in which nothing can run.
pub const PAGE: Skin = Skin {
    escape: junit::escape,
    open: "{6}<h1>{0} {1}</h1>\n<p>{2}</p>\n",
    group: "<section><h2>{0}. {1}</h2>\n<p><b>{2}</b></p>\n<p>worse: {3}</p>\n<p>worst: {4}</p>\n<details><summary>measurements</summary><p>{5}</p></details></section>\n",
    between: "<h2>In no group</h2>\n",
    row: ["<div>{0} <b>{1}</b> {2} <i>{3}</i><br>{4}<br><small>{5} {6}</small></div>\n"; 3],
    rest: "<details><summary>Everything else</summary>\n",
    is_whole: true,
    close: "</details></body></html>\n",
};

/// Every cell in its place.
fn fill(template: &str, cells: &[String], escape: fn(&str) -> String) -> String {
    let mut parts = template.split('{');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (number, rest) = part.split_once('}').unwrap_or_default();
        let cell = number.parse().ok().and_then(|at: usize| cells.get(at));
        out += &cell.map_or_else(String::new, |cell| escape(cell));
        out += rest;
    }
    out
}

/// Renders a sweep. What the page begins with is `head`, which is not escaped.
pub fn render(swept: &Swept, skin: &Skin, head: &str) -> String {
    let open = skin.open.replace("{6}", head);
    let mut out = fill(&open, &words::whole(swept), skin.escape);
    for at in 0..swept.groups.len() {
        out += &fill(skin.group, &words::of_group(swept, at), skin.escape);
    }
    for is_single in [true, false] {
        let mut heading = if is_single { skin.between } else { skin.rest };
        if !is_single && !skin.is_whole {
            break;
        }
        for member in &swept.members {
            if (member.is_open() && member.group.is_none()) == is_single {
                out += std::mem::take(&mut heading);
                let row = skin.row[usize::from(member.exit().min(2))];
                out += &fill(row, &words::of_member(member), skin.escape);
            }
        }
        if !is_single {
            out += heading;
        }
    }
    out + skin.close
}
