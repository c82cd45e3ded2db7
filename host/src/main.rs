//! The `perfbridge` command.

use perfbridge_host::cli::{self, Artefacts};
use std::process::ExitCode;

// Made by `./just web`, which must run before this is compiled; `PERFBRIDGE_DIST` is set in .cargo/config.toml.
const ARTEFACTS: Artefacts = Artefacts {
    packed: include_bytes!(concat!(env!("PERFBRIDGE_DIST"), "/perfbridge.packed")),
    compiled: include_bytes!(concat!(env!("PERFBRIDGE_DIST"), "/perfbridge.cwasm")),
};

fn main() -> ExitCode {
    cli::run(std::env::args_os(), ARTEFACTS).into()
}
