//! The custom sections of the component: what it is, and its documentation.

use anyhow::{Context as _, Result, bail};
use std::path::Path;
use std::process::Command;
use wasm_encoder::{ComponentSection as _, CustomSection};
use wit_component::{DecodedWasm, WitPrinter};
use wit_parser::{PackageId, Resolve, WorldItem};

/// Adds `package-docs`, the sections that registries of components read, and `perfbridge:version`: the version of the
/// contract, so that a host can look at it before it compiles anything. `source` is the root of the repository.
pub fn add(component: &mut Vec<u8>, source: &Path) -> Result<()> {
    let contract = version_of_contract(component)?;
    let documentation = documentation(&source.join("wit"))?;
    let mut add = |name: &str, data: &[u8]| {
        CustomSection {
            name: name.into(),
            data: data.into(),
        }
        .append_to_component(component);
    };
    add("package-docs", &documentation);
    for (name, text) in metadata(source) {
        add(name, text.as_bytes());
    }
    add("perfbridge:version", contract.as_bytes());
    Ok(())
}

/// The version of the component's own WIT package, read back from the component itself.
fn version_of_contract(component: &[u8]) -> Result<String> {
    let DecodedWasm::Component(resolve, _) =
        wit_component::decode(component).context("the component cannot be read back")?
    else {
        bail!("found a WIT package; expected a component")
    };
    let ours = resolve
        .packages
        .iter()
        .map(|(_, package)| &package.name)
        .find(|name| name.namespace == "perfbridge" && name.name == "bridge");
    let version = ours.and_then(|name| name.version.clone());
    let version = version.context("the component has nothing of perfbridge:bridge")?;
    Ok(version.to_string())
}

/// The section `package-docs`: a format byte, then JSON. Format 0 is read by every version of its readers.
///
/// The types of a component carry no documentation. Readers look in this section for the world of the component and for
/// what stands in that world itself, and refuse a section that speaks of the interfaces of another package, which ours
/// are. So the comment of the world is the whole contract as WIT, every item of it with its own comment; functions of
/// the world have theirs beside them as well.
fn documentation(wit: &Path) -> Result<Vec<u8>> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve
        .push_dir(wit)
        .with_context(|| format!("cannot read the contract {}", wit.display()))?;
    let contract = as_wit(&resolve, package)?;
    let world = resolve.select_world(&[package], None)?;
    let exports = resolve.worlds[world].exports.values();
    let functions: serde_json::Map<_, _> = exports
        .filter_map(|item| match item {
            WorldItem::Function(function) => Some((
                function.name.clone(),
                function.docs.contents.as_deref()?.into(),
            )),
            _ => None,
        })
        .collect();
    let docs = serde_json::json!({"worlds": {"root": {"docs": contract, "funcs": functions}}});
    let mut section = vec![0];
    serde_json::to_writer(&mut section, &docs)?;
    Ok(section)
}

/// The package as text, with its comments and without the packages that it names.
fn as_wit(resolve: &Resolve, package: PackageId) -> Result<String> {
    let mut printer = WitPrinter::default();
    printer
        .print(resolve, package, &[])
        .context("cannot print the contract")?;
    Ok(printer.output.to_string())
}

/// The sections that registries of components and `wasm-tools metadata show` read.
fn metadata(source: &Path) -> Vec<(&'static str, String)> {
    let stated = [
        ("authors", env!("CARGO_PKG_AUTHORS")),
        (
            "description",
            "Reads what LLM serving benchmarks left on disk and decides whether a performance regression is real",
        ),
        ("homepage", env!("CARGO_PKG_HOMEPAGE")),
        ("licenses", env!("CARGO_PKG_LICENSE")),
        ("source", env!("CARGO_PKG_REPOSITORY")),
        ("version", env!("CARGO_PKG_VERSION")),
    ];
    let mut sections = stated.map(|(name, text)| (name, text.to_owned())).to_vec();
    sections.extend(revision(source).map(|revision| ("revision", revision)));
    sections
}

/// The commit, where the source is a whole commit: one commit gives one component, and a component that names a commit
/// was made of it. None where files differ from it or are not in it, where there is no git, and where the repository is
/// another one around the source.
fn revision(source: &Path) -> Option<String> {
    let git = |arguments: &[&str]| {
        let output = Command::new("git")
            .args(["--no-optional-locks", "-C"])
            .arg(source)
            .args(arguments)
            .output();
        let output = output.ok().filter(|output| output.status.success())?;
        String::from_utf8(output.stdout).ok()
    };
    let clean = git(&["status", "--porcelain"])?.is_empty();
    let here = git(&["rev-parse", "--show-prefix"])?.trim().is_empty();
    let commit = git(&["rev-parse", "HEAD"])?.trim().to_owned();
    (clean && here).then_some(commit)
}
