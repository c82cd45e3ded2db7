//! For programs: a line of JSON for each group and each measurement.

use super::words;
use crate::json::{put, word};
use crate::judge::rule::Verdict;
use crate::judge::sweep::{Group, Swept};
use serde_json::{Map, Value};

/// Renders a sweep.
pub fn render(swept: &Swept) -> String {
    let mut out = String::new();
    for (at, group) in swept.groups.iter().enumerate() {
        line(
            &mut out,
            of_group(swept, group),
            "group",
            (Some(at), &group.since, group.days),
        );
    }
    for member in &swept.members {
        let mut map = member.said.as_object().cloned().unwrap_or_default();
        for kept in ["context", "judged", "since"] {
            map.shift_remove(kept);
        }
        if member.verdict.is_none() {
            put(&mut map, "verdict", word(Some(Verdict::NoVerdict.as_str())));
        }
        line(
            &mut out,
            map,
            "measurement",
            (member.group, &member.since, member.days),
        );
    }
    out
}

/// Writes a line, with what groups and measurements have in common.
fn line(
    out: &mut String,
    said: Map<String, Value>,
    kind: &str,
    (group, since, days): (Option<usize>, &Option<String>, Option<i64>),
) {
    let mut map = Map::new();
    put(&mut map, "kind", word(Some(kind)));
    put(&mut map, "group", group.map(|at| at + 1).into());
    map.extend(said);
    put(&mut map, "failing_since", word(since.as_deref()));
    put(&mut map, "days_failing", days.into());
    *out += &Value::Object(map).to_string().replace("##", "#\\u0023");
    out.push('\n');
}

fn of_group(swept: &Swept, group: &Group) -> Map<String, Value> {
    let mut map = Map::new();
    put(&mut map, "shared", group.shared.clone().into());
    put(&mut map, "from", group.from.clone().into());
    let mut members = Vec::new();
    for at in &group.members {
        members.push(word(Some(swept.members[*at].model())));
    }
    put(&mut map, "members", members.into());
    put(&mut map, "passing", group.passing.into());
    let mut rows = Map::new();
    for (metric, members) in &group.rows {
        put(&mut rows, metric, (*members).into());
    }
    put(&mut map, "worse", rows.into());
    put(&mut map, "worst", word(Some(&words::worst(swept, group))));
    map
}
