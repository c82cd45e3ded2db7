//! Makes the component of the compiled guest and compiles it ahead of time:
//! `perfbridge-build CORE.wasm OUT_DIR` writes `perfbridge.wasm` and `perfbridge.cwasm`.
//!
//! The component gets a custom section `perfbridge:version` with the version of its WIT package as text, so that a
//! host can look at it before it compiles anything; `wit/README.md` says how.
//!
//! The types of a component carry no documentation, and its readers take `package-docs` for the component's own world
//! alone, not for the interfaces of `perfbridge:bridge`. So the documented WIT goes along as a package of its own, in
//! the custom section `perfbridge:wit`, and `package-docs` says so.

use anyhow::{Context as _, Result, bail};
use std::path::Path;
use wit_component::DecodedWasm;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [core, out] = arguments.as_slice() else {
        bail!("usage: perfbridge-build CORE.wasm OUT_DIR")
    };
    let bytes = std::fs::read(core).with_context(|| format!("cannot read {core}"))?;
    let component = wit_component::ComponentEncoder::default()
        .module(&bytes)
        .context("the core module carries no component type")?
        .validate(true)
        .encode()
        .context("cannot make a component of the core module")?;
    let component = with_version(with_wit(component)?)?;
    let compiled = perfbridge_host::sandbox::engine::precompile(&component)
        .map_err(|error| anyhow::anyhow!("{error:?}"))?;
    std::fs::create_dir_all(out).with_context(|| format!("cannot make {out}"))?;
    for (name, bytes) in [
        ("perfbridge.wasm", &component),
        ("perfbridge.cwasm", &compiled),
    ] {
        let path = Path::new(out).join(name);
        std::fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// The contract with its documentation, as it stands in the source.
const WIT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../wit");

/// What a reader of the component's own world is told. Format 0 of the section, which every version reads.
const DOCS: &str = "\0{\"worlds\":{\"root\":{\"docs\":\"Perfbridge: is this inference performance regression real?\\nThe documentation of every item is in the custom section perfbridge:wit, a binary WIT package.\"}}}";

/// Adds the documented WIT package, and where it is.
fn with_wit(mut component: Vec<u8>) -> Result<Vec<u8>> {
    let mut resolve = wit_parser::Resolve::default();
    let (package, _) = resolve
        .push_dir(WIT)
        .with_context(|| format!("cannot read the contract {WIT}"))?;
    let wit = wit_component::encode(&resolve, package).context("cannot encode the contract")?;
    for (name, data) in [
        ("package-docs", DOCS.as_bytes()),
        ("perfbridge:wit", &wit[..]),
    ] {
        let section = wasm_encoder::CustomSection {
            name: name.into(),
            data: data.into(),
        };
        wasm_encoder::ComponentSection::append_to_component(&section, &mut component);
    }
    Ok(component)
}

/// Adds the version of the component's own WIT package, read back from the component itself.
fn with_version(mut component: Vec<u8>) -> Result<Vec<u8>> {
    let DecodedWasm::Component(resolve, _) =
        wit_component::decode(&component).context("the component cannot be read back")?
    else {
        bail!("found a WIT package; expected a component")
    };
    let version = resolve
        .packages
        .iter()
        .map(|(_, package)| &package.name)
        .find(|name| name.namespace == "perfbridge" && name.name == "bridge")
        .and_then(|name| name.version.clone())
        .context("the component exports nothing of perfbridge:bridge with a version")?
        .to_string();
    let section = wasm_encoder::CustomSection {
        name: "perfbridge:version".into(),
        data: version.as_bytes().into(),
    };
    wasm_encoder::ComponentSection::append_to_component(&section, &mut component);
    Ok(component)
}
