//! What a policy makes of each row and why, as JSON.

use super::entries::json;
use crate::judge::Judgement;
use crate::judge::gating::{Gating, Waiver};
use crate::judge::tolerance::{Set, is_meant};

/// The value of `schema`.
pub const SCHEMA: &str = "perfbridge_policy_explain_v1";

/// Renders what applies to each row of a judgement, the rules that apply to none, and what the gate demands.
pub fn render(judgement: &Judgement) -> String {
    let policy = &judgement.policy;
    let model = judgement.context.current["model"].as_str();
    let model = model.unwrap_or_default();
    let of_model = |pattern: &Option<String>| is_meant(pattern.as_deref(), model);
    let waivers: Vec<&Waiver> = policy
        .gating
        .waivers
        .iter()
        .filter(|waiver| of_model(&waiver.model))
        .collect();
    let mut rows = Vec::new();
    for row in &judgement.rows {
        let waiver = waivers.iter().position(|one| one.number == row.number);
        rows.push(format!(
            r#"{{"metric":{},"place":{},"tolerance":{},"source":{},"rule":{},"waiver":{}}}"#,
            json(&row.name()),
            json(&row.number.place.to_string()),
            json(&row.shown.tolerance),
            json(&row.applied.source(row.metric)),
            count(row.applied.rule),
            count(waiver.map(|at| at + 1)),
        ));
    }
    let is_used = |rule: usize| {
        let mut rows = judgement.rows.iter();
        rows.any(|row| row.applied.rule == Some(rule))
    };
    let unused = |set: &Set| {
        let rule = set.rule.filter(|_| of_model(&set.model))?;
        (!is_used(rule)).then(|| rule.to_string())
    };
    let unused: Vec<String> = policy.tolerances.sets.iter().filter_map(unused).collect();
    let vary: Vec<String> = policy.vary.iter().map(|name| json(name)).collect();
    format!(
        r#"{{"schema":"{SCHEMA}","model":{},"verdict":"{}","headline":{},"vary":[{}],"observe_tails":{},"baseline_max_age_days":{},"rows":[
{}],
"rules_without_a_row":[{}],"demands":{}}}
"#,
        json(model),
        judgement.verdict.as_str(),
        json(&judgement.headline.place.to_string()),
        vary.join(","),
        policy.observe_tails,
        policy.baseline_max_age_days(),
        rows.join(",\n"),
        unused.join(","),
        demands(&policy.gating, &waivers),
    )
}

fn count(number: Option<usize>) -> String {
    number.map_or_else(|| "null".to_owned(), |number| number.to_string())
}

fn real(number: Option<f64>) -> String {
    number.map_or_else(|| "null".to_owned(), |number| number.to_string())
}

/// What the gate demands; null where the policy speaks of none.
fn demands(gating: &Gating, waivers: &[&Waiver]) -> String {
    if !gating.asked {
        return "null".to_owned();
    }
    let mut listed = Vec::new();
    for waiver in waivers {
        listed.push(format!(
            r#"{{"metric":{},"place":{},"owner":{},"reason":{},"expires":{}}}"#,
            json(&waiver.number.name.to_string()),
            json(&waiver.number.place.to_string()),
            json(&waiver.owner),
            json(&waiver.reason),
            json(&waiver.expires),
        ));
    }
    let sol = match gating.sol {
        None => "null".to_owned(),
        Some(sol) => format!(
            r#"{{"min":{},"max_loss":{}}}"#,
            real(sol.min),
            real(sol.max_loss)
        ),
    };
    format!(
        r#"{{"fail_on":"{}","require_tier":"{}","inconclusive":"{}","ratchet":{},"sol_pct":{sol},"waivers":[{}]}}"#,
        if gating.fails_on_yellow {
            "yellow"
        } else {
            "red"
        },
        if gating.takes_drafts {
            "draft"
        } else {
            "verdict"
        },
        gating.inconclusive.as_str(),
        gating.ratchet,
        listed.join(","),
    )
}
