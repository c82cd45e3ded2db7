//! Exports the library as a component: converts types, and nothing else.

mod bindings;
mod convert;
mod tree;

use crate::document::{self, Document};
use crate::fault::{self, Sub};
use crate::files::Part;
use crate::judge::history::Report;
use crate::judge::policy::Policy as Tolerances;
use crate::provenance::{FileDigest, digests};
use crate::render as text;
use crate::run::{Profiles, Run};
use crate::sources::runs::find_runs;
use crate::sources::{layout, read_bundle, read_profile};
use bindings::exports::perfbridge::bridge::ingest::{self, Guest as Ingest, GuestUnhashed};
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
    type Unhashed = Unhashed;

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

    fn read_bundle(dir: String, mut options: ingest::Options) -> Answer<ingest::Document> {
        convert::answer((|| {
            let (files, profile_files) = (
                convert::digests(std::mem::take(&mut options.files)),
                convert::digests(std::mem::take(&mut options.profile_files)),
            );
            let document = unhashed(dir, options)?.document(files, profile_files)?;
            Ok(convert::document(&document, document.to_json()))
        })())
    }

    fn read_unhashed(dir: String, options: ingest::Options) -> Answer<ingest::Unhashed> {
        convert::answer(unhashed(dir, options).map(ingest::Unhashed::new))
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

/// Reads a bundle by what the host says of it, but for the hashes.
fn unhashed(dir: String, mut options: ingest::Options) -> fault::Result<Unhashed> {
    let (folders, profile) = (
        std::mem::take(&mut options.folders),
        options.profile_dir.take(),
    );
    Unhashed::read(dir, folders, profile, convert::options(options))
}

/// A bundle that was read, and how its document is made once the hashes of its files are known.
struct Unhashed {
    dir: String,
    run: Run,
    /// The directory of the profile that belongs to it, and what that says.
    profile: Option<(String, Profiles)>,
    folders: Vec<String>,
    options: document::Options,
}

impl Unhashed {
    fn read(
        dir: String,
        folders: Vec<String>,
        profile: Option<String>,
        options: document::Options,
    ) -> fault::Result<Self> {
        let run = read_bundle(&Part::new(&PreopenTree::open(&dir)?, &folders)?)?;
        let own = !run.profile.gpu.is_empty() || !run.profile.cpu.is_empty();
        let profile = match profile {
            Some(dir) => {
                let observed = read_profile(&PreopenTree::open(&dir)?)?;
                Some((dir, observed))
            }
            None if own => None,
            None => profile_beside(&dir)?,
        };
        Ok(Unhashed {
            dir,
            run,
            profile,
            folders,
            options,
        })
    }

    /// The document with these hashes; those that the host did not make are made here.
    fn document(
        &self,
        files: Vec<FileDigest>,
        profile_files: Vec<FileDigest>,
    ) -> fault::Result<Document> {
        let mut options = self.options.clone();
        let known = &mut options.provenance;
        (known.files, known.profile_files) = (files, profile_files);
        if known.files.is_empty() {
            known.files = digests(&Part::new(&PreopenTree::open(&self.dir)?, &self.folders)?)?;
        }
        if let Some((dir, _)) = &self.profile
            && known.profile_files.is_empty()
        {
            known.profile_files = digests(&PreopenTree::open(dir)?)?;
        }
        let profile = self.profile.as_ref().map(|(_, observed)| observed);
        document::build(&self.run, profile, &options)
    }
}

impl GuestUnhashed for Unhashed {
    fn document(
        &self,
        files: Vec<ingest::FileDigest>,
        profile_files: Vec<ingest::FileDigest>,
    ) -> Answer<ingest::Document> {
        let (files, profile_files) = (convert::digests(files), convert::digests(profile_files));
        let document = self.document(files, profile_files);
        convert::answer(document.map(|document| convert::document(&document, document.to_json())))
    }
}

/// The profile beside a run and its directory, where both lie as the layout says and the host granted it too.
fn profile_beside(dir: &str) -> fault::Result<Option<(String, Profiles)>> {
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
            Ok(Some((beside, observed)))
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
            let read = Unhashed::read(below, run.folders, None, document::Options::default());
            let document = read.and_then(|read| read.document(vec![], vec![]));
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
