//! A format that no program writes: one line of JSON for each result, of any levels and models in one file.

use perfbridge_guest::fault::Result;
use perfbridge_guest::files::{Tree, read_text};
use perfbridge_guest::json;
use perfbridge_guest::measure::Quantity;
use perfbridge_guest::run::{Format, LevelResult, Planned, Reading, Run, Speaker, States};
use perfbridge_guest::sources::Source;
use serde_json::Value;

pub static SOURCE: Source = Source {
    format: Format {
        name: "toy-lines",
        title: "Toy results (toy.jsonl)",
        tool: Some("Toy"),
        states: States::Results,
        speaker: Speaker::Tool,
        one_each: true,
        of_many_levels: true,
    },
    begins: None,
    by_content: |candidate| candidate.top_level_keys().first() == Some(&"toy"),
    by_name: |name| name == "toy.jsonl",
    read: |run, tree, path| read(&SOURCE.format, run, tree, path),
};

/// The same of no one tool: it may stand beside the files of another.
pub static OF_ANY_TOOL: Source = Source {
    format: Format {
        name: "toy-of-any",
        tool: None,
        title: "Toy results (toy.jsonl)",
        states: States::Results,
        speaker: Speaker::Tool,
        one_each: true,
        of_many_levels: true,
    },
    begins: None,
    by_content: SOURCE.by_content,
    by_name: SOURCE.by_name,
    read: |run, tree, path| read(&OF_ANY_TOOL.format, run, tree, path),
};

fn read(format: &'static Format, run: &mut Run, tree: &dyn Tree, path: &str) -> Result<()> {
    for line in read_text(tree, path)?.lines() {
        let stated = Value::Object(json::parse_object(path, line)?);
        let mut result = LevelResult::new(format, path);
        result.place = stated["place"]
            .as_str()
            .and_then(|place| place.parse().ok());
        result.model = stated["model"].as_str().map(str::to_owned);
        result.planned = stated["requests"].as_u64().map(Planned::Requests);
        for (quantity, name) in [
            (Quantity::Throughput, "tokens_per_s"),
            (Quantity::TtftP50, "ttft_ms"),
            (Quantity::Requests, "ended"),
        ] {
            if let Some(value) = stated[name].as_f64() {
                result.push(quantity, Reading::exact(value));
            }
        }
        if let Some(data) = stated["data"].as_str() {
            run.state(format, "workload.dataset", data, path);
        }
        run.results.push(result);
    }
    Ok(())
}
