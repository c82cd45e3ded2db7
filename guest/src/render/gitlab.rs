//! GitLab's code quality report: a list of what is worse or was noticed, which a merge request compares by fingerprint.

use super::entries::{self, Weight, json};
use crate::files::sha256;
use crate::judge::Judgement;
use crate::judge::rule::Verdict;
use crate::judge::tier::Tier;

/// Renders a judgement. A fingerprint is of what and where, not of numbers, so that GitLab knows an entry again.
pub fn render(judgement: &Judgement, _: super::Layout) -> String {
    let mut entries = entries::of(judgement);
    // What passed is no issue. A pass that no verdict carries is one, of the least severity.
    if judgement.verdict == Verdict::Green && judgement.tier == Tier::Verdict {
        entries.remove(0);
    }
    let mut seen: Vec<String> = Vec::new();
    let mut items = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        let identity = entry.identity();
        let repeated = seen.iter().filter(|one| **one == identity).count();
        let fingerprint = sha256(format!("{identity}\n{repeated}").as_bytes());
        seen.push(identity);
        let severity = match entry.weight {
            Weight::Error if at == 0 => "blocker",
            Weight::Error => "critical",
            Weight::Warning => "minor",
            Weight::Note => "info",
        };
        items.push(format!(
            r#"{{"check_name":{},"description":{},"fingerprint":"{fingerprint}","severity":"{severity}","location":{{"path":{},"lines":{{"begin":1}}}}}}"#,
            json(&entry.rule),
            json(&entry.message),
            json(entries::file(judgement)),
        ));
    }
    format!("[\n{}]\n", items.join(",\n"))
}
