//! The `perfbridge` command.

use perfbridge_host::cli::{self, Artefacts};
use std::process::ExitCode;

// Made by `./just component`, which must run before this is compiled; `PERFBRIDGE_DIST` is set in .cargo/config.toml.
const ARTEFACTS: Artefacts = Artefacts {
    component: include_bytes!(concat!(env!("PERFBRIDGE_DIST"), "/perfbridge.wasm")),
    compiled: include_bytes!(concat!(env!("PERFBRIDGE_DIST"), "/perfbridge.cwasm")),
    viewer: include_str!(concat!(env!("PERFBRIDGE_DIST"), "/report.html")),
};

fn main() -> ExitCode {
    cli::run(std::env::args_os(), ARTEFACTS).into()
}
