//! OpenMetrics text: the numbers of both sides and what became of each, for `reports:metrics` of GitLab and for
//! Prometheus.

use super::entries::model;
use crate::judge::Judgement;
use crate::judge::row::Row;
use crate::judge::status::Status;
use crate::measure::Name;
use serde_json::Value;

/// Endings of names that are their unit.
const UNITS: [&str; 4] = ["toks_per_s", "per_s", "ms", "pct"];

/// Renders a judgement. Values are as in the JSON: nothing is converted, so a name ends with the unit that it has there.
pub fn render(judgement: &Judgement, _: super::Layout) -> String {
    let model = label("model", &model(judgement));
    let mut out = family(
        "perfbridge_judgement",
        "info",
        "The verdict and what gave it.",
    );
    out += &format!(
        "perfbridge_judgement_info{{{model},verdict=\"{}\",rule=\"{}\",tier=\"{}\"{}}} 1\n",
        judgement.verdict.as_str(),
        judgement.rule.as_str(),
        judgement.tier.as_str(),
        match &judgement.gate {
            Some(gate) => format!(",gate=\"{}\"", gate.outcome.as_str()),
            None => String::new(),
        }
    );
    let mut done: Vec<&str> = Vec::new();
    for row in &judgement.rows {
        let name = row.metric.name();
        if done.contains(&name) {
            continue;
        }
        done.push(name);
        metric(&mut out, name, &judgement.rows, &model);
    }
    out += &family(
        "perfbridge_regressed",
        "gauge",
        "1 where a number is worse beyond its tolerance, else 0; without a sample where it was not judged.",
    );
    for row in judgement.rows.iter().filter(|row| row.status.is_judged()) {
        let labels = labels(&model, row);
        let regressed = u8::from(row.status == Status::Regressed);
        out += &format!(
            "perfbridge_regressed{{{labels},metric=\"{}\"}} {regressed}\n",
            row.metric.name()
        );
    }
    out + "# EOF\n"
}

/// All samples of one metric: the numbers of both sides at each place.
fn metric(out: &mut String, metric: &str, rows: &[Row], model: &str) {
    let name = format!("perfbridge_{metric}");
    let mut begun = false;
    for row in rows {
        let of = row.metric;
        for (side, value) in [("baseline", row.baseline), ("current", row.current)] {
            let Some(value) = value.filter(|_| of.name() == metric) else {
                continue;
            };
            if !begun {
                begun = true;
                let unit = of.unit().as_str();
                let help = format!("{}, {}, in {unit}.", of.words, of.better.as_str());
                *out += &family(&name, "gauge", &help);
                if let Some(unit) = UNITS.iter().find(|unit| metric.ends_with(**unit)) {
                    *out += &format!("# UNIT {name} {unit}\n");
                }
            }
            let labels = labels(model, row);
            *out += &format!(
                "{name}{{{labels},side=\"{side}\"}} {}\n",
                Value::from(value)
            );
        }
    }
}

fn family(name: &str, kind: &str, help: &str) -> String {
    format!("# TYPE {name} {kind}\n# HELP {name} {help}\n")
}

/// What tells one row of a metric from another.
fn labels(model: &str, row: &Row) -> String {
    let mut labels = format!("{model},{}", label("place", &row.number.place.to_string()));
    if let Name::Class(class) = &row.number.name {
        labels += ",";
        labels += &label("class", class);
    }
    labels
}

/// A label. Its value keeps every letter, since two that differ must stay two; what would steer a terminal is written out.
fn label(name: &str, value: &str) -> String {
    let mut safe = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '\\' => safe += "\\\\",
            '"' => safe += "\\\"",
            '\n' => safe += "\\n",
            c if super::screen::is_hidden(c) => safe += &format!("\\\\u{{{:x}}}", u32::from(c)),
            c => safe.push(c),
        }
    }
    format!("{name}=\"{safe}\"")
}
