//! The test guest of `probe.wat` as a component of the same world.

use perfbridge_host::sandbox::{Failure, Grant, Limits, Sandbox, ingest};
use std::path::Path;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// The contract as it stands in `wit/`.
pub fn contract() -> (Resolve, wit_parser::PackageId) {
    let mut resolve = Resolve::default();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit");
    let (package, _) = resolve.push_dir(folder).expect("wit/ is well-formed");
    (resolve, package)
}

/// The core module, which says of what world it is.
pub fn core() -> Vec<u8> {
    let mut module = wat::parse_str(include_str!("probe.wat")).expect("probe.wat");
    let (resolve, package) = contract();
    let world = resolve
        .select_world(&[package], Some("bridge"))
        .expect("the world");
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).expect("embedded");
    module
}

/// The bytes of the component.
pub fn component() -> Vec<u8> {
    ComponentEncoder::default()
        .module(&core())
        .expect("a module of the world")
        .validate(true)
        .encode()
        .expect("a component")
}

pub fn sandbox(limits: Limits) -> Sandbox {
    Sandbox::new(&component(), &[], limits).expect("it loads")
}

/// No options at all.
pub fn options() -> ingest::Options {
    ingest::Options {
        model: None,
        settings: vec![],
        folders: vec![],
        files: vec![],
        profile_dir: None,
        profile_files: vec![],
        ceiling: None,
        operator: None,
        profile_and_optimize_sha: None,
        observation: false,
    }
}

/// The directory as the only grant.
pub fn grant(dir: &Path, name: &str) -> Vec<Grant> {
    let dir = cap_std::fs::Dir::open_ambient_dir(dir, cap_std::ambient_authority());
    vec![Grant {
        name: name.to_owned(),
        dir: dir.expect("a directory"),
    }]
}

/// What became of a deed: `=` and what was read, or `!` and the error code.
pub fn deed(sandbox: &Sandbox, dir: &Path, deed: &str) -> String {
    match sandbox.read_bundle(grant(dir, "bundle"), deed, &options()) {
        Err(Failure::Fault(fault)) => fault.message,
        Err(failure) => panic!("{deed}: {failure}"),
        Ok(_) => panic!("{deed}: a document"),
    }
}
