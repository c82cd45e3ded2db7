//! Makes the component of the compiled guest and compiles it ahead of time:
//! `perfbridge-build CORE.wasm SOURCE OUT_DIR` writes `perfbridge.wasm`, `perfbridge.cwasm` and `sizes.txt`, where CORE
//! has the names of its functions and SOURCE is the root of the repository; `perfbridge-build OUT_DIR` packs the component
//! and the page that was made of it into `perfbridge.packed`, which the binary carries. A file that would not change is not written,
//! so that nothing that embeds it is built anew.

mod sections;
mod sizes;

use anyhow::{Context as _, Result, bail};
use perfbridge_host::packed;
use std::path::Path;
use wasm_encoder::{RawSection, Section as _};
use wasmparser::{Parser, Payload};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [core, source, out] => make(core, Path::new(source), Path::new(out)),
        [out] => pack(Path::new(out)),
        _ => bail!("usage: perfbridge-build CORE.wasm SOURCE OUT_DIR | perfbridge-build OUT_DIR"),
    }
}

/// What the binary carries, of the component and the page in `out`.
fn pack(out: &Path) -> Result<()> {
    let component = std::fs::read(out.join("perfbridge.wasm")).context("no component")?;
    let page = std::fs::read_to_string(out.join("report.html")).context("no page")?;
    let packed = packed::pack(&component, &page).map_err(anyhow::Error::msg)?;
    write(&out.join("perfbridge.packed"), &packed)
}

fn make(core: &str, source: &Path, out: &Path) -> Result<()> {
    let core = std::fs::read(core).with_context(|| format!("cannot read {core}"))?;
    let mut component = wit_component::ComponentEncoder::default()
        .module(&without_names(&core)?)
        .context("the core module carries no component type")?
        .validate(true)
        .encode()
        .context("cannot make a component of the core module")?;
    sections::add(&mut component, source)?;
    let compiled = perfbridge_host::sandbox::engine::precompile(&component)
        .map_err(|error| anyhow::anyhow!("{error:?}"))?;
    std::fs::create_dir_all(out).with_context(|| format!("cannot make {}", out.display()))?;
    write(&out.join("perfbridge.wasm"), &component)?;
    write(&out.join("perfbridge.cwasm"), &compiled)?;
    write(&out.join("sizes.txt"), sizes::table(&core)?.as_bytes())?;
    // Something to embed for what is compiled before the page is made.
    let packed = out.join("perfbridge.packed");
    if packed.exists() {
        return Ok(());
    }
    let without = packed::pack(&component, "").map_err(anyhow::Error::msg)?;
    write(&packed, &without)
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    if std::fs::read(path).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    std::fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

/// The module without the names of its functions, which only `sizes.txt` needs.
fn without_names(core: &[u8]) -> Result<Vec<u8>> {
    let mut module = wasm_encoder::Module::HEADER.to_vec();
    for payload in Parser::new(0).parse_all(core) {
        let payload = payload.context("the core module cannot be read")?;
        if matches!(&payload, Payload::CustomSection(section) if section.name() == "name") {
            continue;
        }
        if let Some((id, range)) = payload.as_section() {
            let data = &core[range];
            RawSection { id, data }.append_to(&mut module);
        }
    }
    Ok(module)
}
