//! Every number over the registered runs, on series whose curve and bands are worked out by hand.

use crate::documents::{document, with};
use perfbridge_guest::judge::history::Entry;
use perfbridge_guest::judge::overview::{Course, Overview};
use perfbridge_guest::render::{self, Layout};
use serde_json::{Value, json};

/// Twelve runs: 100 tok/s and a little, from the seventh on with another engine 80 and a little. Every fourth is an observation.
const SERIES: [f64; 12] = [
    100.0, 100.4, 99.8, 100.2, 99.6, 100.0, 80.0, 80.4, 79.8, 80.2, 79.6, 80.0,
];

fn entry(at: usize, more: &[(&str, Value)]) -> Entry {
    let version = if at < 6 { "0.32.0" } else { "0.33.0" };
    let changes = [
        ("/metrics/16/throughput_toks_per_s", json!(SERIES[at])),
        ("/deployment/vllm_version", json!(version)),
        (
            "/provenance",
            json!({"observation": at % 4 == 3, "captured_at": format!("2026-11-{:02}T00:00:00Z", at + 1)}),
        ),
    ];
    let document = with(with(document(), &changes), more);
    Entry {
        slug: format!("slug-{at:02}"),
        stamp: format!("2026-11-{:02}T06:00:00Z", at + 1),
        json: document.to_string(),
    }
}

fn entries() -> Vec<Entry> {
    (0..SERIES.len()).map(|at| entry(at, &[])).collect()
}

fn overview(entries: &[Entry]) -> Overview {
    Overview::new(entries).unwrap_or_else(|fault| panic!("{fault}"))
}

fn rendered(overview: &Overview, name: &str) -> String {
    let (_, render) = render::overview::form(name).expect("a form");
    render(overview, Layout::default())
}

fn headline(overview: &Overview) -> &Course {
    let is_it = |course: &&Course| {
        course.report.metric.name() == "throughput_toks_per_s"
            && course.report.number.place.key() == "16"
    };
    overview.courses.iter().find(is_it).expect("the headline")
}

#[test]
fn bands_stand_around_the_newest_baseline_and_the_runs_since_the_change() {
    let overview = overview(&entries());
    let course = headline(&overview);
    let [change] = course.report.changes.as_slice() else {
        panic!("{:?}", course.report.changes)
    };
    // Medians of six by hand.
    assert_eq!(
        (course.report.place_of(change), change.before, change.after),
        (6, 100.0, 80.0)
    );
    // The newest baseline is that of 79.6, since the last run is an observation: 3 % to either side.
    let [low, high] = course.tolerance.expect("a band");
    assert!(
        (low - 77.212).abs() < 1e-9 && (high - 81.988).abs() < 1e-9,
        "{low} {high}"
    );
    // Mean 80; deviations 0, .4, -.2, .2, -.4, 0 square to .4; divided by 5 that is .08.
    let [low, high] = course.noise.expect("a band");
    let room = 2.0 * 0.08_f64.sqrt();
    assert!(
        (low - (80.0 - room)).abs() < 1e-9 && (high - (80.0 + room)).abs() < 1e-9,
        "{low} {high}"
    );
    assert_eq!(
        overview.changed,
        [(6, "deployment.vllm_version 0.32.0 -> 0.33.0".to_owned())]
    );
    // What stays the same has no change, and a noise of nothing.
    let steady = overview
        .courses
        .iter()
        .find(|course| course.report.metric.name() == "ttft_p50_ms")
        .expect("there");
    assert_eq!(
        (steady.report.changes.len(), steady.noise),
        (0, Some([100.0, 100.0]))
    );
}

#[test]
fn a_terminal_shows_a_curve_for_each_number() {
    let text = rendered(&overview(&entries()), "text");
    let line = |begin: &str| {
        text.lines()
            .find(|line| line.starts_with(begin))
            .unwrap_or_else(|| panic!("{text}"))
    };
    assert_eq!(
        text.lines().next(),
        Some("m: 12 registered runs, 2026-11-01 to 2026-11-12: 9 baselines, 3 observations")
    );
    assert_eq!(
        text.lines().nth(1).map(str::trim),
        Some("●●●○●●●○●●●○  ● baseline, ○ observation")
    );
    // Of 79.6 to 100.4 eighths are 2.97 wide: 80.4 is a quarter of one above the lowest.
    assert_eq!(
        line("c16 throughput "),
        "c16 throughput                     ██████▁▁▁▁▁▁  80.00 tok/s, +0.5 %"
    );
    assert_eq!(
        line("c4 TTFT p50 ").split_whitespace().nth(3),
        Some("▄▄▄▄▄▄▄▄▄▄▄▄")
    );
    let marked = format!("\n{}↑{}  ↑ change\n", " ".repeat(35 + 6), " ".repeat(5));
    assert!(text.contains(&marked), "{text}");
    assert!(
        text.contains("↑ slug-06: c16 throughput 100.0 -> 80.00 tok/s (-20.0 %);"),
        "{text}"
    );
    assert!(text.contains("deployment.vllm_version 0.32.0"), "{text}");
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
    let plain = rendered(&overview(&entries()), "ascii");
    assert!(plain.is_ascii(), "{plain}");
    assert!(
        plain.contains("c16 throughput                     ######______  80.00 tok/s, +0.5 %\n"),
        "{plain}"
    );
    assert!(
        plain.contains(" BBBoBBBoBBBo  B baseline, o observation\n"),
        "{plain}"
    );
}

#[test]
fn a_page_shows_a_plot_for_each_number() {
    let overview = overview(&entries());
    let page = rendered(&overview, "page");
    let count = |what: &str| page.matches(what).count();
    assert_eq!(count("<figure>"), overview.courses.len());
    assert_eq!(
        (count("<circle class=\"b\""), count("<circle class=\"o\"")),
        (9 * overview.courses.len(), 3 * overview.courses.len())
    );
    assert_eq!(count("<polygon class=\"c\""), 1);
    assert_eq!(count("<polygon class=\"t\""), overview.courses.len());
    assert!(page.contains("<tr><td>slug-06<td>c16 throughput 100.0 -&gt; 80.00 tok/s (-20.0 %)<td>deployment.vllm_version 0.32.0 -&gt; 0.33.0</tr>"), "{page}");
    assert!(
        !page.contains("<script") && !page.contains("http://"),
        "{page}"
    );
}

#[test]
fn a_run_of_another_identity_is_left_out_and_named() {
    let mut entries = entries();
    entries[2] = entry(2, &[("/deployment/quantization", json!("<b>INT4"))]);
    let overview = overview(&entries);
    assert_eq!(
        headline(&overview).report.points[2].value.clone().ok(),
        None
    );
    let text = rendered(&overview, "text");
    assert!(
        text.contains("left out: slug-02: deployment.quantization is <b>INT4, in the newest FP8\n"),
        "{text}"
    );
    assert!(
        text.contains("c16 throughput                     ██ ███▁▁▁▁▁▁"),
        "{text}"
    );
    let page = rendered(&overview, "page");
    assert!(
        page.contains("&lt;b&gt;INT4") && !page.contains("<b>INT4"),
        "{page}"
    );
}

#[test]
fn a_few_runs_say_what_they_lack_and_none_is_refused() {
    let text = rendered(&overview(&entries()[..3]), "text");
    assert!(
        text.contains("changes are looked for from 10 comparable runs on\n"),
        "{text}"
    );
    let fault = Overview::new(&[]).expect_err("refused");
    assert_eq!(
        fault.message,
        "found no baseline; expected at least one. Record one first"
    );
    let fault = render::overview::form("yaml").expect_err("refused");
    assert_eq!(
        fault.message,
        "found the form \"yaml\" of an overview; expected one of text, ascii, page"
    );
}
