//! Random input for the reader of lines and for the arguments of the tools. The seed is printed by a failing round and
//! `FUZZ_SEED` and `FUZZ_ROUNDS` repeat or lengthen it.

mod common;

use common::{Random, Root, Talk};
use serde_json::{Map, Value, json};

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().expect("a number"))
}

fn rounds() -> impl Iterator<Item = u64> {
    let first = setting("FUZZ_SEED", 1);
    first..first + setting("FUZZ_ROUNDS", 40)
}

const WORDS: [&str; 14] = [
    "params",
    "args",
    "allow_nonzero",
    "query",
    "limit",
    "--help",
    "--family",
    "--source=x",
    "\u{1f600}",
    "\u{0}",
    "(",
    "null",
    "{\"args\": []}",
    "",
];

fn any_text(random: &mut Random) -> String {
    match random.below(4) {
        0 => random.next().to_string(),
        _ => WORDS[random.below(WORDS.len())].to_owned(),
    }
}

fn any_value(random: &mut Random, depth: usize) -> Value {
    match random.below(if depth == 0 { 6 } else { 8 }) {
        0 => Value::Null,
        1 => Value::Bool(random.below(2) == 0),
        2 => json!(random.next() as i64),
        3 => json!(random.below(200)),
        4 => json!(f64::from_bits(random.next())),
        5 => Value::String(any_text(random)),
        6 => (0..random.below(4))
            .map(|_| any_value(random, depth - 1))
            .collect(),
        _ => Value::Object(any_object(random, depth - 1)),
    }
}

fn any_object(random: &mut Random, depth: usize) -> Map<String, Value> {
    (0..random.below(5))
        .map(|_| (any_text(random), any_value(random, depth)))
        .collect()
}

/// Something like a line of the protocol, damaged.
fn any_line(random: &mut Random) -> Vec<u8> {
    let id = any_value(random, 0);
    let method = ["tools/call", "tools/list", "ping", "initialize", "x"][random.below(5)];
    let message =
        json!({"jsonrpc": "2.0", "id": id, "method": method, "params": any_value(random, 3)});
    let mut line = message.to_string().into_bytes();
    for _ in 0..random.below(4) {
        let at = random.below(line.len());
        match random.below(3) {
            0 => line.truncate(at.max(1)),
            1 => line[at] = random.next() as u8,
            _ => line.insert(at, b"\"{}[],:\\0e"[random.below(10)]),
        }
    }
    // A line feed would make two lines of it, which is no damage.
    line.retain(|byte| *byte != b'\n');
    line
}

#[test]
fn the_reader_of_lines_survives_damage() {
    let root = Root::new();
    for seed in rounds() {
        let mut random = Random(seed);
        let mut talk = Talk::ready(&root.path, &["--read-only"]);
        for _ in 0..50 {
            talk.line(&any_line(&mut random));
        }
        // A number that no damaged line can have had.
        talk.send(&json!({"jsonrpc": "2.0", "id": "still there", "method": "ping"}));
        let answered = loop {
            match talk.read() {
                Some(message) if message["id"] == "still there" => break true,
                Some(_) => {}
                None => break false,
            }
        };
        assert!(answered, "FUZZ_SEED={seed}");
        assert!(talk.end().success(), "FUZZ_SEED={seed}");
    }
}

#[test]
fn whatever_the_arguments_are_the_reply_has_one_of_the_forms() {
    let root = Root::new();
    let mut talk = Talk::ready(&root.path, &["--read-only"]);
    let tools = [
        "perf_baseline_record",
        "perf_baseline_diff",
        "search_evidence",
        "search_runbooks",
    ];
    for seed in rounds() {
        let mut random = Random(seed);
        for _ in 0..50 {
            let tool = tools[random.below(4)];
            let arguments = Value::Object(any_object(&mut random, 3));
            let result = talk.call(tool, arguments.clone());
            assert!(
                is_a_reply(tool, &result),
                "FUZZ_SEED={seed} {tool} {arguments}: {result}"
            );
        }
    }
    assert!(
        !root
            .path
            .join("experiments/artifacts/perf-baselines")
            .exists()
    );
}

const OPTIONS: [&str; 24] = [
    "--family",
    "--measurement",
    "--source",
    "--direction",
    "--value",
    "--unit",
    "--schema",
    "--notes",
    "--repo-root",
    "--json",
    "--baseline",
    "--current",
    "--tolerance-percent",
    "--tolerance-absolute",
    "--help",
    "-h",
    "--",
    "-",
    "-1.5",
    "1e999",
    "nan",
    "two-sided",
    "f",
    "source.json",
];

/// A word of a command line: an option, shortened, lengthened or joined with a value, or a value.
fn any_word(random: &mut Random) -> String {
    let word = OPTIONS[random.below(OPTIONS.len())];
    match random.below(6) {
        0 => word[..1 + random.below(word.len())].to_owned(),
        1 => format!("{word}={}", any_text(random)),
        2 => format!("{word}{}", any_text(random)),
        3 => any_text(random),
        _ => word.to_owned(),
    }
}

#[test]
fn whatever_the_command_line_is_the_verb_answers() {
    let root = Root::new();
    let mut talk = Talk::ready(&root.path, &["--read-only"]);
    for seed in rounds() {
        let mut random = Random(seed);
        for _ in 0..50 {
            let tool = ["perf_baseline_record", "perf_baseline_diff"][random.below(2)];
            let args: Vec<_> = (0..random.below(12))
                .map(|_| any_word(&mut random))
                .collect();
            let result = talk.call(tool, json!({"args": args, "allow_nonzero": true}));
            let envelope = &result["structuredContent"];
            let code = envelope["returncode"].as_i64();
            let said = envelope["stderr"].as_str().unwrap_or_default();
            let sound = match code {
                // Nothing can be recorded here and nothing compared, so only the help text is left.
                Some(0) => envelope["stdout"]
                    .as_str()
                    .is_some_and(|text| text.starts_with("usage: ")),
                Some(1 | 2) => said.starts_with("usage: ") || said.starts_with("FATAL: "),
                _ => false,
            };
            assert!(sound, "FUZZ_SEED={seed} {tool} {args:?}: {result}");
        }
    }
}

fn is_a_reply(tool: &str, result: &Value) -> bool {
    let text = result["content"][0]["text"].as_str().unwrap_or_default();
    if result["isError"] == false {
        let same =
            serde_json::from_str::<Value>(text).ok().as_ref() == result.get("structuredContent");
        return same && result["structuredContent"]["tool"] == tool;
    }
    let words = text.strip_prefix(&format!("Error executing tool {tool}: "));
    let searches = tool.starts_with("search");
    let named =
        |words: &str| words.starts_with("query must be") || words.starts_with("limit must be");
    let enveloped = |words: &str| {
        let envelope: Value = serde_json::from_str(words).unwrap_or_default();
        envelope["returncode"] == 2 && words.is_ascii() && !words.contains('\n')
    };
    result.get("structuredContent").is_none()
        && words.is_some_and(|words| {
            if searches {
                named(words)
            } else {
                enveloped(words)
            }
        })
}
