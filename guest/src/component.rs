//! Exports the library as a component: converts types, and nothing else.

mod bindings;
mod convert;
mod tree;

use crate::document::{self, Document};
use crate::fault::{self, Sub};
use crate::files::Part;
use crate::judge::history::Report;
use crate::judge::policy::Policy as Tolerances;
use crate::provenance::digests;
use crate::render as text;
use crate::run::Profiles;
use crate::sources::runs::find_runs;
use crate::sources::{layout, read_bundle, read_profile};
use bindings::exports::perfbridge::bridge::ingest::{self, Guest as Ingest};
use bindings::exports::perfbridge::bridge::judge::{self, Guest as Judge};
use bindings::{Fault, Guest, Policy, Summary};
use tree::PreopenTree;

struct Component;

#[allow(
    unsafe_code,
    clippy::too_many_arguments,
    reason = "wit-bindgen puts the exports of the canonical ABI here"
)]
mod exported {
    use super::{Component, bindings};
    bindings::export!(Component with_types_in bindings);
}

type Answer<T> = std::result::Result<T, Fault>;

impl Ingest for Component {
    fn find_runs(dir: String) -> Answer<Vec<ingest::Run>> {
        convert::answer((|| {
            let runs = match PreopenTree::open(&dir) {
                Ok(tree) => find_runs(&tree)?,
                Err(no_folder) => {
                    // Or a single file.
                    let around = dir.rsplit_once('/').map(|(around, name)| {
                        let tree = PreopenTree::open(around)?;
                        find_runs(&Part::new(&tree, &[name.to_owned()])?)
                    });
                    match around {
                        Some(Err(fault)) if fault.sub == Some(Sub::RunsRefused) => {
                            return Err(fault);
                        }
                        Some(Ok(runs)) => runs,
                        _ => return Err(no_folder),
                    }
                }
            };
            Ok(runs.into_iter().map(convert::run).collect())
        })())
    }

    fn formats() -> String {
        crate::sources::formats::formats()
    }

    fn profile_beside(path: String) -> Option<String> {
        crate::sources::layout::profile_beside(&path)
    }

    fn read_bundle(dir: String, options: ingest::Options) -> Answer<ingest::Document> {
        convert::answer((|| {
            let profile = options.profile_dir.clone();
            let folders = options.folders.clone();
            let document = read(&dir, &folders, profile, convert::options(options))?;
            Ok(convert::document(&document, document.to_json()))
        })())
    }

    fn read_document(dir: String, path: String) -> Answer<ingest::Document> {
        convert::answer((|| {
            let json = crate::files::read_text(&PreopenTree::open(&dir)?, &path)?;
            let document = Document::parse(&path, &json)?;
            Ok(convert::document(&document, json))
        })())
    }

    fn check_document(name: String, json: String) -> Answer<ingest::Document> {
        convert::answer((|| {
            let document = Document::parse(&name, &json)?;
            Ok(convert::document(&document, json))
        })())
    }

    fn pair_evals(json: String, given: Vec<ingest::Setting>) -> Answer<ingest::Document> {
        convert::answer((|| {
            let given: Vec<_> = given.into_iter().map(|one| (one.path, one.value)).collect();
            let (document, json) = document::evals::pair(&json, &given)?;
            Ok(convert::document(&document, json))
        })())
    }

    fn merge_trials(documents: Vec<String>) -> Answer<ingest::Document> {
        convert::answer((|| {
            let [only] = documents.as_slice() else {
                let merged = document::trials::merge(&documents)?;
                let json = merged.to_json();
                return Ok(convert::document(&merged, json));
            };
            let document = Document::parse("document", only)?;
            Ok(convert::document(&document, only.clone()))
        })())
    }

    fn outline(name: String, json: String) -> Answer<ingest::Outlined> {
        let document = Document::parse(&name, &json);
        convert::answer(document.map(|document| ingest::Outlined {
            start: document.start(),
            model: document.model,
        }))
    }
}

/// Reads one bundle, and hashes what the host did not.
fn read(
    dir: &str,
    folders: &[String],
    profile: Option<String>,
    mut options: document::Options,
) -> fault::Result<Document> {
    let tree = PreopenTree::open(dir)?;
    let tree = Part::new(&tree, folders)?;
    let run = read_bundle(&tree)?;
    let known = &mut options.provenance;
    if known.files.is_empty() {
        known.files = digests(&tree)?;
    }
    let own = !run.profile.gpu.is_empty() || !run.profile.cpu.is_empty();
    let profile = match profile {
        Some(dir) => {
            let tree = PreopenTree::open(&dir)?;
            let observed = read_profile(&tree)?;
            Some((tree, observed))
        }
        None if own => None,
        None => profile_beside(dir)?,
    };
    if let Some((tree, _)) = &profile
        && known.profile_files.is_empty()
    {
        known.profile_files = digests(tree)?;
    }
    let profile = profile.map(|(_, observed)| observed);
    document::build(&run, profile.as_ref(), &options)
}

/// The profile beside a run, where both lie as the layout says and the host granted it too.
fn profile_beside(dir: &str) -> fault::Result<Option<(PreopenTree, Profiles)>> {
    let Some(beside) = layout::profile_beside(dir) else {
        return Ok(None);
    };
    let Ok(tree) = PreopenTree::open(&beside) else {
        return Ok(None);
    };
    match read_profile(&tree) {
        // Nobody named the directory, so it may as well hold none.
        Err(fault) if fault.sub == Some(fault::Sub::NoProfile) => Ok(None),
        observed => {
            let observed = observed.map_err(|fault| fault.below(&beside))?;
            Ok(Some((tree, observed)))
        }
    }
}

/// One document of the runs in the directories of a side.
fn side(dirs: &[String]) -> fault::Result<Document> {
    let mut documents = Vec::new();
    for dir in dirs {
        let of_dir = |fault: fault::Fault| fault.below(dir);
        for run in find_runs(&PreopenTree::open(dir)?).map_err(of_dir)? {
            let below = match run.dir.as_str() {
                "" => dir.clone(),
                part => format!("{dir}/{part}"),
            };
            let document = read(&below, &run.folders, None, document::Options::default());
            documents.push(document.map_err(of_dir)?.to_json());
        }
    }
    match documents.as_slice() {
        [only] => Document::parse("document", only),
        several => document::trials::merge(several),
    }
}

impl Judge for Component {
    fn forms() -> Vec<judge::FormInfo> {
        text::FORMS.iter().map(convert::form).collect()
    }

    fn judge(
        case: judge::Case,
        policy: Policy,
        forms: Vec<judge::Form>,
    ) -> Answer<judge::Judgement> {
        convert::answer((|| {
            // What was asked for wrongly is said before anything is read.
            let policy = Tolerances::new(&convert::request(policy))?;
            let forms = forms
                .iter()
                .map(|form| Ok((text::form(&form.name)?, convert::layout(form))))
                .collect::<fault::Result<Vec<_>>>()?;
            let named = case.history.iter().enumerate();
            let history = named
                .map(|(at, json)| Document::parse(&format!("history {}", at + 1), json))
                .collect::<fault::Result<Vec<_>>>()?;
            let judgement = crate::judge::judge(
                &Document::parse("baseline", &case.baseline)?,
                &Document::parse("current", &case.current)?,
                &history,
                &policy,
            )?;
            let write =
                |(form, layout): (&text::Form, text::Layout)| (form.render)(&judgement, layout);
            let texts = forms.into_iter().map(write).collect();
            Ok(convert::judgement(&judgement, texts))
        })())
    }

    fn calibrate(documents: Vec<String>, trials: Option<u32>) -> Answer<judge::Calibration> {
        let report = crate::judge::calibration::Report::new(&documents, trials);
        convert::answer(report.map(|report| judge::Calibration {
            json: report.to_json(),
            text: text::calibration::render(&report),
            policy: report.policy(),
        }))
    }

    fn history(
        entries: Vec<judge::Entry>,
        metric: Option<String>,
        place: Option<String>,
    ) -> Answer<judge::Series> {
        let entries = convert::entries(entries);
        let report = Report::new(&entries, metric.as_deref(), place.as_deref());
        convert::answer(report.map(|report| judge::Series {
            json: report.to_json(),
            text: text::history::render(&report),
        }))
    }

    fn sweep(members: Vec<String>) -> Answer<judge::Swept> {
        let swept = crate::judge::sweep::sweep(&members);
        convert::answer(swept.map(|swept| judge::Swept {
            lines: text::sweep::render(&swept),
            exit_code: swept.exit(),
        }))
    }

    fn plan_trials(trials: u32) -> judge::Plan {
        convert::plan(crate::judge::plan::plan(trials as usize))
    }

    fn take_over(handoff: String, earlier: String) -> String {
        text::handoff::take_over(&handoff, &earlier)
    }

    fn check_policy(policy: Policy) -> Answer<()> {
        convert::answer(Tolerances::new(&convert::request(policy)).map(drop))
    }
}

impl Guest for Component {
    fn judge_directories(
        baseline: Vec<String>,
        current: Vec<String>,
        policy: Option<Policy>,
    ) -> Answer<Summary> {
        convert::answer((|| {
            let policy = match policy {
                Some(policy) => Tolerances::new(&convert::request(policy))?,
                None => Tolerances::default(),
            };
            let judgement = crate::judge::judge(&side(&baseline)?, &side(&current)?, &[], &policy)?;
            Ok(convert::summary(&judgement))
        })())
    }
}
