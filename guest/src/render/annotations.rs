//! Workflow commands of GitHub Actions, one a line: the verdict first, then rows that are worse, then findings.

use super::entries::{self, Weight};
use crate::judge::Judgement;

/// The most annotations of one kind that GitHub shows of a step.
const MOST: usize = 10;

/// Renders a judgement. Where there are more than are shown, the last of a kind says so.
pub fn render(judgement: &Judgement, _: super::Layout) -> String {
    let entries = entries::of(judgement);
    let mut out = String::new();
    let mut written = [0; 3];
    for entry in &entries {
        let command = match entry.weight {
            Weight::Error => "error",
            Weight::Warning => "warning",
            Weight::Note => "notice",
        };
        let count = &mut written[entry.weight as usize];
        *count += 1;
        let all = entries
            .iter()
            .filter(|one| one.weight == entry.weight)
            .count();
        let (title, message) = match *count {
            MOST if all > MOST => (
                format!("{} more", all + 1 - MOST),
                "they stand in the summary of the job and in the judgement".to_owned(),
            ),
            MOST.. if all > MOST => continue,
            _ => (entry.title.clone(), entry.message.clone()),
        };
        out += &format!(
            "::{command} title={}::{}\n",
            escape(&title, true),
            escape(&message, false)
        );
    }
    out
}

/// What the runner reads as itself: a value of a property also ends at `:` and `,`.
fn escape(text: &str, is_property: bool) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '%' => safe += "%25",
            '\r' => safe += "%0D",
            '\n' => safe += "%0A",
            ':' if is_property => safe += "%3A",
            ',' if is_property => safe += "%2C",
            c => safe.push(c),
        }
    }
    safe
}
