//! Hands the page of the viewer to the binary: an empty one where the web part has not been built, so that
//! the command line can be built without it.

use std::path::PathBuf;

fn main() -> std::io::Result<()> {
    let variable = |name| std::env::var_os(name).map(PathBuf::from);
    let (Some(dist), Some(out)) = (variable("PERFBRIDGE_DIST"), variable("OUT_DIR")) else {
        return Err(std::io::Error::other(
            "PERFBRIDGE_DIST is not set; it is set in .cargo/config.toml",
        ));
    };
    let page = dist.join("report.html");
    println!("cargo::rerun-if-env-changed=PERFBRIDGE_DIST");
    println!("cargo::rerun-if-changed={}", page.display());
    let page = if page.exists() {
        std::fs::read(page)?
    } else {
        println!("cargo::warning=dist/report.html is missing: this build has no viewer");
        Vec::new()
    };
    std::fs::write(out.join("report.html"), page)
}
