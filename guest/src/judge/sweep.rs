//! Many judgements of a fleet in one view: what failed together, under what those share that others do not.

use super::rule::Verdict;
use crate::fault::Result;
use crate::fields;
use crate::json::{self, put};
use crate::order::Ordered as _;
use crate::stats::clock::{self, Start};
use crate::stats::cover::{self, Feature};
use serde_json::{Map, Value};

/// One measurement: what the host says of it, and the judgement of its most recent run in the form `sweep`.
#[derive(Clone, Debug)]
pub struct Member {
    /// Everything that is said: `measurement`, `run`, `baseline`, and the keys of the form `sweep`. Where nothing could be judged
    /// `rule` is the problem and `reason` says more.
    pub said: Value,
    /// The answer; none where nothing could be judged.
    pub verdict: Option<Verdict>,
    /// When the first of the unbroken series of runs that do not pass began, as its tool wrote it.
    pub since: Option<String>,
    /// Whole days from then to the start of the most recent run.
    pub days: Option<i64>,
    /// Its group, by number.
    pub group: Option<usize>,
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
    /// The metrics that are worse, each with the number of members.
    pub rows: Map<String, Value>,
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
        let worst = self.members.first();
        worst.map_or(0, Member::exit)
    }
}

/// What nothing was judged for because it cannot be read.
const UNREADABLE: &str = "unreadable";

impl Member {
    fn read(line: &str) -> Result<Member> {
        let told = json::parse("member", line)?;
        let mut said = Map::new();
        for part in [&told, &told["judged"]] {
            for (key, value) in part.as_object().into_iter().flatten() {
                if key != "judged" && key != "since" {
                    put(&mut said, key, value.clone());
                }
            }
        }
        let said = Value::Object(said);
        let named = |verdict: &&Verdict| said["verdict"] == verdict.as_str();
        let mut member = Member {
            verdict: Verdict::ALL.iter().find(named).copied(),
            said,
            since: None,
            days: None,
            group: None,
        };
        if member.fails() {
            let now = member.said["start_time"].as_str();
            let since = told["since"]["start_time"].as_str().or(now);
            member.days = days(since, now);
            member.since = since.map(str::to_owned);
        }
        Ok(member)
    }

    /// Whether it was judged and does not pass.
    pub fn fails(&self) -> bool {
        self.verdict
            .is_some_and(|verdict| verdict != Verdict::Green)
    }

    /// Whether somebody should look at it: it does not pass, or nothing was judged.
    pub fn is_open(&self) -> bool {
        self.verdict != Some(Verdict::Green)
    }

    /// The text of a key; empty where there is none.
    pub fn text(&self, key: &str) -> &str {
        self.said[key].as_str().unwrap_or_default()
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
        match self.verdict {
            Some(verdict) => verdict.as_str(),
            None => self.text("rule"),
        }
    }

    /// The exit code that it asks for.
    pub fn exit(&self) -> u8 {
        match self.verdict {
            Some(Verdict::Red) => 1,
            None if self.text("rule") == UNREADABLE => 2,
            Some(Verdict::NoVerdict) | None => 3,
            Some(Verdict::Green | Verdict::Yellow) => 0,
        }
    }

    /// Its rows that moved, worst first.
    pub fn rows(&self) -> &[Value] {
        self.said["rows"].as_array().map_or(&[], Vec::as_slice)
    }

    /// Its worst row, where one is worse.
    pub fn worst(&self) -> Option<&Value> {
        self.rows().first().filter(|row| is_worse(row))
    }

    /// How far the worst row is beyond its tolerance, in tolerances.
    pub fn off(&self) -> f64 {
        let off = self.worst().and_then(|row| row["off"].as_f64());
        off.unwrap_or_default()
    }

    /// The metrics that are worse, else the rule, each as its number in `known`.
    fn ways(&self, known: &mut Vec<String>) -> Vec<usize> {
        let mut words = Vec::new();
        for row in self.rows().iter().filter(|row| is_worse(row)) {
            words.extend(row["metric"].as_str());
        }
        if words.is_empty() {
            words.push(self.text("rule"));
        }
        let mut ways = Vec::new();
        for word in words {
            let at = known.iter().position(|other| other == word);
            ways.push(at.unwrap_or(known.len()));
            if at.is_none() {
                known.push(word.to_owned());
            }
        }
        ways
    }

    /// By exit code and answer, then by the worst row, then by name: of two equal ones it does not matter which is first.
    fn worst_first(&self, other: &Member) -> std::cmp::Ordering {
        let rank = |of: &Member| match (of.exit(), of.verdict) {
            (0, Some(Verdict::Yellow)) => 5,
            (0, _) => 6,
            (code, Some(_)) => code,
            // What nobody measured comes after what nobody can judge.
            (code, None) => code + 1,
        };
        let name = |of: &Member| format!("{}\n{}", of.model(), of.said);
        let by_rank = rank(self).cmp(&rank(other));
        by_rank
            .then(other.off().total_cmp(&self.off()))
            .then_with(|| name(self).cmp(&name(other)))
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

/// A field with one value.
struct Held {
    path: String,
    value: Value,
    /// What it was where it changed to that, each value once.
    from: Vec<Value>,
}

/// Everything that several may share, and who has it.
#[derive(Default)]
struct Shared {
    held: Vec<Held>,
    features: Vec<Feature>,
    /// Where each stands in both lists, by path, value and whether it is a change.
    known: Map<String, Value>,
}

impl Shared {
    /// A member has it: number `failing` of those that fail, or one that passes.
    fn add(&mut self, failing: Option<usize>, path: &str, value: &Value, from: Option<&Value>) {
        let is_change = from.is_some();
        let key = format!("{path}\n{is_change}\n{}", fields::normal(value));
        let at = self.known.get(&key).and_then(Value::as_u64);
        let at = at.map_or(self.held.len(), |at| at as usize);
        if at == self.held.len() {
            put(&mut self.known, &key, at.into());
            self.held.push(Held {
                path: path.to_owned(),
                value: value.clone(),
                from: Vec::new(),
            });
            self.features.push(Feature {
                failing: Vec::new(),
                passing: 0,
                is_change,
            });
        }
        let feature = &mut self.features[at];
        match failing {
            Some(number) => feature.failing.push(number),
            None => feature.passing += 1,
        }
        let known = &mut self.held[at].from;
        if let Some(from) = from.filter(|from| failing.is_some() && !known.contains(from)) {
            known.push(from.clone());
        }
    }
}

fn group(members: &mut [Member]) -> Vec<Group> {
    let mut shared = Shared::default();
    let (mut failing, mut passing) = (Vec::new(), 0);
    // In which ways each fails: the metrics that are worse, by number, else its rule.
    let (mut known, mut ways) = (Vec::new(), Vec::new());
    for (at, member) in members.iter().enumerate() {
        let number = member.fails().then_some(failing.len());
        match (number, member.verdict) {
            (Some(_), _) => {
                failing.push(at);
                ways.push(member.ways(&mut known));
            }
            (None, Some(_)) => passing += 1,
            (None, None) => continue,
        }
        // What changed since the baseline comes before the same as a mere state.
        for change in member.said["changed"].as_array().into_iter().flatten() {
            let path = change["field"].as_str().unwrap_or_default();
            shared.add(number, path, &change["to"], Some(&change["from"]));
        }
        for (path, value) in member.said["context"].as_object().into_iter().flatten() {
            shared.add(number, path, value, None);
        }
    }
    let mut groups = Vec::new();
    for cause in cover::causes(&shared.features, &ways, passing) {
        let mut group = Group {
            shared: Map::new(),
            from: Map::new(),
            members: Vec::new(),
            passing: cause.passing,
            rows: Map::new(),
            since: None,
            days: None,
        };
        for at in cause.features {
            let held = &shared.held[at];
            put(&mut group.shared, &held.path, held.value.clone());
            match held.from.as_slice() {
                [] => {}
                [only] => put(&mut group.from, &held.path, only.clone()),
                several => put(&mut group.from, &held.path, several.to_vec().into()),
            }
        }
        for number in cause.members {
            let member = &mut members[failing[number]];
            member.group = Some(groups.len());
            group.add(failing[number], member);
        }
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
                let known = self.rows.get(metric).and_then(Value::as_u64);
                put(&mut self.rows, metric, (known.unwrap_or(0) + 1).into());
            }
        }
        if let Some(since) = &member.since {
            let known = self.since.as_ref();
            if known.is_none_or(|known| clock::is_earlier(since, known)) {
                self.since = Some(since.clone());
            }
        }
        self.days = self.days.max(member.days);
    }
}
