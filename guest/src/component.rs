//! Exports the library as a component: converts types, and nothing else.

#![allow(
    missing_docs,
    unsafe_code,
    reason = "wit-bindgen generates the glue of the canonical ABI here"
)]

wit_bindgen::generate!({
    path: "../wit",
    world: "bridge",
    generate_all,
});

mod convert;
mod tree;

use crate::document::{self, Document};
use crate::judge::Judgement;
use crate::judge::history::Report;
use crate::judge::policy::{Policy, Request};
use crate::render as text;
use exports::perfbridge::bridge::ingest::{self, Guest as Ingest};
use exports::perfbridge::bridge::judge::{self, Guest as Judge};
use exports::perfbridge::bridge::render::{Format, Guest as Render, Layout};
use perfbridge::bridge::types::Fault as WireFault;
use std::cell::RefCell;
use std::rc::Rc;
use tree::PreopenTree;

struct Component;
export!(Component);

impl Ingest for Component {
    fn read_bundle(dir: String, options: ingest::Options) -> Result<ingest::Document, WireFault> {
        convert::answer((|| {
            let run = crate::sources::read_bundle(&PreopenTree::open(&dir)?)?;
            let profile = match &options.profile_dir {
                Some(dir) => Some(crate::sources::read_profile(&PreopenTree::open(dir)?)?),
                None => None,
            };
            let document = document::build(&run, profile.as_ref(), &convert::options(options))?;
            Ok(convert::document(&document, document.to_json()))
        })())
    }

    fn read_document(dir: String, path: String) -> Result<ingest::Document, WireFault> {
        convert::answer((|| {
            let json = crate::files::read_text(&PreopenTree::open(&dir)?, &path)?;
            let document = Document::parse(&path, &json)?;
            Ok(convert::document(&document, json))
        })())
    }

    fn check_document(name: String, json: String) -> Result<ingest::Document, WireFault> {
        convert::answer((|| {
            let document = Document::parse(&name, &json)?;
            Ok(convert::document(&document, json))
        })())
    }

    fn merge_trials(documents: Vec<String>) -> Result<ingest::Document, WireFault> {
        convert::answer((|| {
            let [only] = documents.as_slice() else {
                let merged = crate::document::trials::merge(&documents)?;
                let json = merged.to_json();
                return Ok(convert::document(&merged, json));
            };
            let document = Document::parse("document", only)?;
            Ok(convert::document(&document, only.clone()))
        })())
    }
}

impl Judge for Component {
    fn judge(
        baseline: String,
        current: String,
        history: Vec<String>,
        policy: judge::Policy,
    ) -> Result<judge::Judgement, WireFault> {
        convert::answer(
            judged(baseline, current, history, policy)
                .map(|judgement| convert::judgement(&judgement)),
        )
    }

    fn calibrate(documents: Vec<String>) -> Result<judge::Calibration, WireFault> {
        let report = crate::judge::calibration::Report::new(&documents);
        convert::answer(report.map(|report| judge::Calibration {
            json: report.to_json(),
            text: text::calibration::render(&report),
            policy: report.policy(),
        }))
    }

    fn history(
        entries: Vec<judge::Entry>,
        metric: Option<String>,
        level: Option<String>,
    ) -> Result<judge::Series, WireFault> {
        let entries = convert::entries(entries);
        let report = Report::new(&entries, metric.as_deref(), level.as_deref());
        convert::answer(report.map(|report| judge::Series {
            json: report.to_json(),
            text: text::history::render(&report),
        }))
    }

    fn check_policy(policy: judge::Policy) -> Result<(), WireFault> {
        convert::answer(Policy::new(&convert::request(policy)).map(drop))
    }
}

impl Render for Component {
    fn render(
        baseline: String,
        current: String,
        history: Vec<String>,
        policy: judge::Policy,
        format: Format,
        layout: Layout,
    ) -> Result<String, WireFault> {
        convert::answer(
            judged(baseline, current, history, policy).map(|judgement| match format {
                Format::Text => {
                    let layout = text::Layout {
                        width: layout.width as usize,
                        colour: layout.colour,
                    };
                    text::text::render(&judgement, layout)
                }
                Format::Markdown => text::markdown::render(&judgement, false),
                Format::MarkdownExplained => text::markdown::render(&judgement, true),
            }),
        )
    }
}

/// What was judged last. A host asks for the judgement and then for each of its renderings, of the same documents.
struct Last {
    asked: Asked,
    judgement: Rc<Judgement>,
}

#[derive(PartialEq)]
struct Asked {
    baseline: String,
    current: String,
    history: Vec<String>,
    policy: Request,
}

thread_local! {
    static LAST: RefCell<Option<Last>> = const { RefCell::new(None) };
}

fn judged(
    baseline: String,
    current: String,
    history: Vec<String>,
    policy: judge::Policy,
) -> crate::fault::Result<Rc<Judgement>> {
    let asked = Asked {
        baseline,
        current,
        history,
        policy: convert::request(policy),
    };
    LAST.with_borrow_mut(|last| {
        if let Some(last) = last.as_ref().filter(|last| last.asked == asked) {
            return Ok(Rc::clone(&last.judgement));
        }
        let judgement = Rc::new(asked.judge()?);
        *last = Some(Last {
            asked,
            judgement: Rc::clone(&judgement),
        });
        Ok(judgement)
    })
}

impl Asked {
    fn judge(&self) -> crate::fault::Result<Judgement> {
        let policy = Policy::new(&self.policy)?;
        let named = self.history.iter().enumerate();
        let history = named
            .map(|(at, json)| Document::parse(&format!("history {}", at + 1), json))
            .collect::<crate::fault::Result<Vec<_>>>()?;
        crate::judge::judge(
            &Document::parse("baseline", &self.baseline)?,
            &Document::parse("current", &self.current)?,
            &history,
            &policy,
        )
    }
}
