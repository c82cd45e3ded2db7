//! What every form of a sweep says in the same words.

use super::super::screen::clean;
use super::super::told;
use crate::fields;
use crate::judge::sweep::{Group, Member, Swept};
use serde_json::Value;

/// The most names of members in a list.
const NAMES: usize = 40;

/// Mark, counts, sentence; the number of measurements, of failures, of errors.
pub(super) fn whole(swept: &Swept) -> Vec<String> {
    let mut of_exit = [0; 4];
    let mut counts: Vec<(&str, usize)> = Vec::new();
    let (mut failing, mut grouped) = (0, 0);
    for member in &swept.members {
        of_exit[usize::from(member.exit())] += 1;
        failing += usize::from(member.fails());
        grouped += usize::from(member.group.is_some());
        // Worst first, so that the same words follow each other.
        match counts.last_mut() {
            Some((word, count)) if *word == member.word() => *count += 1,
            _ => counts.push((member.word(), 1)),
        }
    }
    let all = swept.members.len().to_string();
    let mut text = format!("{all} measurements");
    for (at, (word, count)) in counts.iter().enumerate() {
        let between = if at == 0 { ':' } else { ',' };
        text += &clean(&format!("{between} {count} {word}"));
    }
    let causes = swept.groups.len();
    let sentence = match failing {
        0 => "nothing that was judged fails".to_owned(),
        _ => format!("{causes} causes for {grouped} of the {failing} that do not pass"),
    };
    let mark = swept.members.first().map_or("🟢", mark);
    let errors = of_exit[2] + of_exit[3];
    let counted = [of_exit[1], errors].map(|count: usize| count.to_string());
    let [failures, errors] = counted;
    vec![mark.to_owned(), text, sentence, all, failures, errors]
}

fn mark(member: &Member) -> &'static str {
    member
        .verdict
        .map_or("⚪", |verdict| told::verdict(verdict).2)
}

/// Number, what is shared, who fails since when, what moved, the worst row, the members.
pub(super) fn of_group(swept: &Swept, at: usize) -> Vec<String> {
    let group = &swept.groups[at];
    let passing = match group.passing {
        0 => String::new(),
        passing => format!("; {passing} that share it pass"),
    };
    let count = group.members.len();
    let rest = since(group.since.as_deref(), group.days);
    let mut rows = Vec::new();
    for (metric, members) in &group.rows {
        rows.push(clean(&format!("{metric} in {members}")));
    }
    vec![
        (at + 1).to_string(),
        shared(group),
        format!("{count} measurements, {rest}{passing}"),
        told::listed(&rows, 4).unwrap_or_default(),
        worst(swept, group),
        told::listed(&names(swept, group), NAMES).unwrap_or_default(),
    ]
}

/// The members by name.
pub(super) fn names(swept: &Swept, group: &Group) -> Vec<String> {
    let mut names = Vec::new();
    for at in &group.members {
        names.push(name(&swept.members[*at]));
    }
    names
}

/// `deployment.vllm_version 0.32.0 -> 0.33.0; ...`.
fn shared(group: &Group) -> String {
    let mut all = Vec::new();
    for (path, value) in &group.shared {
        let mut words = path.clone() + " ";
        if let Some(from) = group.from.get(path) {
            words += &fields::plain(from);
            words += " -> ";
        }
        words += &fields::plain(value);
        all.push(clean(&words));
    }
    told::listed(&all, 6).unwrap_or_default()
}

/// `failing for 9 days, since 2026-11-20`.
fn since(since: Option<&str>, days: Option<i64>) -> String {
    let day = since.map_or("an unknown time", |since| since.get(..10).unwrap_or(since));
    clean(&match days {
        None | Some(0) => format!("failing since {day}"),
        Some(1) => format!("failing for 1 day, since {day}"),
        Some(days) => format!("failing for {days} days, since {day}"),
    })
}

/// The worst row of all members, with its model.
pub(super) fn worst(swept: &Swept, group: &Group) -> String {
    let mut worst = &swept.members[group.members[0]];
    for at in &group.members {
        let member = &swept.members[*at];
        if member.off() > worst.off() {
            worst = member;
        }
    }
    clean(&format!("{}: {}", worst.model(), row(worst)))
}

/// Its worst row, else its reason.
fn row(member: &Member) -> &str {
    let row = member.worst().map(|row| &row["shown"]);
    row.and_then(Value::as_str).unwrap_or(member.text("reason"))
}

fn name(member: &Member) -> String {
    clean(match member.model() {
        "" => member.text("run"),
        model => model,
    })
}

/// Mark, answer, name, since when, why, run, baseline.
pub(super) fn of_member(member: &Member) -> Vec<String> {
    let rule = member.text("rule");
    let answer = match rule == member.word() || rule == "none" {
        true => member.word().to_owned(),
        false => format!("{} {rule}", member.word()),
    };
    let cause = member
        .group
        .map_or_else(String::new, |group| format!(", cause {}", group + 1));
    let why = match (member.fails(), member.text("headline")) {
        (true, _) | (false, "") => row(member),
        (false, headline) => headline,
    };
    let since = match member.fails() {
        true => since(member.since.as_deref(), member.days),
        false => String::new(),
    };
    let texts = [&answer, why, member.text("run"), member.text("baseline")];
    let [answer, why, run, baseline] = texts.map(clean);
    vec![
        mark(member).to_owned(),
        answer + &cause,
        name(member),
        since,
        why,
        run,
        baseline,
    ]
}
