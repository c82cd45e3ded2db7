//! Many judgements of a fleet in one view: what failed together, under what those share that others do not.

use super::rule::Verdict;
use crate::fault::Result;
use crate::fields;
use crate::json::{self, put};
use crate::order::Ordered as _;
use crate::stats::clock::Start;
use crate::stats::cover::{self, Feature};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// One measurement: what the host says of it, and the judgement of its most recent run in the form `sweep`.
#[derive(Clone, Debug)]
pub struct Member {
    /// What the host says: `measurement`, `run`, `baseline`; where nothing could be judged `problem` and `message`.
    pub told: Value,
    /// The judgement in the form `sweep`; null where there is none.
    pub judged: Value,
    /// The answer; [`Verdict::NoVerdict`] where nothing could be judged.
    pub verdict: Verdict,
    /// When the first of the unbroken series of runs that do not pass began, as its tool wrote it.
    pub since: Option<String>,
    /// Whole days from then to the start of the most recent run.
    pub days: Option<i64>,
    /// Its group, by number.
    pub group: Option<usize>,
}

/// A number of rows that moved alike.
#[derive(Clone, Debug)]
pub struct Moved {
    /// The name of the metric.
    pub metric: String,
    /// In how many members it is worse.
    pub members: usize,
}

/// Measurements that fail by one cause.
#[derive(Clone, Debug)]
pub struct Group {
    /// What they share, by path: one field, or several that cannot be told apart.
    pub shared: Map<String, Value>,
    /// Of those fields that changed since the baseline, what they were.
    pub from: Map<String, Value>,
    /// Its members, by number, worst first.
    pub members: Vec<usize>,
    /// How many others share it and pass.
    pub passing: usize,
    /// The metrics that are worse in two members or more, the most frequent first.
    pub rows: Vec<Moved>,
    /// The earliest of its members' `since`.
    pub since: Option<String>,
    /// The most of its members' days.
    pub days: Option<i64>,
}

/// The whole.
#[derive(Clone, Debug)]
pub struct Swept {
    /// Every measurement, worst first.
    pub members: Vec<Member>,
    /// The groups, largest first.
    pub groups: Vec<Group>,
}

/// Reads the lines, in whatever order they are given, and groups them.
///
/// Faults: a line that is no JSON.
pub fn sweep(lines: &[String]) -> Result<Swept> {
    let mut members = Vec::new();
    for line in lines {
        members.push(Member::read(line)?);
    }
    members.order_by(Member::worst_first);
    let groups = group(&mut members);
    Ok(Swept { members, groups })
}

impl Swept {
    /// The exit code of the worst: 1 for a regression, else 2 for what cannot be read, else 3 where nothing was judged, else 0.
    pub fn exit(&self) -> u8 {
        let codes = self.members.iter().map(Member::exit);
        codes.filter(|code| *code > 0).min().unwrap_or(0)
    }

    /// How many have this word: a verdict, or the problem that there is none for.
    pub fn count(&self, word: &str) -> usize {
        let same = |member: &&Member| member.word() == word;
        self.members.iter().filter(same).count()
    }

    /// Members that do not pass and stand in no group.
    pub fn single(&self) -> impl Iterator<Item = &Member> {
        let single = |member: &&Member| member.exit() > 0 || member.fails();
        let members = self.members.iter().filter(single);
        members.filter(|member| member.group.is_none())
    }
}

/// What nothing was judged for, worst first, with the exit code.
const PROBLEMS: [(&str, u8); 3] = [("unreadable", 2), ("no-run", 3), ("no-baseline", 3)];

impl Member {
    fn read(line: &str) -> Result<Member> {
        let mut told = json::parse("member", line)?;
        let mut take = |key: &str| told.get_mut(key).map(Value::take).unwrap_or_default();
        let (judged, first) = (take("judged"), take("since"));
        let named = |verdict: &&Verdict| judged["verdict"] == verdict.as_str();
        let verdict = Verdict::ALL.iter().find(named);
        let mut member = Member {
            verdict: *verdict.unwrap_or(&Verdict::NoVerdict),
            told,
            judged,
            since: None,
            days: None,
            group: None,
        };
        if member.fails() {
            let start = |of: &Value| of["start_time"].as_str().map(str::to_owned);
            let now = start(&member.judged);
            member.since = start(&first).or_else(|| now.clone());
            member.days = days(member.since.as_deref(), now.as_deref());
        }
        Ok(member)
    }

    /// Whether it was judged and does not pass.
    pub fn fails(&self) -> bool {
        !self.judged.is_null() && self.verdict != Verdict::Green
    }

    /// The text of a key, from the judgement or from what the host says; empty where there is none.
    pub fn text(&self, key: &str) -> &str {
        let text = self.judged[key].as_str().or(self.told[key].as_str());
        text.unwrap_or_default()
    }

    /// The model; where no document says one the name that the registry has.
    pub fn model(&self) -> &str {
        match self.text("model") {
            "" => self.text("measurement"),
            model => model,
        }
    }

    /// The verdict, or the problem in its place.
    pub fn word(&self) -> &str {
        match self.problem() {
            Some((problem, _)) => problem,
            None => self.verdict.as_str(),
        }
    }

    /// The rule, or the problem in its place.
    pub fn rule(&self) -> &str {
        match self.problem() {
            Some((problem, _)) => problem,
            None => self.text("rule"),
        }
    }

    fn problem(&self) -> Option<(&'static str, u8)> {
        let known = |problem: &&(&str, u8)| self.told["problem"] == problem.0;
        PROBLEMS.iter().find(known).copied()
    }

    /// The exit code that it asks for.
    pub fn exit(&self) -> u8 {
        match (self.problem(), self.verdict) {
            (Some((_, code)), _) => code,
            (None, Verdict::Red) => 1,
            (None, Verdict::NoVerdict) => 3,
            (None, Verdict::Green | Verdict::Yellow) => 0,
        }
    }

    /// Its rows that moved, worst first.
    pub fn rows(&self) -> &[Value] {
        self.judged["rows"].as_array().map_or(&[], Vec::as_slice)
    }

    /// Its worst row, where one is worse.
    pub fn worst(&self) -> Option<&Value> {
        self.rows().first().filter(|row| is_worse(row))
    }

    /// How far the worst row is beyond its tolerance, in tolerances.
    fn off(&self) -> f64 {
        let off = self.worst().and_then(|row| row["off"].as_f64());
        off.unwrap_or_default()
    }

    fn rank(&self) -> (u8, usize) {
        match (self.exit(), self.problem()) {
            (0, _) if self.verdict == Verdict::Yellow => (4, 0),
            (0, _) => (5, 0),
            (code, None) => (code, 0),
            (code, Some((problem, _))) => {
                let at = PROBLEMS.iter().position(|known| known.0 == problem);
                (code, 1 + at.unwrap_or_default())
            }
        }
    }

    /// By answer, then by the worst row, then by name: of two equal ones it does not matter which is first.
    fn worst_first(&self, other: &Member) -> std::cmp::Ordering {
        let name = |of: &Member| [of.model(), of.text("run")].join("\n");
        let by_rank = self.rank().cmp(&other.rank());
        by_rank
            .then(other.off().total_cmp(&self.off()))
            .then_with(|| name(self).cmp(&name(other)))
            .then_with(|| self.told.to_string().cmp(&other.told.to_string()))
    }
}

fn is_worse(row: &Value) -> bool {
    row["direction"] == "worse"
}

/// Whole days from one start to another.
fn days(from: Option<&str>, to: Option<&str>) -> Option<i64> {
    let [from, to] = [Start::parse(from?)?, Start::parse(to?)?];
    Some(((to.seconds - from.seconds) / 86_400.0).floor().max(0.0) as i64)
}

/// A field with one value, and who has it.
struct Held {
    path: String,
    value: Value,
    from: Vec<Value>,
    feature: Feature,
}

/// Everything that several may share. What changed since the baseline comes before the same as a mere state.
fn held(members: &[Member], failing: &[usize]) -> Vec<Held> {
    let mut held: BTreeMap<String, Held> = BTreeMap::new();
    for (at, member) in members.iter().enumerate() {
        let number = failing.iter().position(|other| *other == at);
        let mut has = |path: &str, value: &Value, from: Option<&Value>| {
            let is_change = from.is_some();
            let key = format!("{path}\n{}\n{}", !is_change, fields::normal(value));
            let one = held.entry(key).or_insert_with(|| Held {
                path: path.to_owned(),
                value: value.clone(),
                from: Vec::new(),
                feature: Feature {
                    failing: Vec::new(),
                    passing: 0,
                    is_change,
                },
            });
            match number {
                Some(number) => one.feature.failing.push(number),
                None => one.feature.passing += 1,
            }
            if let Some(from) = from.filter(|from| number.is_some() && !one.from.contains(from)) {
                one.from.push(from.clone());
            }
        };
        for (path, value) in member.judged["context"].as_object().into_iter().flatten() {
            has(path, value, None);
        }
        for change in member.judged["changed"].as_array().into_iter().flatten() {
            let path = change["field"].as_str().unwrap_or_default();
            has(path, &change["to"], Some(&change["from"]));
        }
    }
    held.into_values().collect()
}

fn group(members: &mut [Member]) -> Vec<Group> {
    let fails = |at: &usize| members[*at].fails();
    let failing: Vec<usize> = (0..members.len()).filter(fails).collect();
    let judged = members.iter().filter(|member| !member.judged.is_null());
    let passing = judged.count() - failing.len();
    let held = held(members, &failing);
    let features: Vec<Feature> = held.iter().map(|held| held.feature.clone()).collect();
    let mut groups = Vec::new();
    for cause in cover::causes(&features, failing.len(), passing) {
        let mut group = Group {
            shared: Map::new(),
            from: Map::new(),
            members: Vec::new(),
            passing: cause.passing,
            rows: Vec::new(),
            since: None,
            days: None,
        };
        for at in cause.features {
            let Held {
                path, value, from, ..
            } = &held[at];
            put(&mut group.shared, path, value.clone());
            if let Some(only) = from.first() {
                let from = match from.len() {
                    1 => only.clone(),
                    _ => Value::Array(from.clone()),
                };
                put(&mut group.from, path, from);
            }
        }
        for number in cause.members {
            let member = &mut members[failing[number]];
            member.group = Some(groups.len());
            group.add(failing[number], member);
        }
        group.rows.retain(|row| row.members > 1);
        group.rows.order_by(|a, b| {
            b.members
                .cmp(&a.members)
                .then_with(|| a.metric.cmp(&b.metric))
        });
        groups.push(group);
    }
    groups
}

impl Group {
    fn add(&mut self, at: usize, member: &Member) {
        self.members.push(at);
        let mut seen = Vec::new();
        for row in member.rows().iter().filter(|row| is_worse(row)) {
            let metric = row["metric"].as_str().unwrap_or_default();
            if !seen.contains(&metric) {
                seen.push(metric);
                match self.rows.iter_mut().find(|row| row.metric == metric) {
                    Some(row) => row.members += 1,
                    None => self.rows.push(Moved {
                        metric: metric.to_owned(),
                        members: 1,
                    }),
                }
            }
        }
        let earlier = |since: &String| match &self.since {
            Some(known) => crate::stats::clock::is_earlier(since, known),
            None => true,
        };
        if let Some(since) = member.since.as_ref().filter(|since| earlier(since)) {
            self.since = Some(since.clone());
        }
        self.days = self.days.max(member.days);
    }
}
