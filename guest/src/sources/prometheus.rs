//! One scrape of an engine's `/metrics`: Prometheus text 0.0.4 or OpenMetrics.
//!
//! Every line is checked; only the metrics of [`catalog`] are kept.

mod reader;

use super::exposition::{self, Line};
use super::foreign;
use super::source::{Candidate, Source};
use crate::fault::{Code, Fault, Result};
use crate::files::{self, Tree};
use crate::finding::{Finding, FindingCode, Where};
use crate::run::server::{EPOCH, Family, Instead, Moment, Scrape};
use crate::run::{Format, Run, ScrapeLines, Speaker, States};
use crate::server::catalog;
use crate::server::config;
use reader::Reader;
use std::collections::BTreeSet;

/// The format.
pub static SOURCE: Source = Source {
    format: Format {
        name: "prometheus",
        title: "Prometheus scrape (`<model>-metrics-pre.prom`)",
        tool: None,
        states: States::Server,
        speaker: Speaker::Server,
        one_each: false,
        of_many_levels: false,
    },
    begins: Some("# HELP "),
    by_content,
    by_name: |name| name.ends_with(".prom"),
    read,
};

fn by_content(candidate: &Candidate<'_>) -> bool {
    let kinds = [
        "counter",
        "gauge",
        "histogram",
        "summary",
        "untyped",
        "unknown",
        "info",
        "gaugehistogram",
        "stateset",
    ];
    !candidate.is_json_object()
        && candidate.head.lines().any(|line| {
            let Some(rest) = line.strip_prefix("# TYPE ") else {
                return false;
            };
            let mut words = rest.split_ascii_whitespace();
            words.next().is_some() && words.next().is_some_and(|kind| kinds.contains(&kind))
        })
}

fn read(run: &mut Run, tree: &dyn Tree, path: &str) -> Result<()> {
    let (mut scrape, strangers) = match scrape(tree, path, &mut run.scrape_lines) {
        Ok(both) => both,
        Err(fault) => return not_a_scrape(run, tree, path, fault),
    };
    if !scrape
        .series
        .iter()
        .any(|one| catalog::engine(one.family).is_some())
    {
        run.server.note_strangers(path, &strangers);
    }
    let facts = scrape
        .series
        .iter()
        .filter(|one| one.family == Family::CacheConfig);
    config::state(run, &SOURCE.format, path, facts.map(|one| &one.labels));
    if scrape.moment == Moment::Sample {
        scrape
            .series
            .retain(|one| one.family != Family::CacheConfig);
    }
    run.server.scrapes.push(scrape);
    Ok(())
}

/// The scrape, and names of metrics that are not kept, up to the first that is. `known` are the lines of the one before,
/// and then those of this one.
fn scrape(
    tree: &dyn Tree,
    path: &str,
    known: &mut ScrapeLines,
) -> Result<(Scrape, BTreeSet<String>)> {
    let text = files::read_text(tree, path)?;
    let mut reader = Reader::new(empty(path), known);
    let mut at = 0;
    while at < text.len() {
        let number = reader.number();
        let taken = reader
            .take(&text[at..])
            .map_err(|fault| match fault.place.clone() {
                Some(metric) => {
                    Fault::new(fault.code, fault.message).at_field(path, Some(number), &metric)
                }
                None => fault.at_line(path, number),
            })?;
        at += taken.ok_or_else(|| cut(path))?;
    }
    if text.trim_ascii().is_empty() {
        return Err(Fault::damaged("found an empty file").at(path));
    }
    let (scrape, strangers, lines) = reader.finish();
    known.replace(text, lines);
    Ok((scrape, strangers))
}

/// A file that no line of is a scrape's is something else, which the server answered or a shell wrote in its place:
/// the bundle is read without it and the finding says what it is.
///
/// Faults: `fault`, where the file is a scrape that was damaged.
fn not_a_scrape(run: &mut Run, tree: &dyn Tree, path: &str, fault: Fault) -> Result<()> {
    if fault.code != Code::Damaged {
        return Err(fault);
    }
    let Some(what) = instead(tree, path)? else {
        return Err(fault);
    };
    let advice = "expected a scrape of the server's /metrics. The server's numbers are made without it: scrape again, as plain text and from the engine's own port";
    let folder = files::folder(path);
    let of_series = |path: &str| empty(path).moment == Moment::Sample;
    let beside = |finding: &&mut Finding| match &finding.place {
        Where::Text(other) => {
            let same = other == folder || files::folder(other) == folder && of_series(other);
            finding.code == FindingCode::NotAScrape && same
        }
        _ => false,
    };
    let earlier = run.findings.iter_mut().find(beside);
    match earlier.filter(|_| of_series(path) && !folder.is_empty()) {
        // A server that was away answers a whole series so.
        Some(first) => {
            let others = run.server.instead.iter().filter(|other| other.no_scrape);
            let of_folder = |file: &str| files::folder(file) == folder && of_series(file);
            let count = others.filter(|other| of_folder(&other.file)).count();
            first.place = Where::Text(folder.to_owned());
            first.message = format!(
                "found {what} in {path}, the last of {} files of the series that are no scrapes; {advice}",
                count + 1
            );
        }
        None => run.findings.push(Finding::new(
            FindingCode::NotAScrape,
            path.to_owned(),
            format!("found {what}; {advice}"),
        )),
    }
    run.server.instead.push(Instead {
        file: path.to_owned(),
        no_scrape: true,
        what: format!("is {what}"),
    });
    Ok(())
}

/// What a file is that has no line of a scrape.
fn instead(tree: &dyn Tree, path: &str) -> Result<Option<String>> {
    let bytes = files::read_head(&mut *tree.open(path)?, files::HEAD)?;
    let head = String::from_utf8_lossy(&bytes);
    let head = head.strip_prefix(files::BOM).unwrap_or(&head);
    if let Some(foreign) = foreign::what(&bytes, &Candidate::new(path, head)) {
        return Ok(Some(foreign.words()));
    }
    let is_sample = |line: &str| matches!(exposition::parse(line, ""), Ok(Line::Sample(_)));
    let of_scrape = |line: &str| line.starts_with('#') || is_sample(line);
    if head.lines().any(of_scrape) {
        return Ok(None);
    }
    let is_binary = std::str::from_utf8(&bytes).is_err_and(|error| error.error_len().is_some());
    let what = match head.trim_ascii_start().bytes().next() {
        None => "an empty file",
        _ if is_binary => "binary data",
        Some(b'[') => "a JSON array",
        Some(b'{') => "a JSON object",
        Some(b'<') => "markup and no plain text",
        Some(_) => "a text without one line of a scrape",
    };
    Ok(Some(what.to_owned()))
}

/// The format has no end mark, but its last line must end in a line feed: a scrape that was cut inside
/// a number would read as a smaller number.
fn cut(path: &str) -> Fault {
    let found = "found a last line without its line end; expected one, as every scrape has. The file was cut: copy it again";
    Fault::damaged(found).at(path)
}

fn empty(path: &str) -> Scrape {
    let name = files::name(path);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let (moment, rest) = moment(stem);
    let prefix = match rest.strip_suffix("metrics") {
        Some(before) => before.trim_end_matches(SEPARATORS),
        None => rest,
    };
    Scrape {
        file: path.to_owned(),
        moment,
        group: format!("{}/{prefix}", files::folder(path)),
        prefix: (!prefix.is_empty() && moment != Moment::Sample).then(|| prefix.to_owned()),
        time: time(stem),
        series: Vec::new(),
        gpu_prefix_unit: None,
    }
}

/// `1795489544`, `1795489544123` (milliseconds) and `metrics-1795489544`: seconds since 1970. A small number of its own
/// is the place in a series.
fn time(stem: &str) -> Option<f64> {
    let number = |text: &str| text.parse().ok().filter(|time: &f64| time.is_finite());
    let of_end = || {
        let (_, end) = stem.rsplit_once(['-', '_'])?;
        number(end).filter(|time| *time >= EPOCH)
    };
    let time = number(stem).or_else(of_end)?;
    let units = [(1e17, 1e9), (1e14, 1e6), (1e11, 1e3)];
    let unit = units.iter().find(|(from, _)| time >= *from);
    Some(time / unit.map_or(1.0, |(_, unit)| *unit))
}

const SEPARATORS: [char; 3] = ['-', '_', '.'];

/// `kimi-metrics-pre` and `pre-kimi-metrics` are (`Pre`, `kimi-metrics`); `express` is a sample, since no separator
/// stands before its end.
fn moment(stem: &str) -> (Moment, &str) {
    use Moment::{Post, Pre};
    for (word, moment) in [
        ("pre", Pre),
        ("before", Pre),
        ("post", Post),
        ("after", Post),
    ] {
        if let Some(rest) = stem.strip_suffix(word)
            && (rest.is_empty() || rest.ends_with(SEPARATORS))
        {
            return (moment, rest.trim_end_matches(SEPARATORS));
        }
        if let Some(rest) = stem.strip_prefix(word)
            && rest.starts_with(SEPARATORS)
        {
            return (moment, rest.trim_start_matches(SEPARATORS));
        }
    }
    (Moment::Sample, stem)
}
