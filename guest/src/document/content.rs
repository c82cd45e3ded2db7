//! What a document holds, and what can be asked of it.

use super::cell::{self, Cell};
use super::origins::Origins;
use crate::finding::{Finding, FindingCode};
use crate::json;
use crate::measure::eval::Eval;
use crate::measure::{Definition, Number, Place, Quantity, Topic, headline};
use crate::order::Keyed as _;
use crate::run::Origin;
use crate::stats::clock::Start;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// The value of `schema`.
pub const SCHEMA: &str = "inference_perfbench_v1";

/// The key of what the tool says against its run, in a cell and at top level.
pub(super) const VALIDITY: &str = "validity";

/// The key of by how much the sources of a number disagree, in its unit.
pub(super) const DISAGREES_BY: &str = "disagrees_by";

/// The section of the samples of requests, written with one list a line.
pub const SAMPLES: &str = "request_samples";

/// The numbers of one run, each by what it is and where it was measured.
pub type Numbers = BTreeMap<Number, f64>;

/// A document that was read and checked.
#[derive(Clone, Debug)]
pub struct Document {
    /// The whole object, unknown fields included, in the order of the file.
    pub map: Map<String, Value>,
    /// The served model name.
    pub model: String,
    /// The numbers by place.
    pub places: BTreeMap<Place, Cell>,
    /// Every class that `kernel_class_gpu_pct` names, also one whose share is null.
    pub kernel_classes: BTreeSet<String>,
    /// `definitions` by name of a quantity.
    pub definitions: BTreeMap<String, String>,
    /// Findings that were made while the bundle was read.
    pub findings: Vec<Finding>,
    /// The numbers of each repeated run, where the document was made of several.
    pub trials: Vec<Numbers>,
    /// Which run of the tool each trial is of, in the order of [`Document::trials`]; one item where the document
    /// is of one run.
    pub origins: Vec<Origins>,
    /// What the tool says against the whole run, each as `NAME: VALUE`.
    pub validity: Vec<String>,
    /// Scores of quality benchmarks that it was paired with.
    pub evals: Vec<Eval>,
}

impl Document {
    /// The places at which load was put on the server, ascending, with their numbers.
    pub fn cells(&self) -> impl Iterator<Item = (Place, &Cell)> {
        let all = self.places.iter().map(|(place, cell)| (*place, cell));
        all.filter(|(place, _)| place.is_cell())
    }

    /// The places that both documents have, ascending, each with its numbers here and there.
    pub fn common_cells<'a>(
        &'a self,
        other: &'a Document,
    ) -> impl Iterator<Item = (Place, [&'a Cell; 2])> {
        let both = |(place, here)| Some((place, [here, other.cell(place)?]));
        self.cells().filter_map(both)
    }

    /// The same without the numbers.
    pub fn cell_places(&self) -> impl Iterator<Item = Place> {
        self.cells().map(|(place, _)| place)
    }

    /// The numbers of a place, where it was measured.
    pub fn cell(&self, place: Place) -> Option<&Cell> {
        self.places.get(&place)
    }

    /// One number; the error rate is made of the counts.
    pub fn number(&self, number: &Number) -> Option<f64> {
        self.cell(number.place)?.number(&number.name)
    }

    /// Every number, counts and lengths included.
    pub fn numbers(&self) -> Numbers {
        let of_place = |(place, cell): (&Place, &Cell)| {
            let place = *place;
            let numbers = cell.numbers.clone().into_iter();
            numbers.map(move |(name, value)| (Number { place, name }, value))
        };
        self.places.iter().flat_map(of_place).collect()
    }

    /// The numbers of each run: its trials, or itself.
    pub fn runs(&self) -> Cow<'_, [Numbers]> {
        match self.trials.as_slice() {
            [] => vec![self.numbers()].into(),
            trials => trials.into(),
        }
    }

    /// The numbers of each trial at a place that it has, with the trial's number; none where the document is of one run.
    pub fn trial_cells(&self, place: Place) -> Vec<(usize, Cell)> {
        let of_run = |(at, run): (usize, &Numbers)| {
            let here = run.iter().filter(|(number, _)| number.place == place);
            let numbers = here.map(|(number, value)| (number.name.clone(), *value));
            let cell = Cell {
                numbers: numbers.collect(),
                ..Cell::default()
            };
            (at + 1, cell)
        };
        self.trials.iter().enumerate().map(of_run).collect()
    }

    /// How many runs the document was made of.
    pub fn run_count(&self) -> usize {
        self.trials.len().max(1)
    }

    /// Which quantity a name stands for, as the document says it.
    pub fn definition(&self, quantity: Quantity) -> Option<&str> {
        self.definitions.get(quantity.name()).map(String::as_str)
    }

    /// A definition of a quantity that both documents state, and in which they differ: its name, the value here and
    /// the value there. What is mixed on both sides may differ at any level.
    pub fn other_definition(&self, other: &Document, quantity: Quantity) -> Option<[String; 3]> {
        definitions_of(quantity).into_iter().find_map(|name| {
            let here = self.definitions.get(name)?;
            let differs = |there: &&String| *there != here || here == Definition::Mixed.as_str();
            let there = other.definitions.get(name).filter(differs)?;
            Some([name.to_owned(), here.clone(), there.clone()])
        })
    }

    /// Whether requests were sent at a rate below the one that was offered, in any of the runs: by more than 5 %, and
    /// by more than chance brings about where arrivals are random.
    pub fn missed_its_rate(&self, place: Place) -> bool {
        let Some((cell, offered)) = self.cell(place).zip(place.rate()) else {
            return false;
        };
        let of = |run: &Numbers, quantity| run.get(&Number::new(quantity, place)).copied();
        let is_short = |run: &Numbers| {
            let sent = of(run, Quantity::SentRate)?;
            let requests = of(run, Quantity::Requests).unwrap_or_default();
            let burstiness = cell.load.as_ref().and_then(|load| load.burstiness);
            let chance = burstiness.map_or(0.0, |shape| cell::chance(requests, shape));
            Some(cell::is_short(sent / offered.per_second(), chance))
        };
        cell.rate_missed || self.runs().iter().any(|run| is_short(run) == Some(true))
    }

    /// Whether a bundle of one of its runs is also that of a run of another document. A file of several runs is in the
    /// bundle of each: then their results differ.
    pub fn shares_bundle(&self, other: &Document) -> bool {
        let differs = |ours: &Origins, theirs: &Origins| {
            let hash = |of: &Origins, place: &Place| of.places.get(place)?.sha256.clone();
            let mut places = ours.places.keys();
            places.any(|place| {
                let pair = hash(ours, place).zip(hash(theirs, place));
                pair.is_some_and(|(ours, theirs)| ours != theirs)
            })
        };
        let same = |ours: &Origins, theirs: &Origins| {
            let hash = ours.whole.sha256.as_ref();
            hash.is_some() && hash == theirs.whole.sha256.as_ref() && !differs(ours, theirs)
        };
        let mut ours = self.origins.iter();
        ours.any(|ours| other.origins.iter().any(|theirs| same(ours, theirs)))
    }

    /// Whether a run that the document is made of is also in another one at a place. A result that was read on one side
    /// and lies in the bundle of the other is of a run of both: there another file of that run was preferred to it.
    pub fn shares_run(&self, other: &Document, place: Place) -> bool {
        let runs = |of: &Document| -> Vec<(usize, Origin)> {
            let runs = of.origins.iter().enumerate();
            let here = |(at, run): (usize, &Origins)| Some((at, run.places.get(&place)?.clone()));
            runs.filter_map(here).collect()
        };
        let (ours, theirs) = (runs(self), runs(other));
        let is_shared = |(at, our): &(usize, Origin)| {
            let shares = |(of, their): &(usize, Origin)| {
                our.is_same_run(their) || other.holds(*of, our) || self.holds(*at, their)
            };
            theirs.iter().any(shares)
        };
        ours.iter().any(is_shared)
    }

    /// Whether the result file of a run lies in the bundle of one of the document's runs.
    fn holds(&self, run: usize, origin: &Origin) -> bool {
        let of_run = self.provenance("runs").and_then(|runs| runs.get(run));
        let bundle = of_run.or_else(|| self.map.get("provenance"));
        let files = bundle.and_then(|bundle| bundle.get("files")?.as_array());
        let mut files = files.into_iter().flatten();
        let hash = origin.sha256.as_deref();
        hash.is_some() && files.any(|file| file.get("sha256").and_then(Value::as_str) == hash)
    }

    /// The hashes of the files that a number of the profile was read from, in each of its runs.
    pub fn profile_hashes(&self, quantity: Quantity) -> BTreeSet<&str> {
        fn list(of: Option<&Value>) -> impl Iterator<Item = &Value> {
            of.and_then(Value::as_array).into_iter().flatten()
        }
        let sources = self
            .map
            .get("sources")
            .and_then(|of| of.get(Place::Profile.key()));
        let files = sources.and_then(|of| of.get(quantity.name())?.get("files"));
        let named: Vec<&Value> = list(files).collect();
        let bundles = list(self.provenance("runs")).chain(self.map.get("provenance"));
        let files = bundles.flat_map(|bundle| {
            let of_profile = bundle.get("profile_files");
            list(of_profile.or_else(|| bundle.get("files")))
        });
        let is_named = |file: &&Value| file.get("path").is_some_and(|path| named.contains(&path));
        let hashes = files.filter(is_named);
        hashes
            .filter_map(|file| file.get("sha256")?.as_str())
            .into_set()
    }

    /// The numbers of which two files of a run give different values.
    pub fn disagreeing(&self) -> impl Iterator<Item = Number> {
        let told = self.findings.iter();
        let told = told.filter(|finding| finding.code == FindingCode::SourcesDisagree);
        told.filter_map(|finding| finding.place.number())
    }

    /// By how much they do, in the unit of the number; of trials the most. Older documents do not say it.
    pub fn disagrees_by(&self, number: &Number) -> Option<f64> {
        let of_place = self.map.get("sources")?.get(number.place.key())?;
        let source = of_place.get(number.name.quantity()?.name())?;
        source.get(DISAGREES_BY)?.as_f64()
    }

    /// A field of `provenance`.
    pub fn provenance(&self, key: &str) -> Option<&Value> {
        self.map.get("provenance")?.get(key)
    }

    /// When its run began, of several the first that says so: seconds since 1970, in UTC where the zone is stated.
    pub fn start(&self) -> Option<f64> {
        let start = |run: &Origins| Start::parse(run.whole.start.as_deref()?);
        Some(self.origins.iter().find_map(start)?.seconds)
    }

    /// The place of the headline when this document is a baseline.
    pub fn headline(&self) -> Place {
        // A document that was read has at least one cell.
        let reached = |place: Place| {
            let cell = self.cell(place);
            cell.and_then(|cell| cell.reaches_rate(place)) == Some(true)
        };
        let chosen = headline::choose(self.cell_places(), &reached);
        chosen.unwrap_or(Place::Level(headline::CANONICAL_LEVEL))
    }

    /// The document as JSON text, 2-space indent, one newline at the end.
    pub fn to_json(&self) -> String {
        to_json(&self.map)
    }
}

/// The keys of `definitions` that say something of a quantity: those of its topics, and its own name.
pub fn definitions_of(quantity: Quantity) -> Vec<&'static str> {
    let topics = Topic::covering(quantity).map(|topic| topic.name);
    let mut names: Vec<&'static str> = topics.collect();
    if !names.contains(&quantity.name()) {
        names.push(quantity.name());
    }
    names
}

pub(crate) fn to_json(map: &Map<String, Value>) -> String {
    json::pretty(map, &[SAMPLES])
}
