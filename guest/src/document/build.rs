//! Makes the document of a run.

use super::ceiling::{self, Ceiling};
use super::conditions;
use super::content::{DISAGREES_BY, VALIDITY};
use super::context::{self, Setting};
use super::definitions::{Definitions, DefinitionsOfLevels};
use super::levels::{self, Chosen};
use super::load;
use super::reader::Reader;
use super::sections;
use super::{Document, SAMPLES, SCHEMA, facts, mirror, samples};
use crate::fault::{Code, Fault, Result, Sub};
use crate::finding::{Finding, FindingCode};
use crate::measure::quantity::Stands;
use crate::measure::{Number, Place, Quantity, band, place};
use crate::order::Keyed as _;
use crate::profile;
use crate::provenance::{FileDigest, Provenance};
use crate::run::{Profiles, Run, Served, Speaker, Statement, States, each_model, names_one_model};
use crate::secret;
use crate::server;
use crate::sources::expected;
use crate::stats::clock;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// What the caller adds to a bundle.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The served model name; needed where the bundle names none or several.
    pub model: Option<String>,
    /// Dotted path and value of each setting, in order.
    pub settings: Vec<(String, String)>,
    /// Hashes and circumstances, made by the host.
    pub provenance: Provenance,
    /// The ceiling that `sol_pct` is a share of.
    pub ceiling: Option<Ceiling>,
}

/// Makes the document of everything that was found in a bundle.
///
/// Faults: no or several models and none chosen, two runs of one level, a setting that does not exist.
pub fn build(run: &Run, paired_profile: Option<&Profiles>, options: &Options) -> Result<Document> {
    let model = choose_model(run, options.model.as_deref())?;
    let mut findings = run.findings.clone();
    findings.extend(not_served(run, &model));
    let levels = levels::group(run, &model, &mut findings)?;
    if levels.is_empty() {
        let mut results = run.formats.clone();
        results.retain(|format| format.states == States::Results);
        return Err(Fault::because(
            Sub::NoResult,
            format!(
                "found no result for the model {model:?}\n{}",
                expected(&results)
            ),
        ));
    }
    let settings: Vec<Setting> = options
        .settings
        .iter()
        .map(|(path, value)| Setting {
            path: path.clone(),
            value: value.clone(),
        })
        .collect();
    let mut statements = context::settings(&settings)?;
    let of_model = |statement: &&Statement| match &statement.model {
        Some(named) if statement.speaker == Speaker::Server => names_one_model(named, &model),
        named => named.as_ref().is_none_or(|named| *named == model),
    };
    statements.extend(run.statements.iter().filter(of_model).cloned());
    statements.retain(|statement| statement.field != "model");
    statements.extend(context::implied(&run.server, &model, &statements));
    let mut stated = context::merge(&statements, &mut findings);

    findings.extend(conditions::starts_apart(&levels));
    let numbers = Numbers::of(&levels, &options.provenance.files, &mut findings)?;
    let planned = |place: Place| levels::planned_requests(levels.get(&place)?);
    context::derive(&mut stated, levels.keys().copied(), &planned);
    let conditions = server::Conditions {
        model: Some(model.clone()),
        loads: numbers.loads.clone(),
        prefix_caching_off: stated
            .get("context.prefix_caching")
            .is_some_and(|value| value == "off"),
    };
    let server = server::resolve(&run.server, &conditions);
    findings.extend(server.findings.iter().cloned());
    let profile = profile::resolve(paired_profile.unwrap_or(&run.profile));
    findings.extend(profile.findings.iter().cloned());

    let mut map = Map::new();
    map.insert("schema".into(), SCHEMA.into());
    map.insert("model".into(), model.into());
    let sweep = levels.keys().filter_map(|place| place.concurrency());
    sections::insert_context(&mut map, &stated, &sweep.collect::<Vec<_>>());
    map.insert(place::LEVELS.into(), numbers.levels.into());
    if !numbers.rates.is_empty() {
        map.insert(place::RATES.into(), numbers.rates.into());
    }
    let mut sources = numbers.sources;
    sections::insert_server(&mut map, &mut sources, &server);
    sections::insert_profile(&mut map, &mut sources, &profile);
    let definitions = sections::definitions(&numbers.definitions, &server);
    map.insert("definitions".into(), definitions);
    map.insert(VALIDITY.into(), run.validity.clone().into());
    map.insert("sources".into(), sources.into());
    let captured_at = captured_at(run);
    let known = &options.provenance;
    let mut provenance = known.to_json(run.tool.as_deref(), captured_at, &stated);
    if !run.commands.is_empty() {
        provenance["commands"] = json!(run.commands);
    }
    map.insert("provenance".into(), provenance);
    map.insert("findings".into(), json!(findings));
    if let Some(ceiling) = &options.ceiling {
        ceiling::insert(&mut map, ceiling)?;
    }
    if let Some(section) = samples::section(&levels) {
        map.insert(SAMPLES.into(), section);
    }
    mirror::add(&mut map);
    redact(&mut map);
    Reader::of_object().document(map)
}

/// Takes keys, passwords and tokens out of every text of a document, but the names of files: those are hashed.
fn redact(map: &mut Map<String, Value>) {
    for (name, value) in map.iter_mut() {
        match value {
            Value::Object(provenance) if name == "provenance" => {
                let of_text = provenance.values_mut().filter(|value| value.is_string());
                of_text.for_each(secret::redact_all);
            }
            value => secret::redact_all(value),
        }
    }
}

fn choose_model(run: &Run, wanted: Option<&str>) -> Result<String> {
    let named = run.results.iter();
    let stated: BTreeSet<&str> = named
        .filter_map(|result| result.model.as_deref())
        .into_set();
    let list = || stated.iter().copied().collect::<Vec<_>>().join(", ");
    match (wanted, stated.len()) {
        (Some(wanted), _) if stated.is_empty() || stated.contains(wanted) => Ok(wanted.to_owned()),
        (Some(wanted), _) => Err(Fault::because(
            Sub::ModelUnknown,
            format!(
                "the model {wanted:?} was asked for, but this bundle holds: {}",
                list()
            ),
        )),
        (None, 1) => Ok(list()),
        (None, 0) => only_served(run).ok_or_else(|| {
            Fault::because(
                Sub::ModelUnstated,
                "nothing in this bundle names the model that was served; name it, as /v1/models returns it",
            )
        }),
        (None, _) => Err(Fault::because(
            Sub::ModelAmbiguous,
            format!(
                "this bundle holds several models: {}. Choose one of them",
                list()
            ),
        )),
    }
}

/// The one model of all saved answers of `/v1/models`.
fn only_served(run: &Run) -> Option<String> {
    let all: BTreeSet<&String> = run
        .served
        .iter()
        .flat_map(|served| &served.models)
        .into_set();
    match all.into_iter().collect::<Vec<_>>()[..] {
        [only] => Some(only.clone()),
        _ => None,
    }
}

/// Saved answers of a server that did not serve the model: the results are of another server, or the answer is.
fn not_served(run: &Run, model: &str) -> impl Iterator<Item = Finding> {
    let is_it = move |other: &String| each_model(model).any(|one| names_one_model(other, one));
    let without = move |served: &&Served| !served.models.iter().any(is_it);
    run.served.iter().filter(without).map(move |served| {
        let message = format!(
            "the server lists {}; the run names the model {model:?}",
            served.models.join(", ")
        );
        Finding::new(FindingCode::ModelNotServed, served.file.clone(), message)
    })
}

/// The numbers of all cells, ready for the document.
#[derive(Default)]
struct Numbers {
    levels: Map<String, Value>,
    rates: Map<String, Value>,
    sources: Map<String, Value>,
    definitions: Definitions,
    loads: Vec<server::Load>,
}

impl Numbers {
    fn of(
        levels: &levels::Levels<'_>,
        digests: &[FileDigest],
        findings: &mut Vec<Finding>,
    ) -> Result<Self> {
        let mut numbers = Numbers::default();
        let mut definitions = DefinitionsOfLevels::default();
        for (place, results) in levels {
            let (mut values, mut sources) = (Map::new(), Map::new());
            for quantity in Quantity::standing(Stands::Cell) {
                let name = quantity.name();
                let chosen = levels::choose(*place, quantity, results, findings);
                if let Some(chosen) = &chosen {
                    check_count(Number::new(quantity, *place), chosen, &values)?;
                    definitions.add(quantity, &chosen.from.definitions);
                    findings.extend(doubtful(Number::new(quantity, *place), chosen));
                }
                let value = chosen.as_ref().map(|chosen| number(quantity, chosen));
                if value.is_some() || !quantity.is_asked_for() {
                    values.insert(name.into(), value.unwrap_or_default());
                }
                if let Some(chosen) = &chosen {
                    let is_count = quantity.unit().is_count();
                    sources.insert(name.into(), source(chosen, is_count));
                }
            }
            findings.extend(levels::incomplete(results));
            findings.extend(levels::ended_early(*place, results));
            if let Some(achieved) = conditions::achieved(*place, results) {
                values.insert(Quantity::SentRate.name().into(), achieved.per_second.into());
                findings.extend(conditions::rate_not_reached(*place, &achieved));
            }
            let seconds = levels::choose(*place, Quantity::BenchmarkSeconds, results, findings);
            let seconds = seconds.map(|chosen| chosen.reading.value);
            let load = load::of(*place, levels, &values, seconds);
            numbers.loads.push(load);
            facts::insert(&mut values, &conditions::of_place(*place, results, digests));
            match place {
                Place::Rate(rate) => numbers.rates.insert(rate.to_string(), values.into()),
                place => numbers.levels.insert(place.key(), values.into()),
            };
            numbers.sources.insert(place.key(), sources.into());
        }
        numbers.definitions = definitions.of_all();
        Ok(numbers)
    }
}

/// Refuses counts that cannot be, by the file that has them; `before` are the numbers of the cell that stand before it.
fn check_count(number: Number, chosen: &Chosen<'_>, before: &Map<String, Value>) -> Result<()> {
    let value = chosen.reading.value;
    let is = |of: Quantity| number.name.is(of);
    let errors = before.get(Quantity::Errors.name()).and_then(Value::as_f64);
    let is_count = number
        .name
        .quantity()
        .is_some_and(|of| of.unit().is_count());
    let (code, message) = if is_count && value.fract() != 0.0 {
        let message = format!("found {value}; expected a whole number");
        (Code::BadValue, message)
    } else if is(Quantity::Requests) && errors.is_some_and(|errors| errors > value) {
        let message = format!(
            "found {value} requests and more errors; expected all requests that ended, failed ones included"
        );
        (Code::Damaged, message)
    } else {
        return Ok(());
    };
    let at = (&chosen.from.file, chosen.from.line, number.path());
    Err(Fault::new(code, message).at_field(at.0, at.1, &at.2))
}

/// `UNIT_DOUBTFUL`: a number that is hardly of the unit that its file claims.
fn doubtful(number: Number, chosen: &Chosen<'_>) -> Option<Finding> {
    let why = band::doubt(number.name.quantity()?, chosen.reading.value)?;
    let message = format!("{} {why}", chosen.from.file);
    Some(Finding::new(FindingCode::UnitDoubtful, number, message))
}

/// Counts are written as whole numbers.
fn number(quantity: Quantity, chosen: &Chosen<'_>) -> Value {
    let value = chosen.reading.value;
    if quantity.unit().is_count() {
        sections::whole(value)
    } else {
        value.into()
    }
}

fn source(chosen: &Chosen<'_>, is_count: bool) -> Value {
    let mut source = Map::new();
    source.insert("file".into(), chosen.from.file.clone().into());
    source.insert("format".into(), chosen.from.format.name.into());
    if let Some(samples) = chosen.reading.samples {
        source.insert("requests".into(), samples.into());
    }
    if let Some(rounding) = chosen.reading.rounding().filter(|_| !is_count) {
        source.insert("rounding".into(), rounding.into());
    }
    if let Some(by) = chosen.disagrees_by {
        source.insert(DISAGREES_BY.into(), by.into());
    }
    if let Some(method) = chosen.reading.method {
        source.insert("method".into(), method.into());
    }
    source.into()
}

/// When the run was captured: what the exports say, or the records where there is no export.
fn captured_at(run: &Run) -> Option<String> {
    let starts = run.results.iter().filter_map(|it| it.start_time.as_ref());
    let first = || starts.reduce(|a, b| if clock::is_earlier(b, a) { b } else { a });
    run.captured_at.clone().or_else(|| first().cloned())
}
