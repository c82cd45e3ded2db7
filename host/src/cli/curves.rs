//! Every number over the registered runs, as a curve of one character a run and as a page of plots. The numbers, their texts, bands and
//! changes are the component's; here they are drawn.

use super::drawn::{PAGE, escape_html};
use super::listing::place;
use super::output::plain;
use super::pool;
use crate::error::{Error, Result};
use crate::sandbox::judge::{Entry, Form};
use crate::sandbox::{Case, Sandbox};
use serde_json::Value;

/// So many of the newest runs are drawn.
const MOST: usize = 60;
/// And so many in a curve.
const CURVE: usize = 24;
/// Columns of a name.
const NAME: usize = 40;

/// Every number, each as `perfbridge_history_v1`.
pub struct Curves {
    slugs: Vec<String>,
    series: Vec<Value>,
}

impl Curves {
    /// Of entries, oldest first.
    ///
    /// # Errors
    /// Those of judging the newest one by itself, which says which numbers there are.
    pub fn of(sandbox: &Sandbox, entries: &[Entry]) -> Result<Curves> {
        let entries = &entries[entries.len().saturating_sub(MOST)..];
        let newest = entries.last().map_or("", |entry| entry.json.as_str());
        let case = Case {
            baseline: newest,
            current: newest,
            history: &[],
            policy: &super::policy::of(None),
        };
        let judged = sandbox.judge(&case, &[Form::json()])?;
        let judged: Value = serde_json::from_str(judged.texts.first().map_or("", String::as_str))
            .map_err(|error| Error::internal(error.to_string()))?;
        let rows = judged["rows"].as_array().cloned().unwrap_or_default();
        let text = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
        let numbers: Vec<[String; 2]> = rows
            .iter()
            .filter(|row| !row["baseline"].is_null())
            .map(|row| ["metric", "level"].map(|key| text(row, key)))
            .collect();
        let jobs = pool::processors();
        let series = pool::each(&numbers, jobs, "drawing", |[metric, level]| {
            // What is judged without being a number of a document has no series.
            let series = sandbox.history(entries, Some(metric), Some(level)).ok()?;
            serde_json::from_str(&series.json).ok()
        });
        Ok(Curves {
            slugs: entries.iter().map(|entry| entry.slug.clone()).collect(),
            series: series.into_iter().flatten().collect(),
        })
    }

    /// Whether a run is an observation; none where no number of it is compared.
    fn is_observation(&self, slug: &str) -> Option<bool> {
        let mut entries = self
            .series
            .iter()
            .flat_map(|series| list(series, "entries"));
        let entry = entries.find(|entry| entry["slug"] == *slug)?;
        entry["observation"].as_bool()
    }

    /// By run at which a number changed: which numbers did, and what changed there.
    fn changes(&self) -> Vec<[String; 3]> {
        let mut all = Vec::new();
        for slug in &self.slugs {
            let (mut numbers, mut changed) = (Vec::new(), String::new());
            for series in &self.series {
                let here = list(series, "change_points").iter();
                for change in here.filter(|change| change["slug"] == slug.as_str()) {
                    numbers.push(format!("{} {}", name(series), word(change, "shown")));
                    changed = word(change, "changed");
                }
            }
            if !numbers.is_empty() {
                if changed.is_empty() {
                    changed = "nothing that is recorded changed".to_owned();
                }
                all.push([slug.clone(), numbers.join("; "), changed]);
            }
        }
        all
    }

    /// For a terminal, with blocks or in ASCII.
    pub fn text(&self, has_blocks: bool) -> String {
        let marks: Vec<char> = match has_blocks {
            true => "▁▂▃▄▅▆▇█●○↑".chars().collect(),
            false => "_.,-~=+@Bo^".chars().collect(),
        };
        let slugs = &self.slugs[self.slugs.len().saturating_sub(CURVE)..];
        let changes = self.changes();
        let blank = " ".repeat(NAME);
        let (mut kinds, mut at) = (String::new(), String::new());
        for slug in slugs {
            kinds.push(match self.is_observation(slug) {
                None => ' ',
                Some(observed) => marks[8 + usize::from(observed)],
            });
            let changed = changes.iter().any(|change| change[0] == *slug);
            at.push(if changed { marks[10] } else { ' ' });
        }
        let mut out = format!(
            "{blank} {kinds}  {} baseline {} observation\n",
            marks[8], marks[9]
        );
        for series in &self.series {
            let values: Vec<Option<f64>> = slugs.iter().map(|slug| value(series, slug)).collect();
            let [low, high] = ends(values.iter().flatten());
            let mut curve = String::new();
            for value in values {
                curve.push(match value {
                    None => ' ',
                    Some(_) if high <= low => marks[3],
                    Some(value) => marks[((value - low) / (high - low) * 7.0 + 0.5) as usize],
                });
            }
            let name: String = name(series).chars().take(NAME).collect();
            out += &format!("{name:<NAME$} {curve}  {}\n", newest(series));
        }
        if !changes.is_empty() {
            out += &format!("{blank} {at}  {} change\n", marks[10]);
        }
        for [slug, numbers, changed] in changes {
            out += &format!("{} {slug}: {changed}\n  {numbers}\n", marks[10]);
        }
        plain(&out)
    }

    /// A file of HTML that needs nothing beside it.
    pub fn page(&self, model: &str) -> String {
        let mut out = PAGE.to_owned();
        let count = |observed| {
            let kind = |slug: &&String| self.is_observation(slug) == Some(observed);
            self.slugs.iter().filter(kind).count()
        };
        let title = format!(
            "{model}: baselines {}, observations {}",
            count(false),
            count(true)
        );
        out += &format!("<h1>{}</h1>\n", escape_html(&title));
        out += LEGEND;
        let changes = self.changes();
        if !changes.is_empty() {
            out += CHANGES;
            for cells in changes {
                let cells = cells.map(|cell| escape_html(&cell)).join("<td>");
                out += &format!("<tr><td>{cells}</tr>\n");
            }
            out += "</table>\n";
        }
        out += "<main>\n";
        for series in &self.series {
            let name = escape_html(&name(series));
            let newest = escape_html(&newest(series));
            let plot = self.plot(series);
            out += &format!(
                "<figure><figcaption><b>{name}</b> {newest}</figcaption>{plot}</figure>\n"
            );
        }
        out += "</main>\n";
        if let Some(series) = self.series.first() {
            for one in list(series, "excluded") {
                let text = format!("{}: {}", word(one, "slug"), word(one, "reason"));
                out += &format!("<p>left out: {}</p>\n", escape_html(&text));
            }
        }
        out + "</body></html>\n"
    }

    /// Bands behind, then changes, the curve, and a mark a run with its name and number.
    fn plot(&self, series: &Value) -> String {
        const WIDTH: f64 = 320.0;
        const HEIGHT: f64 = 90.0;
        const EDGE: f64 = 8.0;
        let bands = ["tolerance", "noise"].map(|key| (key, list(series, key)));
        let mut reached: Vec<f64> = Vec::new();
        reached.extend(self.slugs.iter().filter_map(|slug| value(series, slug)));
        reached.extend(
            bands
                .iter()
                .flat_map(|band| band.1)
                .filter_map(Value::as_f64),
        );
        let [low, high] = ends(reached.iter());
        let range = if high > low { high - low } else { 1.0 };
        let y = |value: f64| EDGE + (high - value) / range * (HEIGHT - 2.0 * EDGE);
        let steps = self.slugs.len().saturating_sub(1).max(1) as f64;
        let x = |at: f64| EDGE + at / steps * (WIDTH - 2.0 * EDGE);
        let mut out = format!("<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\">");
        for (key, band) in bands {
            if let [Some(from), Some(to)] = [0, 1].map(|at| band.get(at).and_then(Value::as_f64)) {
                let (class, top) = (&key[..1], y(to));
                let height = y(from) - top;
                out += &format!(
                    "<rect class=\"{class}\" x=\"0\" y=\"{top:.1}\" width=\"{WIDTH}\" height=\"{height:.1}\"/>"
                );
            }
        }
        let (mut curve, mut marks) = (String::new(), String::new());
        for (at, slug) in self.slugs.iter().enumerate() {
            let changed = list(series, "change_points")
                .iter()
                .any(|change| change["slug"] == slug.as_str());
            if changed {
                let x = x(at as f64 - 0.5);
                out += &format!(
                    "<line class=\"c\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"0\" y2=\"{HEIGHT}\"/>"
                );
            }
            if let (Some(entry), Some(value)) = (entry(series, slug), value(series, slug)) {
                let (x, y) = (x(at as f64), y(value));
                curve += &format!("{x:.1},{y:.1} ");
                let class = if entry["observation"] == true {
                    "o"
                } else {
                    "b"
                };
                let title = escape_html(&format!("{slug}: {}", with_unit(series, entry)));
                marks += &format!(
                    "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\"><title>{title}</title></circle>"
                );
            }
        }
        out + &format!("<polyline class=\"l\" points=\"{curve}\"/>{marks}</svg>")
    }
}

const LEGEND: &str = "<p>Filled: a baseline of record. Hollow: an observation. Blue: the default tolerance around the newest baseline. Yellow: two standard deviations to either side of the mean since the last change. Red: a change (E-divisive, level 0.01).</p>
";
const CHANGES: &str = "<table><tr><th>changed at<th>what moved<th>what changed there</tr>\n";

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

fn word(value: &Value, key: &str) -> String {
    plain(value[key].as_str().unwrap_or_default())
}

/// `c16 ttft_p50_ms`.
fn name(series: &Value) -> String {
    format!(
        "{} {}",
        place(&word(series, "level")),
        word(series, "metric")
    )
}

fn entry<'a>(series: &'a Value, slug: &str) -> Option<&'a Value> {
    let mut entries = list(series, "entries").iter();
    entries.find(|entry| entry["slug"] == *slug)
}

fn value(series: &Value, slug: &str) -> Option<f64> {
    entry(series, slug)?["value"].as_f64()
}

fn with_unit(series: &Value, entry: &Value) -> String {
    match word(series, "unit").as_str() {
        // Their texts say so.
        "fraction" | "percent" => word(entry, "shown"),
        unit => format!("{} {unit}", word(entry, "shown")),
    }
}

/// The newest value and its change from the one before.
fn newest(series: &Value) -> String {
    let newest = list(series, "entries").last();
    newest.map_or_else(String::new, |entry| {
        format!("{} ({})", with_unit(series, entry), word(entry, "change"))
    })
}

fn ends<'a>(values: impl Iterator<Item = &'a f64>) -> [f64; 2] {
    let none = [f64::INFINITY, f64::NEG_INFINITY];
    values.fold(none, |[low, high], value| {
        [low.min(*value), high.max(*value)]
    })
}
