//! For programs: a line of JSON for each group and each measurement.

use crate::json::{put, word};
use crate::judge::sweep::{Group, Member, Swept};
use serde_json::{Map, Value};

/// Renders a sweep.
pub fn render(swept: &Swept) -> String {
    let mut out = String::new();
    let mut line = |map| {
        out += &Value::Object(map).to_string().replace("##", "#\\u0023");
        out.push('\n');
    };
    for (at, group) in swept.groups.iter().enumerate() {
        line(of_group(swept, at, group));
    }
    for member in &swept.members {
        line(of_member(member));
    }
    out
}

fn head(kind: &str, group: Option<usize>) -> Map<String, Value> {
    let mut map = Map::new();
    put(&mut map, "kind", word(Some(kind)));
    put(&mut map, "group", group.map(|at| at + 1).into());
    map
}

fn of_group(swept: &Swept, at: usize, group: &Group) -> Map<String, Value> {
    let mut map = head("group", Some(at));
    put(&mut map, "shared", group.shared.clone().into());
    put(&mut map, "from", group.from.clone().into());
    let members = group.members.iter().map(|at| swept.members[*at].model());
    put(&mut map, "members", members.collect::<Vec<_>>().into());
    put(&mut map, "passing", group.passing.into());
    let mut rows = Map::new();
    for row in &group.rows {
        put(&mut rows, &row.metric, row.members.into());
    }
    put(&mut map, "worse", rows.into());
    put(
        &mut map,
        "worst",
        word(super::words::worst(swept, group).as_deref()),
    );
    put(&mut map, "failing_since", word(group.since.as_deref()));
    put(&mut map, "days_failing", group.days.into());
    map
}

fn of_member(member: &Member) -> Map<String, Value> {
    let mut map = head("measurement", member.group);
    let text = |key: &str| word(Some(member.text(key)).filter(|text| !text.is_empty()));
    put(&mut map, "measurement", text("measurement"));
    let model = Some(member.model()).filter(|model| !model.is_empty());
    put(&mut map, "model", word(model));
    put(&mut map, "verdict", word(Some(member.verdict.as_str())));
    put(&mut map, "rule", word(Some(member.rule())));
    put(&mut map, "tier", text("tier"));
    put(&mut map, "run", text("run"));
    put(&mut map, "baseline", text("baseline"));
    let reason = match member.text("reason") {
        "" => text("message"),
        reason => word(Some(reason)),
    };
    put(&mut map, "reason", reason);
    put(&mut map, "headline", text("headline"));
    put(&mut map, "start_time", text("start_time"));
    put(&mut map, "failing_since", word(member.since.as_deref()));
    put(&mut map, "days_failing", member.days.into());
    put(&mut map, "rows", member.rows().to_vec().into());
    let changed = match &member.judged["changed"] {
        Value::Array(changed) => changed.clone(),
        _ => Vec::new(),
    };
    put(&mut map, "changed", changed.into());
    map
}
