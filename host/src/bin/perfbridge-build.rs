//! Makes the component of the compiled guest and compiles it ahead of time:
//! `perfbridge-build CORE.wasm OUT_DIR` writes `perfbridge.wasm` and `perfbridge.cwasm`.

use anyhow::{Context as _, Result, bail};
use std::path::Path;

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
