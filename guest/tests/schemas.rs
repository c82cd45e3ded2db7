//! The closed lists of names in `schemas/` are those of the tables: a new metric, rule or status that a schema
//! does not know fails here.

use perfbridge_guest::document;
use perfbridge_guest::judge::policy::Origin;
use perfbridge_guest::judge::rule::{Rule, Verdict};
use perfbridge_guest::judge::status::Status;
use perfbridge_guest::judge::tier::Tier;
use perfbridge_guest::measure::definition::TOPICS;
use perfbridge_guest::measure::metrics::{Better, Kind};
use perfbridge_guest::measure::quantity::{Stands, Statistic};
use perfbridge_guest::measure::{Definition, LoadKind, METRICS, Metric, Quantity, Sampled, Unit};
use perfbridge_guest::run::first_wave::Part;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;

fn schema(name: &str) -> Value {
    let path = format!("../schemas/{name}.schema.json");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn at<'a>(schema: &'a Value, pointer: &str) -> &'a Value {
    schema
        .pointer(pointer)
        .unwrap_or_else(|| panic!("no {pointer}"))
}

/// The keys of an object, in the order of the file.
fn keys(schema: &Value, pointer: &str) -> Vec<String> {
    let object = at(schema, pointer).as_object().expect("an object");
    object.keys().cloned().collect()
}

/// The texts of a list.
fn list(schema: &Value, pointer: &str) -> Vec<String> {
    let list = at(schema, pointer).as_array().expect("a list");
    let text = |item: &Value| item.as_str().expect("a text").to_owned();
    list.iter().map(text).collect()
}

fn names(stands: Stands) -> Vec<&'static str> {
    Quantity::standing(stands).map(Quantity::name).collect()
}

#[test]
fn a_document_holds_the_quantities() {
    let schema = schema(document::SCHEMA);
    let cell = "/$defs/cell/properties";
    let facts = [
        "load",
        "run_id",
        "start_time",
        "result_sha256",
        "other_results_sha256",
        "validity",
        "slo",
        "first_wave",
    ];
    let expected: Vec<&str> = names(Stands::Cell).into_iter().chain(facts).collect();
    assert_eq!(keys(&schema, cell), expected);
    let kinds = list(
        &schema,
        &format!("{cell}/load/anyOf/0/properties/kind/enum"),
    );
    assert_eq!(
        kinds,
        LoadKind::ALL
            .iter()
            .map(|kind| kind.as_str())
            .collect::<Vec<_>>()
    );
    assert_eq!(keys(&schema, "/$defs/part/properties"), Part::KEYS);
    for quantity in Quantity::standing(Stands::Cell) {
        let kind = if quantity.unit().is_count() {
            json!(["integer", "null"])
        } else {
            json!(["number", "null"])
        };
        let pointer = format!("{cell}/{}/type", quantity.name());
        assert_eq!(at(&schema, &pointer), &kind, "{}", quantity.name());
    }
    let server = "/properties/server_metrics_delta/anyOf/0/properties";
    assert_eq!(keys(&schema, server), names(Stands::Server));
    for quantity in Quantity::standing(Stands::Server) {
        let of_quantity = at(&schema, &format!("{server}/{}", quantity.name()));
        let most = of_quantity.get("maximum").and_then(Value::as_f64);
        assert_eq!(most, quantity.unit().most(), "{}", quantity.name());
    }
    for name in names(Stands::Top) {
        let most = at(&schema, &format!("/properties/{name}/maximum"));
        assert_eq!(most.as_f64(), Unit::Percent.most());
    }
    let [classes] = names(Stands::Class)[..] else {
        panic!("one family of classes")
    };
    let shares = format!("/properties/{classes}/additionalProperties/maximum");
    assert_eq!(at(&schema, &shares).as_f64(), Unit::Percent.most());
    for section in ["metrics", "metrics_by_request_rate"] {
        let cells = at(&schema, &format!("/properties/{section}/patternProperties"));
        let cells = cells.as_object().expect("patterns");
        assert!(cells.values().eq([&json!({"$ref": "#/$defs/cell"})]));
    }
}

#[test]
fn a_document_names_the_definitions_of_its_metrics() {
    let schema = schema(document::SCHEMA);
    let section = "/properties/definitions/properties";
    let mut named: BTreeSet<String> = keys(&schema, section).into_iter().collect();
    assert!(named.remove("prefix_cache_hit_rate_window"));
    for topic in TOPICS {
        assert!(named.remove(topic.name), "{}", topic.name);
        let expected: Vec<&str> = topic.values.iter().map(|one| one.as_str()).collect();
        let pointer = format!("{section}/{}/anyOf/0/enum", topic.name);
        assert_eq!(list(&schema, &pointer), expected);
    }
    assert!(named.is_empty(), "{named:?} are defined nowhere");
    let used = |one: &&Definition| TOPICS.iter().any(|topic| topic.values.contains(one));
    assert!(Definition::ALL.iter().all(|one| used(&one)));
}

#[test]
fn request_samples_are_of_what_is_kept() {
    let schema = schema(document::SCHEMA);
    let cells = at(&schema, "/properties/request_samples/patternProperties");
    let of_cell = cells.as_object().and_then(|map| map.values().next());
    let mut kept = keys(of_cell.expect("a pattern"), "/properties");
    kept.retain(|key| key != "of" && key != "trials");
    assert_eq!(kept, Sampled::ALL.map(Sampled::as_str));
}

#[test]
fn a_judgement_says_the_rules_and_statuses() {
    let schema = schema(perfbridge_guest::judge::SCHEMA);
    let verdicts: Vec<&str> = Verdict::ALL.iter().map(|one| one.as_str()).collect();
    assert_eq!(list(&schema, "/properties/verdict/enum"), verdicts);
    let rules: Vec<&str> = Rule::ALL.iter().map(|one| one.as_str()).collect();
    assert_eq!(list(&schema, "/properties/rule/enum"), rules);
    let tiers: Vec<&str> = Tier::ALL.iter().map(|one| one.as_str()).collect();
    assert_eq!(list(&schema, "/properties/tier/enum"), tiers);
    let statuses: Vec<&str> = Status::ALL.iter().map(|one| one.as_str()).collect();
    let row = "/$defs/row/properties";
    assert_eq!(list(&schema, &format!("{row}/status/enum")), statuses);
    let headline = at(&schema, "/properties/headline/properties/metric/const");
    assert_eq!(
        headline,
        perfbridge_guest::measure::metrics::HEADLINE.name()
    );
    let units = list(&schema, &format!("{row}/unit/enum"));
    let units: BTreeSet<&str> = units.iter().map(String::as_str).collect();
    let expected = METRICS.iter().map(|metric| metric.unit().as_str());
    assert_eq!(units, expected.collect());
    let directions = [Better::Higher, Better::Lower].map(Better::as_str);
    assert_eq!(list(&schema, &format!("{row}/direction/enum")), directions);
    let kinds = [Kind::Percent, Kind::Absolute].map(Kind::as_str);
    assert_eq!(list(&schema, &format!("{row}/tolerance_kind/enum")), kinds);
    let origins = [Origin::Default, Origin::Policy, Origin::CommandLine].map(Origin::as_str);
    let listed = list(&schema, &format!("{row}/tolerance_origin/enum"));
    assert_eq!(listed, origins);
}

#[test]
fn evidence_is_of_percentiles_of_requests() {
    let schema = schema(perfbridge_guest::judge::SCHEMA);
    let kept = Sampled::ALL.map(Sampled::as_str);
    assert_eq!(list(&schema, "/$defs/quantity/enum"), kept);
    let metric = "/properties/evidence/properties/differences/items/properties/metric/enum";
    let percentiles = METRICS
        .iter()
        .filter(|metric| matches!(metric.quantity.statistic(), Statistic::Quantile(..)));
    let expected: Vec<&str> = percentiles.map(Metric::name).collect();
    assert_eq!(list(&schema, metric), expected);
}

/// `perfbridge record` prints a cell of the document.
#[test]
fn a_record_prints_a_cell() {
    let record = schema("perfbridge_record_v1");
    let cell = at(&record, "/properties/headline/properties/metrics");
    assert_eq!(cell, at(&schema(document::SCHEMA), "/$defs/cell"));
}
