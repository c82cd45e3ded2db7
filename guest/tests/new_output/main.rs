//! A new output is one file and its row of the table: here `rows.rs`, and the row that is put behind those of the table.

mod rows;

use perfbridge_guest::document::Document;
use perfbridge_guest::document::build::{Options, build};
use perfbridge_guest::files::native::NativeTree;
use perfbridge_guest::judge::policy::Policy;
use perfbridge_guest::judge::{Judgement, judge};
use perfbridge_guest::render::{FORMS, Form, Layout, form, form_by};
use perfbridge_guest::sources::read_bundle;

fn document(name: &str) -> Document {
    let root = format!(
        "{}/../tests/data/bundles/{name}",
        env!("CARGO_MANIFEST_DIR")
    );
    let run = read_bundle(&NativeTree::new(root)).expect("a run");
    build(&run, None, &Options::default()).expect("a document")
}

fn judged(baseline: &str, current: &str) -> Judgement {
    let (baseline, current) = (document(baseline), document(current));
    judge(&baseline, &current, &[], &Policy::default()).expect("judged")
}

fn table() -> Vec<Form> {
    let mut table = FORMS.to_vec();
    table.push(rows::FORM);
    table
}

#[test]
fn it_is_had_by_its_name() {
    let table = table();
    let found = form_by(&table, "rows").expect("the new form");
    let judgement = judged("base-1", "regressed-1");
    let text = (found.render)(&judgement, Layout::default());
    assert_eq!(text.lines().count(), judgement.rows.len());
    let headline = "16\tthroughput_toks_per_s\tREGRESSED\n";
    assert!(text.contains(headline), "{text}");
}

#[test]
fn messages_name_it_and_the_table_is_as_it_was() {
    let fault = form_by(&table(), "yaml").expect_err("refused");
    assert!(
        fault.message.ends_with(", csv, line, sweep, rows"),
        "{fault}"
    );
    assert!(form("rows").is_err());
}
