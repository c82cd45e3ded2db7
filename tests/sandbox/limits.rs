//! Bounds of time and memory, and what a trap looks like: each has its own message and exit code.

use crate::probe::{component, grant, options, sandbox};
use perfbridge_host::cli::{Artefacts, run};
use perfbridge_host::exit::Exit;
use perfbridge_host::packed::pack;
use perfbridge_host::sandbox::Carried;
use perfbridge_host::sandbox::{Failure, Limits, Sandbox};
use std::ffi::OsString;
use std::path::Path;
use std::time::{Duration, Instant};

fn fails(limits: Limits, deed: &str) -> Failure {
    let folder = tempfile::tempdir().expect("a directory");
    let answer = sandbox(limits).read_bundle(grant(folder.path(), "bundle"), deed, &options());
    answer.map(|document| document.json).expect_err("it fails")
}

fn limits(seconds: u64, mebibytes: usize) -> Limits {
    Limits {
        seconds,
        memory_bytes: mebibytes << 20,
    }
}

#[test]
fn time() {
    let started = Instant::now();
    let failure = fails(limits(1, 512), "L");
    let took = started.elapsed();
    assert!(
        matches!(failure, Failure::TooLong { seconds: 1 }),
        "{failure}"
    );
    assert_eq!(
        failure.to_string(),
        "reading took longer than 1 s and was stopped. Raise the bound with --timeout SECONDS"
    );
    assert!(
        took >= Duration::from_millis(900) && took < Duration::from_secs(60),
        "{took:?}"
    );
}

#[test]
fn memory() {
    let failure = fails(limits(300, 32), "M");
    assert!(
        matches!(failure, Failure::TooMuchMemory { bytes } if bytes == 32 << 20),
        "{failure}"
    );
    assert_eq!(
        failure.to_string(),
        "reading wanted more than 32 MiB of memory and was stopped. Raise the bound with --memory MIB"
    );
}

#[test]
fn a_trap_is_a_bug() {
    let failure = fails(Limits::default(), "?");
    assert!(matches!(failure, Failure::Trap(_)), "{failure}");
    assert!(
        failure
            .to_string()
            .starts_with("the component trapped, which is a bug: "),
        "{failure}"
    );
}

fn exit(arguments: &[&str], component: &'static [u8]) -> Exit {
    let arguments = ["perfbridge"].iter().chain(arguments).map(OsString::from);
    run(
        arguments,
        Artefacts {
            packed: Box::leak(pack(component, "").expect("packed").into_boxed_slice()),
            compiled: &Carried([]),
        },
    )
}

#[test]
fn exit_codes_of_a_component_that_fails() {
    let trapping: &'static [u8] = Box::leak(component().into_boxed_slice());
    let bundle = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/bundles/aa-01");
    let bundle = bundle.display().to_string();
    assert_eq!(
        exit(&["ingest", "--source", &bundle, "--json"], trapping),
        Exit::Internal
    );
    assert_eq!(Exit::Internal as u8, 70);
    // What cannot even be loaded is as much a bug of ours.
    assert_eq!(
        exit(&["ingest", "--source", &bundle], b"\0asm"),
        Exit::Internal
    );
}

#[test]
fn a_component_that_asks_for_more_is_refused() {
    let greedy = r#"(component (import "wasi:cli/environment@0.2.12" (instance
        (export "get-arguments" (func (result (list string)))))))"#;
    let greedy = wat::parse_str(greedy).expect("a component");
    let error = Sandbox::new(&greedy, &[], Limits::default())
        .map(drop)
        .expect_err("refused");
    assert!(
        format!("{error:?}").contains("the component asks for more than directories"),
        "{error:?}"
    );
}

/// Compiled code of another component or engine is not run: the component itself is compiled instead.
#[test]
fn a_compiled_form_that_does_not_fit_is_compiled_anew() {
    for compiled in [&b"garbage"[..], &[]] {
        let sandbox = Sandbox::new(crate::component::COMPONENT, compiled, Limits::default());
        let policy = perfbridge_host::sandbox::Policy {
            tolerances: vec![],
            headline: None,
            vary: vec![],
            file: None,
            choices: vec![],
            observe_tails: false,
            baseline_max_age_days: None,
        };
        sandbox
            .expect("it loads")
            .check_policy(&policy)
            .expect("it runs");
    }
}
