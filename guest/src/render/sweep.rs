//! A sweep over a fleet for programs: a line of JSON for each group and each measurement.

use super::screen::clean;
use crate::json::{put, word};
use crate::judge::rule::Verdict;
use crate::judge::sweep::{Group, Swept};
use serde_json::{Map, Value};

/// Renders a sweep.
pub fn render(swept: &Swept) -> String {
    let mut out = String::new();
    for (at, group) in swept.groups.iter().enumerate() {
        let (since, days) = (group.since.as_deref(), group.days);
        line(
            &mut out,
            of_group(swept, group),
            "group",
            Some(at),
            since,
            days,
        );
    }
    for member in &swept.members {
        let mut map = Map::new();
        for (key, value) in member.said.as_object().into_iter().flatten() {
            // What grouping alone needs.
            if key != "context" {
                put(&mut map, key, value.clone());
            }
        }
        if member.verdict.is_none() {
            put(&mut map, "verdict", Verdict::NoVerdict.as_str().into());
        }
        let (since, days) = (member.since.as_deref(), member.days);
        line(&mut out, map, "measurement", member.group, since, days);
    }
    out
}

/// Writes a line, with what groups and measurements have in common.
fn line(
    out: &mut String,
    mut map: Map<String, Value>,
    kind: &str,
    group: Option<usize>,
    since: Option<&str>,
    days: Option<i64>,
) {
    put(&mut map, "kind", kind.into());
    put(&mut map, "group", group.map(|at| at + 1).into());
    put(&mut map, "failing_since", word(since));
    put(&mut map, "days_failing", days.into());
    *out += &Value::Object(map).to_string().replace("##", "#\\u0023");
    out.push('\n');
}

fn of_group(swept: &Swept, group: &Group) -> Map<String, Value> {
    let mut map = Map::new();
    put(&mut map, "shared", group.shared.clone().into());
    put(&mut map, "from", group.from.clone().into());
    let mut members = Vec::new();
    let mut worst = &swept.members[group.members[0]];
    for at in &group.members {
        let member = &swept.members[*at];
        members.push(member.model().into());
        if member.off() > worst.off() {
            worst = member;
        }
    }
    put(&mut map, "members", Value::Array(members));
    put(&mut map, "passing", group.passing.into());
    put(&mut map, "worse", group.rows.clone().into());
    let shown = worst.worst().and_then(|row| row["shown"].as_str());
    let shown = shown.unwrap_or(worst.text("reason"));
    let worst = clean(&format!("{}: {shown}", worst.model()));
    put(&mut map, "worst", worst.into());
    map
}
