//! What a policy makes of each row and why, as JSON.

use crate::json::real;
use crate::judge::Judgement;
use crate::judge::gating::Gating;
use crate::judge::row::Row;
use crate::order::Ordered as _;
use serde_json::{Map, Value, json};

/// The value of `schema`.
pub const SCHEMA: &str = "perfbridge_policy_explain_v1";

/// Renders what applies to each row of a judgement, the rules that apply to none, and what the gate demands.
pub fn render(judgement: &Judgement) -> String {
    let policy = &judgement.policy;
    let row = |row: &Row| {
        let waiver = policy
            .gating
            .waivers
            .iter()
            .position(|waiver| waiver.number == row.number);
        json!({
            "metric": row.name(),
            "place": row.number.place.to_string(),
            "tolerance": row.shown.tolerance,
            "source": row.applied.source(row.metric),
            "rule": row.applied.rule,
            "waiver": waiver.map(|at| at + 1),
        })
    };
    let rows: Vec<Value> = judgement.rows.iter().map(row).collect();
    let used: Vec<_> = judgement.rows.iter().map(|row| row.applied).collect();
    let mut unused = policy.tolerances.unused(&used);
    unused.order();
    let mut map = Map::new();
    let mut put = |key: &str, value: Value| map.insert(key.to_owned(), value);
    put("schema", SCHEMA.into());
    put("model", judgement.context.current["model"].clone());
    put("verdict", judgement.verdict.as_str().into());
    put("headline", judgement.headline.place.to_string().into());
    put("vary", policy.vary.clone().into());
    put("observe_tails", policy.observe_tails.into());
    put(
        "baseline_max_age_days",
        policy.baseline_max_age_days().into(),
    );
    put("rows", rows.into());
    put("rules_without_a_row", unused.into());
    put("demands", demands(&policy.gating));
    let mut text = serde_json::to_string_pretty(&map).unwrap_or_default();
    text.push('\n');
    text
}

/// What the gate demands; null where the policy speaks of none.
fn demands(gating: &Gating) -> Value {
    if !gating.asked {
        return Value::Null;
    }
    let waiver = |waiver: &crate::judge::gating::Waiver| {
        json!({
            "metric": waiver.number.name.to_string(),
            "place": waiver.number.place.to_string(),
            "owner": waiver.owner,
            "reason": waiver.reason,
            "expires": waiver.expires,
        })
    };
    let waivers: Vec<Value> = gating.waivers.iter().map(waiver).collect();
    json!({
        "fail_on": if gating.fails_on_yellow { "yellow" } else { "red" },
        "require_tier": if gating.takes_drafts { "draft" } else { "verdict" },
        "inconclusive": gating.inconclusive.as_str(),
        "ratchet": gating.ratchet,
        "sol_pct": gating.sol.map(|sol| json!({"min": real(sol.min), "max_loss": real(sol.max_loss)})),
        "waivers": waivers,
    })
}
