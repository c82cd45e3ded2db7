//! How often the verdict errs: the study behind `docs/noise.md`.
//!
//!     cargo run --release -p perfbridge-guest --example study > docs/noise.md
//!
//! Deterministic: the same bytes on every machine. With names of tables as arguments it makes these alone.

mod data;
mod past;
mod resampled;
mod sessions;
mod simulate;
mod simulated;
mod tables;
mod unkind;
mod verdict;

use std::io::Write;

fn main() -> std::io::Result<()> {
    let data = data::Data::load();
    let measured = data.measured();
    let mut out = std::io::stdout().lock();
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    if wanted.is_empty() {
        out.write_all(include_str!("../../../tests/data/study/method.md").as_bytes())?;
    }
    for (name, make) in tables::ALL {
        if wanted.is_empty() || wanted.iter().any(|it| it == name) {
            write!(out, "\n{}", make(&data, &measured))?;
            out.flush()?;
        }
    }
    Ok(())
}
