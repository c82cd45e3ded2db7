//! What people type most, for the help of each command.

use clap::Command;

/// By command: lines of shell.
const EXAMPLES: &[(&str, &[&str])] = &[
    (
        "diff",
        &[
            "perfbridge diff runs/before runs/after",
            "perfbridge diff --model kimi-k25 runs/after-1 runs/after-2 runs/after-3",
            "perfbridge diff before.json after.json --tolerance.ttft 7 --format markdown",
        ],
    ),
    (
        "gate",
        &[
            "perfbridge gate runs/pr-1 runs/pr-2 runs/pr-3",
            "perfbridge gate runs/pr-* --baseline-ref origin/main --format junit=perf.xml --format summary=summary.md",
            "perfbridge gate --baseline kimi-k25@golden runs/nightly --require-tier draft --inconclusive neutral",
        ],
    ),
    (
        "sweep",
        &[
            "perfbridge sweep",
            "perfbridge sweep --since 7d --html fleet.html --format junit=fleet.xml",
            "perfbridge sweep --model 'kimi-*' --json",
        ],
    ),
    (
        "policy",
        &[
            "perfbridge policy check",
            "perfbridge policy explain runs/before runs/after",
        ],
    ),
    (
        "record",
        &[
            "perfbridge record runs/v0.32-1 runs/v0.32-2 runs/v0.32-3",
            "perfbridge record runs/v0.32 --set context.hardware=8xB200 --label v0.32 --notes GPQA=0.31 --yes",
        ],
    ),
    ("view", &["perfbridge view runs/before runs/after"]),
    (
        "ingest",
        &[
            "perfbridge ingest runs/today > today.json",
            "perfbridge ingest runs/today | perfbridge diff before.json -",
        ],
    ),
    (
        "inspect",
        &[
            "perfbridge inspect results",
            "perfbridge inspect results --json",
        ],
    ),
    (
        "formats",
        &["perfbridge formats", "perfbridge formats vllm-bench-json"],
    ),
    (
        "explain",
        &[
            "perfbridge explain ttft_p50_ms@c16 --baseline runs/before --current runs/after",
            "perfbridge explain tps@16 --verdict verdict.json",
        ],
    ),
    (
        "calibrate",
        &[
            "perfbridge calibrate --runs runs/same-1 runs/same-2 runs/same-3 --write perfbridge.toml",
        ],
    ),
    (
        "plan",
        &[
            "perfbridge plan --baseline v0.32 --current v0.33 --trials 5",
            "perfbridge plan --again kimi-k25@production --trials 3",
        ],
    ),
    (
        "history",
        &["perfbridge history --model kimi-k25 --metric ttft_p50_ms --level c16"],
    ),
    (
        "report",
        &[
            "perfbridge report experiments/artifacts/perf-baseline-diffs/inference/kimi-k25-perfbench-v1/20261129T074904515588Z",
        ],
    ),
    (
        "list",
        &["perfbridge list", "perfbridge list kimi-k25 --json"],
    ),
    (
        "show",
        &[
            "perfbridge show kimi-k25",
            "perfbridge show kimi-k25@20261129T0741",
        ],
    ),
    (
        "pin",
        &[
            "perfbridge pin kimi-k25@20261129T0741",
            "perfbridge pin kimi-k25 --label v0.32-golden",
        ],
    ),
    (
        "promote",
        &[
            "perfbridge promote --model kimi-k25 --current runs/v0.33 --reason v0.33-rollout --eval GPQA=0.71 --eval MMLU-Pro=0.83",
            "perfbridge promote --current kimi-k25@20261129T0741 --reason soaked-a-week --role production --ratchet",
        ],
    ),
    (
        "promotions",
        &[
            "perfbridge promotions",
            "perfbridge promotions kimi-k25 --role production",
        ],
    ),
    (
        "verify",
        &[
            "perfbridge verify",
            "perfbridge verify verdicts/v0.33/verdict.json --allowed-signers signers",
            "perfbridge verify --replay",
        ],
    ),
    ("init", &["perfbridge init", "perfbridge init /srv/perf"]),
    (
        "mcp",
        &[
            "perfbridge mcp --repo-root /srv/perf",
            "perfbridge mcp --http 127.0.0.1:8931 --read-only",
        ],
    ),
    ("doctor", &["perfbridge doctor"]),
    (
        "completions",
        &["perfbridge completions bash > ~/.local/share/bash-completion/completions/perfbridge"],
    ),
    ("man", &["perfbridge man ~/.local/share/man/man1"]),
];

/// The same commands with their examples below the options.
pub fn added(mut command: Command) -> Command {
    for (name, lines) in EXAMPLES {
        command = command.mut_subcommand(name, |command| {
            let before = match command.get_after_help() {
                Some(text) => format!("{text}\n\n"),
                None => String::new(),
            };
            let lines: Vec<String> = lines.iter().map(|line| format!("  {line}")).collect();
            command.after_help(format!("{before}Examples:\n{}", lines.join("\n")))
        });
    }
    command
}

#[cfg(test)]
mod tests {
    use super::{EXAMPLES, added};
    use crate::cli::args::Cli;
    use clap::CommandFactory as _;

    #[test]
    fn every_command_has_examples_and_each_is_understood() {
        let command = added(Cli::command());
        let seen = command
            .get_subcommands()
            .filter(|command| !command.is_hide_set());
        for name in seen.map(clap::Command::get_name) {
            assert!(EXAMPLES.iter().any(|(of, _)| *of == name), "{name}");
        }
        for (name, lines) in EXAMPLES {
            for part in lines.iter().flat_map(|line| line.split(" | ")) {
                let words = part.split(" > ").next().unwrap_or(part).split(' ');
                let words = crate::cli::tolerances::rewrite(words.map(Into::into));
                let parsed = command.clone().try_get_matches_from(words);
                let parsed = parsed.unwrap_or_else(|error| panic!("{part}: {error}"));
                assert!(parsed.subcommand_name().is_some(), "{name}");
            }
        }
    }
}
