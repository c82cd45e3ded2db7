//! What a benchmark tool says against its own run, and what follows from it.

use crate::documents::{changed, codes, document, judge, said};
use perfbridge_guest::measure::validity::STATEMENTS;
use serde_json::json;

/// What follows of a statement about the current run.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Follows {
    Invalid,
    CutShort,
    Draft,
    Nothing,
}

use Follows::{CutShort, Draft, Invalid, Nothing};

/// By hand, of the documentation of each tool.
const EXPECTED: [(&str, &str, Follows); 12] = [
    ("AIPerf", "runtime_submission_invalid_reasons", Invalid),
    ("AIPerf", "submission_invalid_reasons", Invalid),
    ("AIPerf", "submission_valid", Invalid),
    ("AIPerf", "was_cancelled", CutShort),
    ("AIPerf", "is_complete", CutShort),
    ("AIPerf", "exit_errors", Nothing),
    ("GuideLLM", "generation_delay_ttft", Draft),
    ("GuideLLM", "dataset_incomplete", CutShort),
    ("GuideLLM", "root_late", Nothing),
    ("InferenceX", "benchmark_outcome", Draft),
    ("inference-perf", "validation_error", Invalid),
    ("inference-perf", "validation_warning", Nothing),
];

#[test]
fn the_table_names_each_statement_with_its_source() {
    let named: Vec<_> = STATEMENTS.iter().map(|one| (one.tool, one.name)).collect();
    let expected = EXPECTED.map(|(tool, name, _)| (tool, name));
    assert_eq!(named, expected);
    assert!(STATEMENTS.iter().all(|one| one.source.len() > 20));
}

/// At top level, for the whole run, and in the cell of the headline; one of another version is kept and decides nothing.
#[test]
fn each_statement_has_its_consequence_on_either_side() {
    let all = EXPECTED.iter().map(|(_, name, follows)| (*name, *follows));
    for (name, follows) in all.chain([("of_the_future", Nothing)]) {
        let statement = format!("{name}: because");
        for pointer in ["/validity", "/metrics/16/validity"] {
            let run = changed(&[(pointer, json!([statement]))]);
            let now = judge(&document(), &run);
            let before = judge(&run, &document());
            let verdicts = [&now, &before].map(said);
            let expected = match follows {
                Invalid => ["NO_VERDICT invalid-run", "NO_VERDICT invalid-run"],
                CutShort => ["YELLOW lost", "GREEN none"],
                Draft | Nothing => ["GREEN none", "GREEN none"],
            };
            assert_eq!(verdicts, expected, "{name} at {pointer}");
            for judgement in [&now, &before] {
                let needed = judgement.promote.join("\n");
                let stays = follows == Draft || follows == CutShort;
                assert_eq!(needed.contains(&statement), stays, "{name} at {pointer}");
                let is_invalid = codes(judgement).contains(&"RUN_INVALID");
                assert_eq!(is_invalid, follows == Invalid, "{name} at {pointer}");
            }
        }
    }
}
