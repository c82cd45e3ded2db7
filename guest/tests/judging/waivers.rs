//! What a waiver does to the decision of a gate, how it ends, and that every output says so.

use crate::documents::{document, judge_as, level_set, said, status, with, without};
use crate::gate::{decided, gate_of};
use crate::policy_file::file;
use crate::trials::THROUGHPUT;
use perfbridge_guest::judge::Judgement;
use perfbridge_guest::judge::policy::Request;
use perfbridge_guest::judge::status::Status;
use perfbridge_guest::render::{FORMS, Layout};
use serde_json::{Value, json};

/// Every output for readers: the page has the decision beside its texts, and tables of numbers have a column of it.
fn texts(judgement: &Judgement) -> Vec<(&'static str, String)> {
    let layout = Layout {
        width: 100,
        colour: false,
    };
    // Of the sweep, which looks at no waiver, the frame is written elsewhere.
    let others = ["policy", "page", "csv", "openmetrics", "sweep"];
    let forms = FORMS.iter().filter(|form| !others.contains(&form.name));
    forms
        .map(|form| (form.name, (form.render)(judgement, layout)))
        .collect()
}

/// Without what lays a text out; a chat's line has plain words alone.
fn words(text: &str) -> String {
    let signs = |c: char| c.is_whitespace() || ":;()!".contains(c);
    let words = text.split(signs).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// Whether an output says a sentence; a line ends early.
fn says(form: &str, text: &str, sentence: &str) -> bool {
    let sentence = words(sentence);
    match form {
        "line" => words(text)
            .replace(',', "")
            .contains(&sentence.replace(',', "")[..60]),
        _ => words(text).contains(&sentence),
    }
}

fn started(document: Value, time: &str) -> Value {
    with(document, &[("/provenance", json!({"captured_at": time}))])
}

pub fn waiver(place: &str, expires: &str) -> Value {
    json!({"metric": "tps", "place": place, "reason": "new sampler", "owner": "ada", "expires": expires})
}

fn waived(waivers: Value) -> Request {
    file(&json!({"waiver": waivers, "require_tier": "draft"}))
}

#[test]
fn a_waiver_changes_the_gate_and_nothing_else_and_every_output_says_so() {
    let slower = level_set(document(), "16", &THROUGHPUT, 80.0);
    let slower = started(slower, "2026-11-20T23:59:59Z");
    let plain = judge_as(&document(), &slower, &Request::default());
    let judgement = judge_as(
        &document(),
        &slower,
        &waived(json!([waiver("c16", "2026-11-20")])),
    );
    assert_eq!(said(&judgement), "RED headline");
    assert_eq!(judgement.rows, plain.rows);
    assert_eq!(judgement.findings, plain.findings);
    assert_eq!(
        status(&judgement, "throughput_toks_per_s", "16"),
        Status::Regressed
    );
    let gate = gate_of(&judgement);
    assert_eq!(decided(&judgement), "pass 0");
    assert_eq!(
        (gate.verdict.as_str(), gate.rule.as_str()),
        ("GREEN", "none")
    );
    let sentence = "RED; gate passes: throughput_toks_per_s at c16 waived by ada until 2026-11-20: new sampler";
    assert_eq!(gate.sentence, sentence);
    assert_eq!(gate.waived.len(), 1);
    for (form, text) in texts(&judgement) {
        assert!(says(form, &text, sentence), "{form}: {text}");
        assert!(text.contains("RED"), "{form}");
    }
    let json: Value = serde_json::from_str(&judgement.to_json()).expect("JSON");
    assert_eq!(json["verdict"], "RED");
    assert_eq!(json["gate"]["outcome"], "pass");
    assert_eq!(json["gate"]["exit"], 0);
    assert_eq!(
        json["gate"]["waived"][0],
        json!({"metric": "throughput_toks_per_s", "place": "c16", "owner": "ada", "reason": "new sampler", "expires": "2026-11-20"})
    );
}

/// A waiver of one row is none of the others: a pass names what is left beyond its tolerance.
#[test]
fn a_pass_by_a_waiver_says_what_is_left() {
    let slower = level_set(document(), "16", &THROUGHPUT, 80.0);
    let slower = level_set(slower, "16", &["ttft_p50_ms"], 112.0);
    let slower = started(slower, "2026-11-20T10:00:00Z");
    let waivers = waived(json!([waiver("c16", "2026-12-01")]));
    let judgement = judge_as(&document(), &slower, &waivers);
    let gate = gate_of(&judgement);
    assert_eq!(decided(&judgement), "pass 0");
    assert_eq!(
        (gate.verdict.as_str(), gate.rule.as_str()),
        ("YELLOW", "few")
    );
    let left = "RED; gate passes: YELLOW by rule few: ";
    assert!(gate.sentence.starts_with(left), "{}", gate.sentence);
    assert!(gate.because[0].contains("ttft_p50_ms"), "{}", gate.sentence);
    let covered = "; throughput_toks_per_s at c16 waived by ada until 2026-12-01: new sampler";
    assert!(gate.sentence.ends_with(covered), "{}", gate.sentence);
}

/// What is left decides: here the other level, of the same metric and by far.
#[test]
fn a_waiver_covers_its_own_row_alone() {
    let slower = started(
        level_set(document(), "16", &THROUGHPUT, 80.0),
        "2026-11-20T10:00:00Z",
    );
    let both = level_set(slower.clone(), "4", &THROUGHPUT, 80.0);
    let judgement = judge_as(
        &document(),
        &both,
        &waived(json!([waiver("c16", "2026-12-01")])),
    );
    assert_eq!(decided(&judgement), "fail 1");
    let gate = gate_of(&judgement);
    assert_eq!(
        (gate.verdict.as_str(), gate.rule.as_str()),
        ("RED", "severe")
    );
    assert!(
        gate.sentence.starts_with("gate fails: RED by rule severe: beyond 5 times the default tolerance: throughput_toks_per_s at c4"),
        "{}",
        gate.sentence
    );
    // Nothing is waived that nobody measured, and a lost headline is lost.
    let lost = started(
        without(document(), "/metrics/16", "throughput_toks_per_s"),
        "2026-11-20T10:00:00Z",
    );
    let judgement = judge_as(
        &document(),
        &lost,
        &waived(json!([waiver("c16", "2026-12-01")])),
    );
    assert_eq!(said(&judgement), "NO_VERDICT headline-unmeasured");
    assert_eq!(decided(&judgement), "inconclusive 3");
    // Of another model it is none of this one.
    let mut other = waiver("c16", "2026-12-01");
    other["model"] = json!("n*");
    assert_eq!(
        decided(&judge_as(&document(), &slower, &waived(json!([other])))),
        "fail 1"
    );
}

#[test]
fn a_lost_number_can_be_waived() {
    let lost = started(
        without(document(), "/metrics/4", "ttft_p99_ms"),
        "2026-11-20T10:00:00Z",
    );
    let mut of_tail = waiver("c4", "2026-12-01");
    of_tail["metric"] = json!("ttft_p99_ms");
    let judgement = judge_as(&document(), &lost, &waived(json!([of_tail])));
    assert_eq!(said(&judgement), "YELLOW lost");
    assert_eq!(decided(&judgement), "pass 0");
    assert!(
        gate_of(&judgement)
            .sentence
            .starts_with("YELLOW; gate passes: ttft_p99_ms at c4 waived by ada")
    );
}

/// It covers runs that started until its day is over, all of them, by what they say themselves.
#[test]
fn an_expired_waiver_fails_loudly_and_an_unused_one_is_said() {
    let with_start = |time: &str| started(level_set(document(), "16", &THROUGHPUT, 80.0), time);
    let policy = waived(json!([waiver("c16", "2026-11-20")]));
    for (time, decision) in [
        ("2026-11-20T23:59:59Z", "pass 0"),
        ("2026-11-21T00:00:00Z", "fail 1"),
        // The same instant, an hour to the east.
        ("2026-11-21T00:59:59+01:00", "pass 0"),
        ("2026-11-21T01:00:00+01:00", "fail 1"),
    ] {
        let judgement = judge_as(&document(), &with_start(time), &policy);
        assert_eq!(decided(&judgement), decision, "{time}");
    }
    // Also where nothing got worse.
    let unharmed = started(document(), "2026-11-21T00:00:00Z");
    let judgement = judge_as(&document(), &unharmed, &policy);
    assert_eq!(said(&judgement), "GREEN none");
    let sentence = "gate fails: the waiver of throughput_toks_per_s at c16 by ada expired on 2026-11-20, before the current run: new sampler; remove or renew it";
    assert_eq!(gate_of(&judgement).sentence, sentence);
    for (form, text) in texts(&judgement) {
        assert!(says(form, &text, &sentence[..100]), "{form}: {text}");
    }
    let judgement = judge_as(&document(), &document(), &policy);
    assert_eq!(decided(&judgement), "fail 1");
    assert!(
        gate_of(&judgement)
            .sentence
            .ends_with("cannot be shown to hold: a current run does not say when it started")
    );
    let judgement = judge_as(
        &document(),
        &started(document(), "2026-11-20T10:00:00Z"),
        &policy,
    );
    assert_eq!(decided(&judgement), "pass 0");
    let note = "the waiver of throughput_toks_per_s at c16 by ada until 2026-11-20 was not needed";
    assert_eq!(gate_of(&judgement).notes, [note]);
    for (form, text) in texts(&judgement) {
        assert!(form == "line" || says(form, &text, note), "{form}: {text}");
    }
}

/// Text of a waiver is text from outside.
#[test]
fn a_waiver_cannot_break_an_output() {
    let slower = started(
        level_set(document(), "16", &THROUGHPUT, 80.0),
        "2026-11-20T10:00:00Z",
    );
    let mut hostile = waiver("c16", "2026-12-01");
    hostile["owner"] = json!("<img src=x>|@everyone");
    hostile["reason"] =
        json!("::error::x [link](http://x) $(id) https://u:s3cret@host HF_TOKEN=s3cret");
    let judgement = judge_as(&document(), &slower, &waived(json!([hostile])));
    for (form, text) in texts(&judgement) {
        assert!(!text.contains("\u{1b}"), "{form}");
        assert!(!text.contains("s3cret"), "{form}: {text}");
        assert!(
            !text
                .lines()
                .any(|line| line.trim_start().starts_with("::error")),
            "{form}: {text}"
        );
        if form.starts_with("markdown") || form == "handoff" {
            assert!(
                !text.contains("<img") && !text.contains("@everyone"),
                "{form}: {text}"
            );
            assert!(!text.contains("[link](http"), "{form}: {text}");
        }
    }
}

/// A run can claim any start; the day of the caller cannot be claimed by it, and stands in the judgement.
#[test]
fn a_waiver_has_ended_on_the_caller_s_day_whatever_a_run_claims() {
    let slower = level_set(document(), "16", &THROUGHPUT, 80.0);
    let claims = started(slower, "2026-11-01T10:00:00Z");
    let on = |day: Option<&str>| {
        let mut policy = waived(json!([waiver("c16", "2026-11-20")]));
        policy
            .choices
            .extend(day.map(|day| ("today".to_owned(), day.to_owned())));
        judge_as(&document(), &claims, &policy)
    };
    for (day, decision) in [
        (None, "pass 0"),
        (Some("2026-11-19"), "pass 0"),
        (Some("2026-11-20"), "pass 0"),
        (Some("2026-11-21"), "fail 1"),
        (Some("2027-01-01"), "fail 1"),
    ] {
        let judgement = on(day);
        assert_eq!(decided(&judgement), decision, "{day:?}");
        assert_eq!(gate_of(&judgement).today.as_deref(), day);
        // The same day gives the same bytes, and no other part of the judgement knows of it.
        assert_eq!(judgement.to_json(), on(day).to_json());
        assert_eq!(judgement.rows, on(None).rows);
        assert_eq!(said(&judgement), "RED headline");
    }
    let late = on(Some("2026-11-21"));
    let sentence = &gate_of(&late).sentence;
    let ended = "the waiver of throughput_toks_per_s at c16 by ada expired on 2026-11-20, today is 2026-11-21: new sampler; remove or renew it";
    assert!(sentence.contains(ended), "{sentence}");
    // Where nothing is waived the day decides nothing, and the judgement is that of any other day.
    let plain = |day: &str| {
        let mut policy = file(&json!({"require_tier": "draft"}));
        policy.choices.push(("today".to_owned(), day.to_owned()));
        judge_as(&document(), &claims, &policy).to_json()
    };
    assert_eq!(plain("2026-11-21"), plain("2027-01-01"));
}

/// What lists nothing without a file is given one of the repository; another is no reason for other fingerprints.
#[test]
fn results_stand_at_the_file_that_the_caller_names() {
    let slower = level_set(document(), "16", &THROUGHPUT, 80.0);
    let form = |name: &str, at: Option<&str>| -> Value {
        let mut policy = Request::default();
        policy
            .choices
            .extend(at.map(|at| ("report_at".to_owned(), at.to_owned())));
        let judgement = judge_as(&document(), &slower, &policy);
        // It asks for no gate.
        assert_eq!(judgement.gate, None);
        let form = FORMS.iter().find(|form| form.name == name).expect(name);
        let layout = Layout {
            width: 80,
            colour: false,
        };
        serde_json::from_str(&(form.render)(&judgement, layout)).expect("JSON")
    };
    for (at, uri, path) in [
        (None, "verdict.json", "verdict.json"),
        (
            Some("perfbridge.toml"),
            "perfbridge.toml",
            "perfbridge.toml",
        ),
        (
            Some("a b/ü\"#%.toml"),
            "a%20b/%C3%BC%22%23%25.toml",
            "a b/ü\"#%.toml",
        ),
    ] {
        let sarif = form("sarif", at);
        let run = &sarif["runs"][0];
        assert_eq!(run["artifacts"][0]["location"]["uri"], uri);
        let results = run["results"].as_array().expect("results");
        let mut hashes = Vec::new();
        for result in results {
            let location = &result["locations"][0]["physicalLocation"];
            assert_eq!(location["artifactLocation"]["uri"], uri);
            hashes.push(&result["partialFingerprints"]["primaryLocationLineHash"]);
        }
        let before = form("sarif", None);
        for (result, hash) in before["runs"][0]["results"]
            .as_array()
            .expect("results")
            .iter()
            .zip(&hashes)
        {
            assert_eq!(
                result["partialFingerprints"]["primaryLocationLineHash"],
                **hash
            );
        }
        // Each its own: code scanning takes two of one hash for one.
        let count = hashes.len();
        hashes.sort_by_key(|hash| hash.as_str());
        hashes.dedup();
        assert_eq!(hashes.len(), count);
        for issue in form("gitlab", at).as_array().expect("issues") {
            assert_eq!(issue["location"]["path"], path);
        }
    }
}
