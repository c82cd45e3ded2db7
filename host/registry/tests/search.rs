//! The two searches.

mod common;

use common::Bench;
use perfbridge_registry::{Envelope, Verbs};
use serde_json::json;
use std::os::unix::fs::symlink;

fn evidence(bench: &Bench, query: &str, limit: u32) -> Envelope {
    bench
        .registry
        .search_evidence(query, limit)
        .expect("an envelope")
}

fn lines(envelope: &Envelope) -> Vec<&str> {
    envelope.stdout.lines().collect()
}

#[test]
fn hits_come_by_path_and_line_and_the_limit_caps_all_of_them() {
    let bench = Bench::new();
    bench.write(
        "experiments/artifacts/b/x.txt",
        "one hit\r\nno\nanother hit",
    );
    bench.write("experiments/artifacts/a.txt", "hit\n");
    bench.write("experiments/artifacts/a/deep.log", "a hit \u{e9}\n");
    let all = [
        "experiments/artifacts/a.txt:1:hit",
        "experiments/artifacts/a/deep.log:1:a hit \u{e9}",
        "experiments/artifacts/b/x.txt:1:one hit",
        "experiments/artifacts/b/x.txt:3:another hit",
    ];
    let reply = evidence(&bench, "hit", 50);
    assert_eq!((reply.returncode, reply.stderr.as_str()), (0, ""));
    assert_eq!(lines(&reply), all);
    let payload = json!({"query": "hit", "paths": ["experiments/artifacts"], "matches": all});
    assert_eq!(
        serde_json::to_string(&reply.json).expect("JSON"),
        payload.to_string(),
        "keys in this order"
    );
    assert_eq!(
        reply.args,
        ["hit", "--limit", "50", "--paths", "experiments/artifacts"]
    );
    let fixed = (
        reply.tool.as_str(),
        reply.library.as_str(),
        reply.verb.as_str(),
        reply.safety.as_str(),
    );
    assert_eq!(fixed, ("search_evidence", "mcp_aux", "search", "read_only"));
    assert_eq!(lines(&evidence(&bench, "hit", 3)), all[..3]);
    assert_eq!(evidence(&bench, "Hit", 3).returncode, 1, "case counts");
    assert_eq!(lines(&evidence(&bench, "^hit$|\\d|n[aeiou]$", 50)).len(), 2);
}

#[test]
fn ignored_and_hidden_files_are_evidence_and_binary_ones_and_links_are_not() {
    let bench = Bench::new();
    bench.write(".gitignore", "experiments/artifacts/**\n");
    bench.write("experiments/artifacts/.hidden", "hit\n");
    bench.write("experiments/artifacts/data.bin", "hit\nhit\n\0");
    bench.write("experiments/artifacts/latin.txt", [b'h', b'i', b't', 0xe9]);
    bench.write(
        "experiments/artifacts/m/.20261124T024431681970Z.partial-1-0/SOURCE.md",
        "hit\n",
    );
    bench.write("secret.txt", "hit\n");
    symlink("../../secret.txt", bench.path("experiments/artifacts/link")).expect("symlink");
    let reply = evidence(&bench, "hit", 50);
    let expected = [
        "experiments/artifacts/.hidden:1:hit",
        "experiments/artifacts/latin.txt:1:hit\u{fffd}",
    ];
    assert_eq!(lines(&reply), expected);
    assert_eq!((reply.returncode, reply.stderr.as_str()), (0, ""));
}

#[test]
fn a_bad_pattern_is_code_2_with_no_matches() {
    let bench = Bench::new();
    bench.write("experiments/artifacts/a.txt", "x\n");
    for (query, words) in [
        ("(", "unclosed group"),
        ("[", "unclosed character class"),
        ("a{1000}{1000}{1000}", "size limit"),
        ("a\nb", "one line at a time"),
    ] {
        let reply = evidence(&bench, query, 5);
        assert_eq!(
            (reply.returncode, reply.stdout.as_str()),
            (2, ""),
            "{query}"
        );
        assert!(reply.stderr.contains(words), "{query}: {}", reply.stderr);
        let payload = json!({"query": query, "paths": ["experiments/artifacts"], "matches": []});
        assert_eq!(reply.json, Some(payload));
    }
    assert_eq!(
        evidence(&bench, "--help", 5).returncode,
        1,
        "never an option"
    );
    assert_eq!(
        lines(&evidence(&bench, "", 5)),
        ["experiments/artifacts/a.txt:1:x"],
        "matches every line"
    );
}

#[test]
fn one_missing_tree_does_not_hide_the_hits_of_the_other() {
    let bench = Bench::new();
    let search = |query: &str| {
        bench
            .registry
            .search_runbooks(query, 50)
            .expect("an envelope")
    };
    let none = search("hit");
    assert_eq!((none.returncode, none.stdout.as_str()), (2, ""));
    assert!(
        none.stderr.contains("runbooks: no such directory")
            && none.stderr.contains("docs: no such")
    );
    bench.write("docs/a.md", "hit\n");
    let one = search("hit");
    assert_eq!(
        (one.returncode, one.stdout.as_str()),
        (0, "docs/a.md:1:hit\n")
    );
    assert!(
        one.stderr.starts_with("runbooks: no such directory"),
        "{}",
        one.stderr
    );
    // The missing tree may have held it, as a grep over both says.
    assert_eq!(search("absent").returncode, 2);
    bench.write("runbooks/z.md", "hit\n");
    assert_eq!(search("absent").returncode, 1);
    let both = search("hit");
    assert_eq!(
        lines(&both),
        ["runbooks/z.md:1:hit", "docs/a.md:1:hit"],
        "trees in the order of `paths`"
    );
    assert_eq!(both.stderr, "");
    assert_eq!(evidence(&bench, "x", 5).returncode, 2);
}

#[test]
fn long_lines_stay_bounded() {
    let bench = Bench::new();
    let long = format!("{}hit\nhit\n", "\u{e9}".repeat(3 << 20));
    bench.write("experiments/artifacts/long.txt", long);
    let reply = evidence(&bench, "hit", 5);
    assert_eq!(
        lines(&reply),
        ["experiments/artifacts/long.txt:2:hit"],
        "beyond 1 MiB of a line nobody looks"
    );
    let reply = evidence(&bench, "^\u{e9}", 5);
    assert!(reply.stdout.len() < 17 << 10, "{}", reply.stdout.len());
    assert!(
        reply.stdout.ends_with("\u{e9}...\n"),
        "cut between characters"
    );
}
