//! What every form of a sweep says in the same words. Numbers stand in it as the component wrote them.

use super::super::output::plain;
use serde_json::Value;

/// The most names of members in a list, and the most fields that they share.
const NAMES: usize = 40;
const FIELDS: usize = 6;

/// The lines that the component wrote.
pub struct Told {
    pub groups: Vec<Value>,
    /// Worst first.
    pub members: Vec<Value>,
}

impl Told {
    /// Reads them; a line that is none of ours is left out.
    pub fn of(lines: &str) -> Told {
        let lines = lines
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let (groups, members) = lines.partition(|line| line["kind"] == "group");
        Told { groups, members }
    }

    /// Those that nobody needs to look for twice: they do not pass, or were not judged, and stand in no group.
    pub fn is_single(member: &Value) -> bool {
        member["verdict"] != "GREEN" && member["group"].is_null()
    }

    /// Symbol of the worst, and how a terminal paints it; counts; what the groups explain.
    pub fn whole(&self) -> (Mark, String, String) {
        // Worst first, so that the same words follow each other.
        let mut counts: Vec<(&str, usize)> = Vec::new();
        for member in &self.members {
            let word = word(member);
            match counts.last_mut() {
                Some((last, count)) if *last == word => *count += 1,
                _ => counts.push((word, 1)),
            }
        }
        let counts: Vec<String> = counts
            .iter()
            .map(|(word, count)| format!("{count} {word}"))
            .collect();
        let failing = self
            .members
            .iter()
            .filter(|member| is_failing(member))
            .count();
        let grouped = self
            .members
            .iter()
            .filter(|member| !member["group"].is_null())
            .count();
        let causes = several(self.groups.len(), "cause");
        let sentence = match (failing, self.groups.len()) {
            (0, _) => "nothing that was judged fails".to_owned(),
            (1, 0) => "it stands alone".to_owned(),
            (_, 0) => format!("the {failing} that do not pass share no cause"),
            _ => format!("{causes} for {grouped} of the {failing} that do not pass"),
        };
        let all = several(self.members.len(), "measurement");
        let mark = self.members.first().map_or(PASSES, mark);
        (mark, format!("{all}: {}", counts.join(", ")), sentence)
    }
}

/// Beside a word: for a terminal with its colour, and where there are no colours for text.
pub struct Mark {
    pub symbol: &'static str,
    pub paint: &'static str,
    pub sign: &'static str,
}

const PASSES: Mark = Mark {
    symbol: "✓",
    paint: "32",
    sign: "🟢",
};

/// That of a measurement.
pub fn mark(member: &Value) -> Mark {
    let (symbol, paint, sign) = match word(member) {
        "GREEN" => return PASSES,
        "YELLOW" => ("!", "33", "🟡"),
        "RED" => ("✕", "31", "🔴"),
        _ => ("–", "35", "⚪"),
    };
    Mark {
        symbol,
        paint,
        sign,
    }
}

/// Whether it was judged and does not pass.
fn is_failing(member: &Value) -> bool {
    member["verdict"] != "GREEN" && !member["tier"].is_null()
}

fn several(count: usize, what: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {what}{s}")
}

/// The verdict, or the problem in its place.
pub fn word(member: &Value) -> &str {
    let key = if member["tier"].is_null() {
        "rule"
    } else {
        "verdict"
    };
    member[key].as_str().unwrap_or_default()
}

/// One line of text; empty where there is none.
pub fn text(line: &Value, key: &str) -> String {
    clean(line[key].as_str().unwrap_or_default())
}

fn clean(text: &str) -> String {
    plain(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The first of them, and how many more there are.
pub fn listed(items: &[String], most: usize) -> String {
    let mut shown: Vec<String> = items.iter().take(most).cloned().collect();
    if items.len() > most {
        shown.push(format!("+{} more", items.len() - most));
    }
    shown.join("; ")
}

/// The members of a group by name.
pub fn names(group: &Value) -> Vec<String> {
    let names = group["members"].as_array().into_iter().flatten();
    names.filter_map(Value::as_str).map(clean).collect()
}

/// `failing for 9 days, since 2026-11-20`.
fn since(line: &Value) -> String {
    let day: String = text(line, "failing_since").chars().take(10).collect();
    let day = if day.is_empty() {
        "an unknown time"
    } else {
        &day
    };
    match line["days_failing"].as_i64() {
        None | Some(0) => format!("failing since {day}"),
        Some(days) => format!("failing for {}, since {day}", several(days as usize, "day")),
    }
}

/// Number, what is shared, who fails since when, what moved, the worst row, the members.
pub fn of_group(group: &Value) -> Vec<String> {
    let mut shared = Vec::new();
    for (path, value) in group["shared"].as_object().into_iter().flatten() {
        let from = group["from"].get(path).map(|from| shown(from) + " -> ");
        let from = from.unwrap_or_default();
        shared.push(clean(&format!("{path} {from}{}", shown(value))));
    }
    let mut worse = Vec::new();
    for (metric, members) in group["worse"].as_object().into_iter().flatten() {
        worse.push(clean(&format!("{metric} in {members}")));
    }
    let names = names(group);
    let passing = match group["passing"].as_u64() {
        None | Some(0) => String::new(),
        Some(passing) => format!("; {passing} that share it pass"),
    };
    vec![
        group["group"].to_string(),
        listed(&shared, FIELDS),
        format!(
            "{}, {}{passing}",
            several(names.len(), "measurement"),
            since(group)
        ),
        listed(&worse, 4),
        text(group, "worst"),
        listed(&names, NAMES),
    ]
}

/// Mark, answer, name, since when, why, run, baseline.
pub fn of_member(member: &Value) -> Vec<String> {
    let (word, rule) = (word(member), text(member, "rule"));
    let mut answer = word.to_owned();
    if rule != word && rule != "none" {
        answer = format!("{answer} {rule}");
    }
    if let Some(cause) = member["group"].as_u64() {
        answer = format!("{answer}, cause {cause}");
    }
    let name = match text(member, "model") {
        name if name.is_empty() => text(member, "run"),
        name => name,
    };
    let worst = &member["rows"][0];
    let why = match (is_failing(member), worst["direction"] == "worse") {
        (true, true) => text(worst, "shown"),
        (false, _) if !member["headline"].is_null() => text(member, "headline"),
        _ => text(member, "reason"),
    };
    let since = match is_failing(member) {
        true => since(member),
        false => String::new(),
    };
    vec![
        mark(member).sign.to_owned(),
        clean(&answer),
        name,
        since,
        why,
        text(member, "run"),
        text(member, "baseline"),
    ]
}
