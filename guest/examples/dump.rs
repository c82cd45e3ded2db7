//! `dump OUT DIR...` reads each directory as a bundle and judges each against each: one JSON document or fault a
//! directory, one line a pair. Two versions of the library that dump the same decide the same.

#![allow(clippy::print_stdout, reason = "a development tool")]

use perfbridge_guest::document::{self, Document, Options};
use perfbridge_guest::files::native::NativeTree;
use perfbridge_guest::judge::{judge, policy::Policy};
use perfbridge_guest::{render, sources};
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (out, dirs) = arguments.split_first().expect("usage: dump OUT DIR...");
    std::fs::create_dir_all(out)?;
    let mut read: Vec<(&String, Document)> = Vec::new();
    for dir in dirs {
        let name = dir.trim_start_matches(['.', '/']).replace('/', "+");
        let text = match document(dir) {
            Ok(document) => {
                let json = document.to_json();
                read.push((dir, document));
                json
            }
            Err(fault) => format!("{}: {fault}\n", fault.code.as_str()),
        };
        std::fs::write(format!("{out}/{name}.txt"), text)?;
    }
    let policy = Policy::default();
    let mut lines = String::new();
    for (a, baseline) in &read {
        for (b, current) in &read {
            let line = match judge(baseline, current, &[], &policy) {
                Ok(judgement) => {
                    let json = judgement.to_json();
                    if std::env::var("DUMP_PAIR").is_ok_and(|pair| pair == format!("{a} {b}")) {
                        println!("{json}");
                    }
                    let layout = render::Layout {
                        width: 80,
                        colour: false,
                    };
                    let texts = [
                        json,
                        render::text::render(&judgement, layout),
                        render::markdown::render(&judgement, true),
                    ];
                    let hashes = texts.map(|text| {
                        let mut hasher = DefaultHasher::new();
                        text.hash(&mut hasher);
                        format!("{:016x}", hasher.finish())
                    });
                    format!(
                        "{} {} {}",
                        judgement.verdict.as_str(),
                        judgement.rule.as_str(),
                        hashes.join(" ")
                    )
                }
                Err(fault) => fault.to_string(),
            };
            writeln!(lines, "{a} {b} {line}").expect("a string");
        }
    }
    std::fs::write(format!("{out}/pairs.lines"), lines)
}

fn document(dir: &str) -> perfbridge_guest::fault::Result<Document> {
    let run = sources::read_bundle(&NativeTree::new(dir))?;
    let options = Options {
        model: std::env::var("DUMP_MODEL").ok(),
        ..Options::default()
    };
    document::build(&run, None, &options)
}
