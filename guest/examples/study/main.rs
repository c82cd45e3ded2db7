//! How often the verdict errs: the study behind `docs/noise.md`.
//!
//!     cargo run --release -p perfbridge-guest --example study > docs/noise.md
//!
//! Deterministic: the same bytes on every machine.

mod data;
mod resampled;
mod simulate;
mod simulated;
mod tables;

use std::io::Write;

fn main() -> std::io::Result<()> {
    let data = data::Data::load();
    let mut out = std::io::stdout().lock();
    out.write_all(include_str!("../../../tests/data/study/method.md").as_bytes())?;
    for table in tables::all(&data) {
        write!(out, "\n{table}")?;
    }
    Ok(())
}
