//! Argument lists, read as CPython 3.11's `argparse` reads them. `tests/data/reference/argparse.jsonl` holds what it made of each: the
//! values, the error, or that it printed the help text.

mod common;

use common::Bench;
use perfbridge_registry::Verbs;
use perfbridge_registry::options::{DIFF, RECORD, parse};
use perfbridge_registry::python::argparse::Outcome;
use perfbridge_registry::python::float::repr;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Case {
    args: Vec<String>,
    #[serde(default)]
    values: Option<BTreeMap<String, String>>,
    #[serde(default)]
    error: Option<String>,
}

const RECORD_USAGE: &str = "\
usage: __main__.py record [-h] --family FAMILY --measurement MEASUREMENT
                          --source SOURCE [--value VALUE] [--unit UNIT]
                          --direction
                          {higher-is-better,lower-is-better,two-sided}
                          [--schema SCHEMA] [--notes NOTES]
                          [--repo-root REPO_ROOT] [--json]
";

const DIFF_USAGE: &str = "\
usage: __main__.py diff [-h] --baseline BASELINE --current CURRENT
                        [--tolerance-percent TOLERANCE_PERCENT]
                        [--tolerance-absolute TOLERANCE_ABSOLUTE]
                        [--repo-root REPO_ROOT] [--json]
";

#[test]
fn argument_lists_mean_what_they_mean_to_argparse() {
    let lines = include_str!("../../../tests/data/reference/argparse.jsonl").lines();
    let cases: Vec<Case> = lines
        .map(|line| serde_json::from_str(line).expect("a case"))
        .collect();
    assert!(cases.len() > 150);
    for Case {
        args,
        values,
        error,
    } in cases
    {
        let (spec, usage) = match args[0].as_str() {
            "record" => (&RECORD, RECORD_USAGE),
            _ => (&DIFF, DIFF_USAGE),
        };
        match (parse(spec, &args[1..]), values, error) {
            (Outcome::Run(parsed), Some(values), None) => {
                let value = |name: &str| {
                    parsed
                        .text(name)
                        .map(str::to_owned)
                        .or_else(|| parsed.float(name).map(repr))
                };
                let ours: BTreeMap<_, _> = spec
                    .options
                    .iter()
                    .filter_map(|option| Some((option.name.to_owned(), value(option.name)?)))
                    .collect();
                assert_eq!(ours, values, "{args:?}");
            }
            (Outcome::Refused(text), None, Some(error)) => {
                let program = "usage: __main__.py [-h] {record,diff} ...\n";
                let usage = if error.starts_with("__main__.py: ") {
                    program
                } else {
                    usage
                };
                assert_eq!(text, format!("{usage}{error}"), "{args:?}");
            }
            (Outcome::Help(text), None, None) => assert!(text.starts_with(usage), "{args:?}"),
            (ours, ..) => panic!("{args:?}: {ours:?}"),
        }
    }
}

#[test]
fn the_help_of_diff_is_laid_out_like_that_of_record() {
    let Outcome::Help(text) = parse(&DIFF, &["-h".to_owned()]) else {
        panic!("help")
    };
    let expected = "
Diff a current measurement against a registered baseline.

options:
  -h, --help            show this help message and exit
  --baseline BASELINE   Directory of the registry entry to compare with
  --current CURRENT     File that holds the measurement to judge
  --tolerance-percent TOLERANCE_PERCENT
                        Allowed change of each key in percent (default: 5)
  --tolerance-absolute TOLERANCE_ABSOLUTE
                        Allowed change of each key in its own unit; the
                        percent tolerance then plays no part
  --repo-root REPO_ROOT
                        Override PROFILE_AND_OPTIMIZE_REPO_ROOT
  --json                Emit JSON envelope
";
    assert_eq!(text, format!("{DIFF_USAGE}{expected}"));
}

/// A small generator of the kind of Knuth's MMIX; the seed is fixed, so a failure can be repeated.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }
}

#[test]
fn no_argument_list_is_answered_with_anything_but_an_envelope_of_code_0_1_or_2() {
    let bench = Bench::new();
    let here = bench.root.to_str().expect("UTF-8").to_owned();
    let pieces = [
        "--family",
        "--family=f",
        "--fam",
        "--measurement=m",
        "--source",
        "--source=inputs/flat_base.json",
        "--direction=two-sided",
        "--dir",
        "two-sided",
        "--value=1",
        "--value",
        "-1",
        "nan",
        "--unit",
        "--schema",
        "inputs/schema.json",
        "--notes=\u{1f600}|",
        "--json",
        "--",
        "-",
        "-h",
        "-\u{e9}",
        "=",
        "",
        "--=",
        "\0",
        "~",
        "~nobody/x",
        "/dev/null",
        "--repo-root=",
        "--repo-root=/",
        "--baseline=.",
        "--baseline",
        "--current=inputs/flat_red.json",
        "--current=.",
        "--current",
        "--tolerance-p=1e999",
        "--tol",
        &here,
        "\n",
    ];
    let mut random = Random(20_261_124);
    let mut codes = [0; 3];
    for _ in 0..20_000 {
        let count = random.below(9);
        let args: Vec<_> = (0..count)
            .map(|_| pieces[random.below(pieces.len())].to_owned())
            .collect();
        let run = if random.below(2) == 0 {
            Verbs::record
        } else {
            Verbs::diff
        };
        let reply = run(&bench.registry, &args).expect("an envelope");
        assert!((0..=2).contains(&reply.returncode), "{args:?}");
        assert_eq!(
            reply.returncode == 0,
            reply.stderr.is_empty(),
            "{args:?}: {}",
            reply.stderr
        );
        codes[reply.returncode as usize] += 1;
    }
    assert!(codes.iter().all(|count| *count > 0), "{codes:?}");
}
