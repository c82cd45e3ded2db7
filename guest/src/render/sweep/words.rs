//! What every form of a sweep says in the same words.

use super::super::screen::clean;
use super::super::told;
use crate::fields;
use crate::judge::sweep::{Group, Member, Moved, Swept};
use serde_json::Value;

/// The words of which a count is given, in the order of their severity, with those that are not there left out.
pub(super) fn counts(swept: &Swept) -> String {
    const WORDS: [&str; 7] = [
        "RED",
        "unreadable",
        "NO_VERDICT",
        "no-run",
        "no-baseline",
        "YELLOW",
        "GREEN",
    ];
    let count = |word: &&str| match swept.count(word) {
        0 => None,
        count => Some(format!("{count} {word}")),
    };
    let counts: Vec<String> = WORDS.iter().filter_map(count).collect();
    match swept.members.len() {
        1 => format!("1 measurement: {}", counts.join("")),
        all => format!("{all} measurements: {}", counts.join(", ")),
    }
}

/// The whole in one sentence: how many causes explain how many failures.
pub(super) fn sentence(swept: &Swept) -> String {
    let failing = swept.members.iter().filter(|member| member.fails()).count();
    let grouped: usize = swept.groups.iter().map(|group| group.members.len()).sum();
    let causes = match swept.groups.len() {
        1 => "1 cause".to_owned(),
        several => format!("{several} causes"),
    };
    match failing {
        0 => "nothing that was judged fails".to_owned(),
        _ => format!("{causes} for {grouped} of the {failing} that do not pass"),
    }
}

/// What the members of a group share: `deployment.vllm_version 0.32.0 -> 0.33.0`.
pub(super) fn shared(group: &Group) -> Vec<String> {
    let words = |value: &Value| match value {
        Value::Array(several) => {
            let several: Vec<String> = several.iter().map(fields::plain).collect();
            several.join(" or ")
        }
        one => fields::plain(one),
    };
    let one = |(path, value): (&String, &Value)| {
        let from = group.from.get(path).map(|from| words(from) + " -> ");
        clean(&format!(
            "{path} {}{}",
            from.unwrap_or_default(),
            fields::plain(value)
        ))
    };
    group.shared.iter().map(one).collect()
}

/// Since when: `failing for 9 days, since 2026-11-20`.
pub(super) fn since(since: Option<&String>, days: Option<i64>) -> String {
    let day = since.map(|since| since.get(..10).unwrap_or(since));
    match (day, days) {
        (Some(day), Some(0)) => format!("failing since {}", clean(day)),
        (Some(day), Some(1)) => format!("failing for 1 day, since {}", clean(day)),
        (Some(day), Some(days)) => format!("failing for {days} days, since {}", clean(day)),
        _ => "failing since an unknown time".to_owned(),
    }
}

/// The members of a group, how long they fail and who has the same and passes.
pub(super) fn about(group: &Group) -> String {
    let passing = match group.passing {
        0 => String::new(),
        passing => format!("; {passing} that share it pass"),
    };
    let rest = since(group.since.as_ref(), group.days);
    format!("{} measurements, {rest}{passing}", group.members.len())
}

/// The metrics that are worse in several members.
pub(super) fn moved(group: &Group) -> String {
    let one = |row: &Moved| format!("{} in {}", clean(&row.metric), row.members);
    let rows: Vec<String> = group.rows.iter().map(one).collect();
    told::listed(&rows, 4).unwrap_or_default()
}

/// The worst row of all members, with its model.
pub(super) fn worst(swept: &Swept, group: &Group) -> Option<String> {
    let mut worst: Option<(f64, &Member, &Value)> = None;
    for at in &group.members {
        let member = &swept.members[*at];
        if let Some(row) = member.worst() {
            let off = row["off"].as_f64().unwrap_or_default();
            if worst.is_none_or(|(most, ..)| off > most) {
                worst = Some((off, member, row));
            }
        }
    }
    let (_, member, row) = worst?;
    let shown = row["shown"].as_str().unwrap_or_default();
    Some(clean(&format!("{}: {shown}", member.model())))
}

/// Why a measurement stands where it stands: its worst row, else its reason, else what the host says.
pub(super) fn why(member: &Member) -> String {
    let row = member.worst().and_then(|row| row["shown"].as_str());
    let said = row.unwrap_or(match member.text("reason") {
        "" => member.text("message"),
        reason => reason,
    });
    let since = match member.fails() {
        true => since(member.since.as_ref(), member.days) + "; ",
        false => String::new(),
    };
    clean(&(since + said))
}

/// What a measurement is called: its model, else its run.
pub(super) fn name(member: &Member) -> String {
    clean(match member.model() {
        "" => member.text("run"),
        model => model,
    })
}

/// Verdict and rule, or the problem.
pub(super) fn answer(member: &Member) -> String {
    match member.rule() {
        rule if rule == member.word() || rule == "none" => member.word().to_owned(),
        rule => clean(&format!("{} {rule}", member.word())),
    }
}
