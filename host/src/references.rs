//! What the registry's searches add to a report.
//!
//! The component judges and knows none of this; its words and its judgement stay as they are, and what was found stands
//! behind them.

use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};

/// So many hits are shown to people; programs get all.
pub const SHOWN: usize = 5;

/// What was found. A list is missing where nothing was searched or the search did not answer.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct References {
    /// Where the runbooks speak of the regressed metrics.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runbooks: Option<Vec<Hit>>,
    /// One place in each earlier entry and diff of the model, the newest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen_before: Option<Vec<Hit>>,
}

/// One line of a file below the root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    /// Relative to the root.
    pub path: String,
    /// Counted from 1; none where the search told none.
    pub line: Option<u64>,
    /// The line, cut.
    pub text: String,
}

impl References {
    /// Whether nothing was searched, or no search answered.
    pub fn is_empty(&self) -> bool {
        self.runbooks.is_none() && self.seen_before.is_none()
    }

    /// The component's Markdown, and below it a section for each list that has something.
    pub fn below(&self, markdown: &str) -> String {
        let sections = [
            ("Runbooks", &self.runbooks),
            ("Seen before", &self.seen_before),
        ];
        let mut text = markdown.to_owned();
        for (title, hits) in sections {
            let hits = hits.as_deref().unwrap_or_default();
            if hits.is_empty() {
                continue;
            }
            text.push_str(&format!("\n## {title}\n\n"));
            for hit in hits.iter().take(SHOWN) {
                text.push_str(&format!("- {}", code(&hit.place())));
                if !hit.text.trim().is_empty() {
                    text.push_str(&format!(" {}", code(hit.text.trim())));
                }
                text.push('\n');
            }
            if hits.len() > SHOWN {
                text.push_str(&format!("- and {} more\n", hits.len() - SHOWN));
            }
        }
        text
    }

    /// The component's JSON object with the member `references` behind its own, which keep their bytes.
    pub fn beside(&self, judgement: &str) -> Result<String> {
        if self.is_empty() {
            return Ok(judgement.to_owned());
        }
        with_member(judgement, "references", self)
    }
}

/// A JSON object with one member more behind its own, which keep their bytes.
///
/// # Errors
/// Internal ones only.
pub fn with_member(object: &str, name: &str, value: &impl Serialize) -> Result<String> {
    let internal = |what: String| Error::internal(format!("{name}: {what}"));
    let own = object
        .trim_end()
        .strip_suffix('}')
        .ok_or_else(|| internal("the judgement is no object".to_owned()))?
        .trim_end();
    let added = serde_json::to_string_pretty(value).map_err(|error| internal(error.to_string()))?;
    let added = added.replace('\n', "\n  ");
    Ok(format!("{own},\n  \"{name}\": {added}\n}}\n"))
}

impl Hit {
    /// `path:line:text`, as both search programs print it.
    pub fn parse(printed: &str) -> Hit {
        const WIDTH: usize = 160;
        let plain = |text: &str| -> String {
            let shown = text.chars().map(|c| if c.is_control() { ' ' } else { c });
            shown.take(WIDTH).collect()
        };
        for (at, _) in printed.match_indices(':') {
            let rest = &printed[at + 1..];
            if let Some((number, text)) = rest.split_once(':')
                && let Ok(line) = number.parse()
            {
                return Hit {
                    path: plain(&printed[..at]),
                    line: Some(line),
                    text: plain(text),
                };
            }
        }
        let (path, text) = printed.split_once(':').unwrap_or((printed, ""));
        Hit {
            path: plain(path),
            line: None,
            text: plain(text),
        }
    }

    /// Path and line.
    pub fn place(&self) -> String {
        match self.line {
            Some(line) => format!("{}:{line}", self.path),
            None => self.path.clone(),
        }
    }
}

/// A text from a file as code in Markdown, where nothing in it means anything.
fn code(text: &str) -> String {
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{text}{pad}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hit(path: &str, line: Option<u64>, text: &str) -> Hit {
        Hit {
            path: path.to_owned(),
            line,
            text: text.to_owned(),
        }
    }

    #[test]
    fn hits_are_read_as_search_programs_print_them() {
        for (printed, expected) in [
            ("a/b.md:12:x: 3", hit("a/b.md", Some(12), "x: 3")),
            ("a:b.md:7:", hit("a:b.md", Some(7), "")),
            ("a.md:\u{1b}[1mx", hit("a.md", None, " [1mx")),
            ("a.md", hit("a.md", None, "")),
        ] {
            assert_eq!(Hit::parse(printed), expected, "{printed}");
        }
        assert_eq!(
            Hit::parse(&format!("a:1:{}", "x".repeat(500))).text.len(),
            160
        );
    }

    #[test]
    fn nothing_in_a_hit_is_markdown() {
        assert_eq!(code("a_b <b>"), "`a_b <b>`");
        assert_eq!(code("see `x` and ``y``"), "``` see `x` and ``y`` ```");
        assert_eq!(code("a `b` c"), "``a `b` c``");
    }

    #[test]
    fn the_words_and_members_of_the_component_keep_their_bytes() {
        let references = References {
            runbooks: Some((0..7).map(|at| hit("r.md", Some(at), "t")).collect()),
            seen_before: Some(Vec::new()),
        };
        let below = references.below("# A\n");
        assert!(
            below.starts_with("# A\n\n## Runbooks\n\n- `r.md:0` `t`\n"),
            "{below}"
        );
        assert!(below.ends_with("- `r.md:4` `t`\n- and 2 more\n"), "{below}");
        let json = "{\n  \"a\": 1.50\n}\n";
        let beside = references.beside(json).unwrap();
        assert!(
            beside.starts_with("{\n  \"a\": 1.50,\n  \"references\": {\n"),
            "{beside}"
        );
        let parsed: serde_json::Value = serde_json::from_str(&beside).unwrap();
        assert_eq!(parsed["references"]["runbooks"][6]["line"], 6);
        assert_eq!(parsed["references"]["seen_before"], serde_json::json!([]));
        let none = References::default();
        assert_eq!(none.beside(json).unwrap(), json);
        assert_eq!(none.below("# A\n"), "# A\n");
        assert!(references.beside("[]").is_err());
    }
}
