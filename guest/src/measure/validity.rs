//! What a benchmark tool says against its own run, and what follows from it. One table for all tools.

/// What follows from a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// It is worth a word and decides nothing.
    Finding,
    /// The run measured something weaker than was meant: the judgement stays a draft.
    Draft,
    /// The run was cancelled or cut short: the judgement stays a draft, and a current run has lost measurements.
    CutShort,
    /// The run did not measure what it was to measure.
    Invalid,
}

/// One statement that a tool makes.
#[derive(Clone, Copy, Debug)]
pub struct Statement {
    /// The tool.
    pub tool: &'static str,
    /// What it calls it; the text before the colon of `NAME: VALUE`.
    pub name: &'static str,
    /// What follows.
    pub weight: Weight,
    /// Where the tool says it and what it means by it.
    pub source: &'static str,
}

/// Every statement that is known. Ordinary warnings are none: they stand in no document.
pub const STATEMENTS: &[Statement] = &[
    Statement {
        tool: "AIPerf",
        name: "runtime_submission_invalid_reasons",
        weight: Weight::Invalid,
        source: "JSON export from schema 1.5 on (docs/reference/json-export-schema.md): why results of the run may not be submitted",
    },
    Statement {
        tool: "AIPerf",
        name: "submission_invalid_reasons",
        weight: Weight::Invalid,
        source: "the same as planned before the run, below `metadata` of the export of a scenario",
    },
    Statement {
        tool: "AIPerf",
        name: "submission_valid",
        weight: Weight::Invalid,
        source: "`metadata` of the export of a scenario: false where a run may not be submitted; written without further reasons",
    },
    Statement {
        tool: "AIPerf",
        name: "was_cancelled",
        weight: Weight::CutShort,
        source: "JSON export: the run was cancelled from outside; finding INCOMPLETE_RUN",
    },
    Statement {
        tool: "AIPerf",
        name: "is_complete",
        weight: Weight::CutShort,
        source: "JSON export: false where a phase was cut short; finding INCOMPLETE_RUN",
    },
    Statement {
        tool: "AIPerf",
        name: "exit_errors",
        weight: Weight::Finding,
        source: "console log: the box `AIPerf System Exit Errors` behind a measured phase that had ended; finding AIPERF_EXIT_ERRORS",
    },
    Statement {
        tool: "GuideLLM",
        name: "generation_delay_ttft",
        weight: Weight::Draft,
        source: "`benchmarks[].warnings` from 0.8 on: making the prompts held the load back",
    },
    Statement {
        tool: "GuideLLM",
        name: "dataset_incomplete",
        weight: Weight::CutShort,
        source: "the same: the trace was not read to its end",
    },
    Statement {
        tool: "GuideLLM",
        name: "root_late",
        weight: Weight::Finding,
        source: "the same: requests were sent later than planned",
    },
    Statement {
        tool: "InferenceX",
        name: "benchmark_outcome",
        weight: Weight::Draft,
        source: "`benchmark_outcome.status` of its results in 2026, where it is not `passed`: more requests failed than `max_failure_rate` (5 %); how many did is judged as the error rate",
    },
    Statement {
        tool: "inference-perf",
        name: "validation_error",
        weight: Weight::Invalid,
        source: "`validation.json` from 0.7 on: numbers of its report contradict each other",
    },
    Statement {
        tool: "inference-perf",
        name: "validation_warning",
        weight: Weight::Finding,
        source: "the same: they are odd, for instance where the client counts other tokens than the server",
    },
];

/// The statement of a text `NAME: VALUE`.
pub fn of(text: &str) -> Option<&'static Statement> {
    let name = text.split_once(": ").map_or(text, |(name, _)| name);
    STATEMENTS.iter().find(|statement| statement.name == name)
}

/// What follows from a text `NAME: VALUE`; a name of another version is worth a word.
pub fn weight(text: &str) -> Weight {
    of(text).map_or(Weight::Finding, |statement| statement.weight)
}
