//! What only the inside of the sandbox can tell: that no handle is left when a call has returned.

use super::{Carried, Failure, Grant, Limits, Loaded, Policy, Sandbox, ingest};
use std::path::{Path, PathBuf};

fn sandbox() -> Sandbox {
    let component = include_bytes!(concat!(env!("PERFBRIDGE_DIST"), "/perfbridge.wasm"));
    let compiled = include_bytes!(concat!(env!("PERFBRIDGE_DIST"), "/perfbridge.cwasm"));
    Sandbox::new(component, compiled, Limits::default()).expect("the component loads")
}

fn grants(dirs: &[(&str, PathBuf)]) -> Vec<Grant> {
    let open = |(name, dir): &(&str, PathBuf)| Grant {
        name: (*name).to_owned(),
        dir: cap_std::fs::Dir::open_ambient_dir(dir, cap_std::ambient_authority())
            .expect("a directory"),
    };
    dirs.iter().map(open).collect()
}

fn options(profile: Option<&str>) -> ingest::Options {
    ingest::Options {
        model: None,
        settings: vec![],
        folders: vec![],
        files: vec![],
        profile_dir: profile.map(str::to_owned),
        profile_files: vec![],
        ceiling: None,
        operator: None,
        profile_and_optimize_sha: None,
        observation: false,
    }
}

/// Reads and says whether it could; the table must be empty either way.
fn read(dirs: &[(&str, PathBuf)], dir: &str, profile: Option<&str>) -> bool {
    let outcome = sandbox().run(grants(dirs), |bridge, store| {
        let Loaded::Today(bridge) = bridge else {
            panic!("an old component")
        };
        let ingest = bridge.perfbridge_bridge_ingest();
        let answer = ingest.call_read_bundle(&mut *store, dir, &options(profile));
        assert!(store.data().table.is_empty(), "{dir}: handles are left");
        // Nor while the hashes are waited for.
        let unhashed = ingest.call_read_unhashed(&mut *store, dir, &options(profile))?;
        assert!(store.data().table.is_empty(), "{dir}: handles are held");
        assert!(unhashed.is_ok() || answer.as_ref().is_ok_and(Result::is_err));
        answer
    });
    match outcome {
        Ok(_) => true,
        Err(Failure::Fault(_)) => false,
        Err(failure) => panic!("{failure}"),
    }
}

#[test]
fn the_resource_table_is_empty_after_each_call() {
    let bundles = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/bundles");
    let of = |name: &str| bundles.join(name);
    let two = [("bundle", of("base-1")), ("profile", of("zymtrace-before"))];
    assert!(read(&two, "bundle", Some("profile")));
    assert!(read(&two, "bundle", None));
    // Faults, before and in the middle of reading.
    assert!(!read(&two, "missing", None));
    assert!(!read(&two, "bundle", Some("bundle")));
    assert!(!read(&[("bundle", bundles.clone())], "bundle", None));
    let cut = tempfile::tempdir().expect("a directory");
    std::fs::write(
        cut.path().join("profile_export_aiperf.json"),
        "{\"input_config\": [",
    )
    .expect("written");
    assert!(!read(&[("bundle", cut.path().to_owned())], "bundle", None));
}

#[test]
fn judging_opens_nothing() {
    let policy = Policy {
        tolerances: vec![],
        headline: None,
        vary: vec![],
        file: None,
        choices: vec![],
        observe_tails: false,
        baseline_max_age_days: None,
    };
    let checked = sandbox().run(vec![], |bridge, store| {
        let Loaded::Today(bridge) = bridge else {
            panic!("an old component")
        };
        let answer = bridge
            .perfbridge_bridge_judge()
            .call_check_policy(&mut *store, &policy);
        assert!(store.data().table.is_empty());
        answer
    });
    assert!(checked.is_ok());
}

/// Two at a time in one process, as a server and a command of it: the second has a copy of the code.
#[test]
fn what_the_binary_carries_can_be_loaded_twice() {
    const CWASM: &[u8] = include_bytes!(concat!(env!("PERFBRIDGE_DIST"), "/perfbridge.cwasm"));
    static COMPILED: Carried<[u8; CWASM.len()]> = Carried(*include_bytes!(concat!(
        env!("PERFBRIDGE_DIST"),
        "/perfbridge.cwasm"
    )));
    // No component to fall back on: both are of the compiled code.
    let load = || Sandbox::carried(&Vec::new, &COMPILED, Limits::default()).expect("it loads");
    let (one, other) = (load(), load());
    let names = |sandbox: &Sandbox| {
        let forms = sandbox.forms().expect("forms").into_iter();
        forms.map(|form| form.name).collect::<Vec<_>>()
    };
    assert!(names(&one).contains(&"json".to_owned()));
    assert_eq!(names(&one), names(&other));
    drop(one);
    assert_eq!(names(&load()), names(&other));
}
