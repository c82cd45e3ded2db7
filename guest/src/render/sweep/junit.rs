//! JUnit XML: one suite, a case a measurement.

use super::super::junit::{Outcome, escape};
use super::words::{answer, name, why};
use crate::judge::sweep::Swept;

/// Renders a sweep. Text from outside stands where no element begins or ends.
pub fn render(swept: &Swept) -> String {
    let (mut cases, mut counts) = (String::new(), [0; 4]);
    for member in &swept.members {
        let outcome = match member.exit() {
            0 => Outcome::Passed,
            1 => Outcome::Failed,
            _ => Outcome::Error,
        };
        counts[outcome as usize] += 1;
        let message = match member.group {
            Some(group) => format!("{}, cause {}", answer(member), group + 1),
            None => answer(member),
        };
        let run = member.text("run");
        let text = format!("{message}; {}; run {run}", why(member));
        let [name, message, text] = [&name(member), &message, &text].map(|text| escape(text));
        cases += &outcome.case(("sweep", &name), &message, &text);
    }
    let [_, failed, errors, _] = counts;
    let counted = format!(
        "tests=\"{}\" failures=\"{failed}\" errors=\"{errors}\"",
        swept.members.len()
    );
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"perfbridge sweep\" {counted}>\n<testsuite name=\"sweep\" {counted} skipped=\"0\">\n{cases}</testsuite>\n</testsuites>\n"
    )
}
