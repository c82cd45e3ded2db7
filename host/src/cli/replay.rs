//! A verdict made again: every input by its hash, then the judgement by the component that made it, to the byte.

use super::checks::{Check, Outcome, compared};
use super::report::entry_dir;
use crate::artefacts::Artefacts;
use crate::bundle::sha256;
use crate::components;
use crate::error::{Error, Result};
use crate::kept::{CASE, Kept};
use crate::policy_file::PolicyFile;
use crate::references::{References, with_member};
use crate::sandbox::judge::Form;
use crate::sandbox::{Case, Limits, Policy, Sandbox};
use crate::seal::{MEMBER, Seal, document_name, policy_name};
use perfbridge_registry::{INPUTS, Registry};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The judgement of a diff bundle.
pub const VERDICT: &str = "verdict.json";

const SNAPSHOT: &str = "source-snapshot.json";

/// With what verdicts are made again.
pub struct Tools<'a> {
    /// The root of the registry, where it is known.
    pub root: Option<PathBuf>,
    /// A component that was named.
    pub component: Option<&'a Path>,
    /// What the binary carries.
    pub artefacts: Artefacts,
    /// Of the sandbox.
    pub limits: Limits,
}

/// Checks the verdict of a directory.
///
/// # Errors
/// No verdict, one that does not say how it was made, or a component that nobody has.
pub fn check(bundle: &Path, tools: &Tools<'_>) -> Result<Vec<Check>> {
    let replay = Replay::open(bundle, tools)?;
    let mut checks = Vec::new();
    let inputs = replay.inputs(&mut checks)?;
    let sandbox = replay.component()?;
    checks.push(Check::of(
        "component",
        Path::new("that judged"),
        &replay.seal.component_sha256,
        Some(&replay.seal.component_sha256),
    ));
    // Of other inputs another verdict would be no wonder.
    let are_same = checks.iter().all(|check| check.outcome == Outcome::Same);
    if let Some(inputs) = inputs.filter(|_| are_same) {
        replay.judge(&sandbox, &inputs, &mut checks)?;
    }
    replay.diff_json(&mut checks);
    Ok(checks)
}

/// What was found of the inputs.
struct Inputs {
    kept: Kept,
    baseline: String,
    current: String,
    history: Vec<String>,
}

struct Replay<'a> {
    bundle: &'a Path,
    tools: &'a Tools<'a>,
    text: String,
    verdict: Value,
    seal: Seal,
}

impl<'a> Replay<'a> {
    fn open(bundle: &'a Path, tools: &'a Tools<'a>) -> Result<Self> {
        let path = bundle.join(VERDICT);
        let text = std::fs::read_to_string(&path)
            .map_err(|error| Error::io("read the verdict", &path, &error))?;
        let wrong = |what: String| Error::usage(what).in_input(&path);
        let verdict: Value = serde_json::from_str(&text).map_err(|error| {
            wrong(format!(
                "found no JSON ({error}); expected a verdict as perfbridge diff writes it"
            ))
        })?;
        let seal = match &verdict[MEMBER] {
            Value::Null => Err(wrong(
                "this verdict does not name who judged and of what; an older version wrote it, or it was printed and not written. Run the diff again with --out".to_owned(),
            )),
            seal => serde_json::from_value(seal.clone()).map_err(|error| {
                wrong(format!("found {MEMBER} in another form ({error}); expected hashes as perfbridge diff writes them"))
            }),
        }?;
        Ok(Replay {
            bundle,
            tools,
            text,
            verdict,
            seal,
        })
    }

    /// Hashes every input; none where one is not what it was.
    fn inputs(&self, checks: &mut Vec<Check>) -> Result<Option<Inputs>> {
        let seal = &self.seal;
        let case = self.find("case", &seal.case_sha256, &[self.bundle.join(CASE)], checks);
        let kept = case.map(|text| serde_json::from_str::<Kept>(&text));
        let kept = kept.transpose().map_err(|error| {
            Error::usage(format!(
                "found {CASE} in another form ({error}); expected what perfbridge diff wrote"
            ))
            .in_input(&self.bundle.join(CASE))
        })?;
        let own: Vec<PathBuf> = self.snapshot().into_iter().collect();
        let baseline = self.find("baseline", &seal.baseline_sha256, &own, checks);
        let current = [self.bundle.join("current-snapshot.json")];
        let current = self.find("current run", &seal.current_sha256, &current, checks);
        let names = kept
            .as_ref()
            .map(|kept| kept.history.clone())
            .unwrap_or_default();
        let mut history = Vec::new();
        for (at, hash) in seal.history_sha256.iter().enumerate() {
            let name = names.get(at).map(String::as_str).unwrap_or_default();
            let place: Vec<PathBuf> = self.of_name(name).into_iter().collect();
            history.extend(self.find(&format!("history {}", at + 1), hash, &place, checks));
        }
        self.policy(kept.as_ref(), checks)?;
        let whole = history.len() == seal.history_sha256.len();
        Ok(match (kept, baseline, current) {
            (Some(kept), Some(baseline), Some(current)) if whole => Some(Inputs {
                kept,
                baseline,
                current,
                history,
            }),
            _ => None,
        })
    }

    /// The text with a hash, kept in the bundle or at one of some places.
    fn find(
        &self,
        what: &str,
        hash: &str,
        places: &[PathBuf],
        checks: &mut Vec<Check>,
    ) -> Option<String> {
        let kept = self.bundle.join(INPUTS).join(document_name(hash));
        let mut wrong = None;
        for place in [&kept].into_iter().chain(places) {
            let Ok(bytes) = std::fs::read(place) else {
                continue;
            };
            let found = sha256(&bytes);
            if found == hash
                && let Ok(text) = String::from_utf8(bytes)
            {
                checks.push(Check::of(what, place, hash, Some(hash)));
                return Some(text);
            }
            wrong.get_or_insert_with(|| Check::of(what, place, hash, Some(&found)));
        }
        let place = places.first().unwrap_or(&kept);
        checks.push(wrong.unwrap_or_else(|| Check::of(what, place, hash, None)));
        None
    }

    /// The snapshot of the baseline's entry, where the bundle names one.
    fn snapshot(&self) -> Option<PathBuf> {
        let named = std::fs::read_to_string(self.bundle.join("baseline-ref.txt")).ok()?;
        Some(entry_dir(self.bundle, named.trim()).join(SNAPSHOT))
    }

    fn of_name(&self, name: &str) -> Option<PathBuf> {
        let (family, rest) = name.split_once('/')?;
        let (measurement, slug) = rest.rsplit_once('@')?;
        let registry = Registry::open(self.tools.root.as_ref()?);
        let entry = registry.entry(family, measurement, slug).ok()?;
        Some(entry.dir.join(SNAPSHOT))
    }

    /// The policy file is there with its hash, and says what the case says that it said.
    fn policy(&self, kept: Option<&Kept>, checks: &mut Vec<Check>) -> Result<()> {
        let Some(hash) = &self.seal.policy_sha256 else {
            return Ok(());
        };
        let path = self.bundle.join(INPUTS).join(policy_name(hash));
        let bytes = std::fs::read(&path).ok();
        let found = bytes.as_deref().map(sha256);
        checks.push(Check::of("policy", &path, hash, found.as_deref()));
        if let (Some(kept), Some(bytes)) = (kept, bytes.filter(|_| found.as_ref() == Some(hash))) {
            let file = PolicyFile::of_bytes(path.display().to_string(), bytes)?;
            let in_case = kept.policy.file().unwrap_or_default();
            if in_case != file.json {
                checks.push(Check {
                    field: Some("policy.file".to_owned()),
                    ..Check::of(
                        "policy of the case",
                        &self.bundle.join(CASE),
                        &file.json,
                        Some(in_case),
                    )
                });
            }
        }
        Ok(())
    }

    /// The hashes that the verb's own file states, and the entry's snapshot against them.
    fn diff_json(&self, checks: &mut Vec<Check>) {
        let path = self.bundle.join("diff.json");
        let Ok(text) = std::fs::read_to_string(&path) else {
            return;
        };
        let diff: Value = serde_json::from_str(&text).unwrap_or_default();
        let stated = |key: &str| diff[key].as_str();
        let mut compare = |key: &str, expected: &str| {
            checks.push(Check {
                field: Some(key.to_owned()),
                ..Check::of(
                    "diff.json",
                    &path,
                    expected,
                    Some(stated(key).unwrap_or("nothing")),
                )
            });
        };
        compare("current_source_sha256", &self.seal.current_sha256);
        // An external server has a verdict of its own there.
        if stated("rule").is_some() {
            compare(
                "verdict",
                self.verdict["verdict"].as_str().unwrap_or_default(),
            );
        }
        let snapshot = self.snapshot();
        let bytes = snapshot.as_ref().and_then(|path| std::fs::read(path).ok());
        if let (Some(bytes), Some(path)) = (bytes, &snapshot) {
            let expected = stated("baseline_source_sha256").unwrap_or_default();
            let found = sha256(&bytes);
            checks.push(Check::of(
                "snapshot of the entry",
                path,
                expected,
                Some(&found),
            ));
        }
    }

    fn component(&self) -> Result<Sandbox> {
        let hash = &self.seal.component_sha256;
        let tools = self.tools;
        let sandbox = if *hash == tools.artefacts.component_sha256() {
            tools.artefacts.sandbox(tools.limits)
        } else {
            match components::find(hash, tools.component, tools.root.as_deref())? {
                Some(bytes) => Sandbox::new(&bytes, &[], tools.limits),
                None => {
                    return Err(Error::usage(format!(
                        "found no component {hash}, which made this verdict with perfbridge {}; expected it in perf-baseline-components of the registry. Name its file with --component, or the registry with --repo-root",
                        self.seal.perfbridge_version
                    ))
                    .in_input(&self.bundle.join(VERDICT)));
                }
            }
        };
        sandbox.map_err(Error::from)
    }

    /// Judges again, and compares both files with what comes of it.
    fn judge(&self, sandbox: &Sandbox, inputs: &Inputs, checks: &mut Vec<Check>) -> Result<()> {
        let policy = Policy::from(inputs.kept.policy.clone());
        let case = Case {
            baseline: &inputs.baseline,
            current: &inputs.current,
            history: &inputs.history,
            policy: &policy,
        };
        let forms = [Form::json(), Form::named(&self.seal.markdown)];
        let texts = sandbox.judge(&case, &forms)?.texts;
        let [json, markdown] = texts.as_slice() else {
            return Err(Error::internal(
                "the component wrote other forms than were asked for",
            ));
        };
        let mut expected = json.clone();
        for name in ["references", MEMBER] {
            if !self.verdict[name].is_null() {
                expected = with_member(&expected, name, &self.verdict[name])?;
            }
        }
        checks.push(compared(&self.bundle.join(VERDICT), &expected, &self.text));
        let references = serde_json::from_value(self.verdict["references"].clone());
        let references: References = references.unwrap_or_default();
        let path = self.bundle.join("verdict.md");
        let expected = references.below(markdown);
        match std::fs::read_to_string(&path) {
            Ok(found) => checks.push(compared(&path, &expected, &found)),
            Err(_) => checks.push(Check::of(
                "words",
                &path,
                &sha256(expected.as_bytes()),
                None,
            )),
        }
        Ok(())
    }
}
