//! The `perfbridge` command.

use perfbridge_host::cli::{self, Artefacts};
use perfbridge_host::sandbox::Carried;
use std::process::ExitCode;

// Made by `./just web`, which must run before this is compiled; `PERFBRIDGE_DIST` is set in .cargo/config.toml.
const ARTEFACTS: Artefacts = Artefacts {
    packed: include_bytes!(concat!(env!("PERFBRIDGE_DIST"), "/perfbridge.packed")),
    compiled: &COMPILED,
};

const CWASM: &[u8] = include_bytes!(concat!(env!("PERFBRIDGE_DIST"), "/perfbridge.cwasm"));

// A static, and not a constant: it is executed where it stands.
static COMPILED: Carried<[u8; CWASM.len()]> = Carried(*include_bytes!(concat!(
    env!("PERFBRIDGE_DIST"),
    "/perfbridge.cwasm"
)));

fn main() -> ExitCode {
    cli::run(std::env::args_os(), ARTEFACTS).into()
}
