//! SARIF 2.1.0, for code scanning: rules are metrics and codes of findings, results what is worse or was noticed.

use super::entries::{self, Entry, Weight, json};
use crate::files::sha256;
use crate::judge::Judgement;
use crate::judge::rule::Verdict;

/// Renders a judgement. A result stands where it was measured, which is no place in a file; one is named because code
/// scanning takes no result without.
pub fn render(judgement: &Judgement, _: super::Layout) -> String {
    let mut entries = entries::of(judgement);
    // A pass is nothing to show as a problem; it stands in the properties of the run.
    if judgement.verdict == Verdict::Green {
        entries.remove(0);
    }
    let file = uri(entries::file(judgement));
    let (mut rules, mut results) = (Vec::new(), Vec::new());
    let mut ids: Vec<&str> = Vec::new();
    for entry in &entries {
        let index = ids.iter().position(|id| *id == entry.rule);
        let index = index.unwrap_or_else(|| {
            ids.push(&entry.rule);
            rules.push(rule(entry));
            ids.len() - 1
        });
        results.push(result(entry, index, &file));
    }
    let properties = [
        ("verdict", judgement.verdict.as_str()),
        ("rule", judgement.rule.as_str()),
        ("tier", judgement.tier.as_str()),
        ("model", &entries::model(judgement)),
        ("answer", &entries::of_verdict(judgement).message),
    ];
    let properties = properties.map(|(name, value)| format!("\"{name}\":{}", json(value)));
    format!(
        r#"{{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[{{
"tool":{{"driver":{{"name":"Perfbridge","version":"{}","rules":[
{}]}}}},
"columnKind":"unicodeCodePoints",
"artifacts":[{{"location":{{"uri":"{file}"}}}}],
"properties":{{{}}},
"results":[
{}]}}]}}
"#,
        env!("CARGO_PKG_VERSION"),
        rules.join(",\n"),
        properties.join(","),
        results.join(",\n")
    )
}

fn rule(entry: &Entry) -> String {
    let (id, means) = (json(&entry.rule), json(&entry.means));
    format!(
        r#"{{"id":{id},"shortDescription":{{"text":{id}}},"fullDescription":{{"text":{means}}},"help":{{"text":{means}}}}}"#
    )
}

fn result(entry: &Entry, index: usize, file: &str) -> String {
    let level = match entry.weight {
        Weight::Error => "error",
        Weight::Warning => "warning",
        Weight::Note => "note",
    };
    let logical = match entry.at.as_str() {
        "" => String::new(),
        at => format!(
            r#","logicalLocations":[{{"fullyQualifiedName":{}}}]"#,
            json(at)
        ),
    };
    format!(
        r#"{{"ruleId":{},"ruleIndex":{index},"level":"{level}","message":{{"text":{}}},"locations":[{{"physicalLocation":{{"artifactLocation":{{"uri":"{file}","index":0}},"region":{{"startLine":1}}}}{logical}}}],"partialFingerprints":{{"perfbridge/v1":{},"primaryLocationLineHash":"{}"}}}}"#,
        json(&entry.rule),
        json(&entry.message),
        json(&entry.identity()),
        // Code scanning compares by this one. Left out, it would be that of a line of the file, and the same of all.
        sha256(entry.identity().as_bytes()),
    )
}

/// A path as a reference relative to the repository.
fn uri(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => {
                uri.push(byte as char)
            }
            byte => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}
