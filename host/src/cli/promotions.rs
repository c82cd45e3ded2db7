//! `promotions`: who gave which entry a role, when and why. The log is that of the marks, which are only added.

use super::args::PromotionsArgs;
use super::naming;
use super::output::{Output, columns};
use super::promote::said;
use crate::error::Result;
use crate::exit::Exit;
use crate::registry::{self, FAMILY};
use perfbridge_registry::{Mark, Registry, baselines_of};
use serde_json::{Value, json};

/// Lists every move of a role, oldest first.
pub fn promotions(args: &PromotionsArgs, output: &Output) -> Result<Exit> {
    let root = registry::root(args.root.repo_root.as_deref())?;
    let registry = Registry::open(&root);
    let measurements = match &args.name {
        Some(name) => vec![naming::measurement_of(&root, name)?],
        None => registry.measurements(FAMILY)?,
    };
    let mut moves: Vec<(String, Mark)> = Vec::new();
    for measurement in measurements
        .into_iter()
        .filter(|name| baselines_of(name) == name)
    {
        let marks = registry.marks(FAMILY, &measurement)?;
        for unreadable in &marks.unreadable {
            output.say(&format!(
                "note: no mark: {}: {}",
                unreadable.dir.display(),
                unreadable.why
            ));
        }
        moves.extend(
            marks
                .log
                .into_iter()
                .map(|mark| (measurement.clone(), mark)),
        );
    }
    moves.retain(|(_, mark)| {
        let role = mark.role.as_deref();
        role.is_some() && (args.role.is_none() || role == args.role.as_deref())
    });
    if output.json() {
        let listed: Vec<Value> = moves.iter().map(|(of, mark)| listed(of, mark)).collect();
        output.value(
            &json!({"schema": "perfbridge_promotions_v1", "root": root, "promotions": listed}),
        )?;
        return Ok(Exit::Pass);
    }
    if moves.is_empty() {
        output.say("nothing was promoted; perfbridge promote does that");
        return Ok(Exit::Pass);
    }
    let mut rows = vec![["WHEN", "WHO", "ROLE", "ENTRY", "REPLACES", "WHY"].map(str::to_owned)];
    rows.extend(moves.iter().map(|(of, mark)| row(of, mark)));
    output.data(&columns(&rows))?;
    Ok(Exit::Pass)
}

fn listed(measurement: &str, mark: &Mark) -> Value {
    let promotion = mark.promotion.as_ref();
    json!({
        "measurement": measurement,
        "slug": mark.slug,
        "role": mark.role,
        "released": mark.released,
        "at": mark.marked_at_utc,
        "operator": mark.operator_user,
        "reason": promotion.map(|one| &one.reason),
        "replaces": promotion.and_then(|one| one.replaces.as_ref()),
        "source_sha256": promotion.map(|one| &one.source_sha256),
        "evals": promotion.map(|one| &one.evals),
        "ratchet": promotion.is_some_and(|one| one.ratchet),
        "against": promotion.and_then(|one| one.against.as_ref()),
        "file": mark.file,
    })
}

fn row(measurement: &str, mark: &Mark) -> [String; 6] {
    let role = mark.role.clone().unwrap_or_default();
    let promotion = mark.promotion.as_ref();
    let mut why = promotion.map_or_else(|| "(pinned)".to_owned(), |one| one.reason.clone());
    let scores: Vec<String> = promotion
        .iter()
        .flat_map(|one| &one.evals)
        .map(said)
        .collect();
    if !scores.is_empty() {
        why = format!("{why}; {}", scores.join(", "));
    }
    [
        mark.marked_at_utc.clone(),
        mark.operator_user.clone().unwrap_or_else(|| "-".to_owned()),
        if mark.released {
            format!("{role} (released)")
        } else {
            role
        },
        format!("{measurement}@{}", mark.slug),
        promotion
            .and_then(|one| one.replaces.clone())
            .unwrap_or_else(|| "-".to_owned()),
        why,
    ]
}
