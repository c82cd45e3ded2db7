//! What a sweep over a fleet needs of one judgement, in one line of JSON.

use super::{entries, told};
use crate::fields::{self, FIELDS};
use crate::json::{put, real, word};
use crate::judge::Judgement;
use crate::judge::status::Status;
use serde_json::{Map, Value};

/// So many rows that moved are kept, worst first.
const ROWS: usize = 12;

/// What of the provenance two runs can have in common.
const PROVENANCE: [&str; 3] = ["tool", "profile_and_optimize_sha", "perfbridge_version"];

/// Renders the line.
pub fn render(judgement: &Judgement) -> String {
    let mut line = Map::new();
    let text = |text: &str| word(Some(text));
    let model = &judgement.context.current["model"];
    put(&mut line, "model", model.clone());
    put(&mut line, "verdict", text(judgement.verdict.as_str()));
    put(&mut line, "rule", text(judgement.rule.as_str()));
    put(&mut line, "tier", text(judgement.tier.as_str()));
    put(&mut line, "reason", text(&judgement.reason));
    let headline = told::headline(judgement).sentence();
    put(&mut line, "headline", text(&headline));
    let started = judgement.runs.iter().filter(|run| run.side == "current");
    let start = started.filter_map(|run| run.start_time.as_deref()).next();
    put(&mut line, "start_time", word(start));
    put(&mut line, "rows", moved(judgement).into());
    let (mut context, mut changed) = (Map::new(), Vec::new());
    for [path, from, to] in leaves(judgement) {
        if !from.is_null() && !fields::same(&from, &to) {
            let mut change = Map::new();
            put(&mut change, "field", path.clone());
            put(&mut change, "from", from);
            put(&mut change, "to", to.clone());
            changed.push(change.into());
        }
        put(&mut context, path.as_str().unwrap_or_default(), to);
    }
    put(&mut line, "changed", Value::Array(changed));
    put(&mut line, "context", context.into());
    Value::Object(line).to_string().replace("##", "#\\u0023") + "\n"
}

/// The rows that moved, worst first.
fn moved(judgement: &Judgement) -> Vec<Value> {
    let mut rows = Vec::new();
    for row in told::worst_first(judgement) {
        let direction = match row.status {
            Status::Regressed => "worse",
            Status::Unresolved => "unresolved",
            Status::Improved => "better",
            _ => continue,
        };
        let mut of_row = Map::new();
        put(&mut of_row, "metric", word(Some(&row.name())));
        put(&mut of_row, "place", word(Some(&row.place().to_string())));
        put(&mut of_row, "direction", word(Some(direction)));
        // Tolerances, to a hundredth: enough to put rows in order.
        let off = (row.badness() * 100.0).round() / 100.0;
        put(&mut of_row, "off", real(Some(off)));
        let shown = entries::sentence(judgement, row);
        put(&mut of_row, "shown", word(Some(&shown)));
        rows.push(of_row.into());
        if rows.len() == ROWS {
            break;
        }
    }
    rows
}

/// Path, the baseline's value and the current one of everything that describes the current run, fields that we do not know
/// among them. Which model it is of tells nothing that others could share.
fn leaves(judgement: &Judgement) -> Vec<[Value; 3]> {
    let mut found = Vec::new();
    let sides = [&judgement.context.baseline, &judgement.context.current];
    for section in ["deployment", "workload", "context"] {
        descend(section, sides.map(|side| &side[section]), &mut found);
    }
    let sides = [
        &judgement.provenance.baseline,
        &judgement.provenance.current,
    ];
    for key in PROVENANCE {
        let path = format!("provenance.{key}");
        descend(&path, sides.map(|side| &side[key]), &mut found);
    }
    found
}

/// What says how a run was judged, and nothing of how it was served.
fn is_beside(path: &str) -> bool {
    let field = FIELDS.iter().find(|field| field.path == path);
    field.is_some_and(|field| !field.identity && !field.may_differ) && path != fields::REGIME
}

fn descend(path: &str, [from, to]: [&Value; 2], found: &mut Vec<[Value; 3]>) {
    match to {
        Value::Null => {}
        Value::Object(map) => {
            for (key, value) in map {
                descend(
                    &format!("{path}.{key}"),
                    [&from[key.as_str()], value],
                    found,
                );
            }
        }
        _ if is_beside(path) => {}
        value => found.push([path.into(), from.clone(), value.clone()]),
    }
}
