//! How large the component is, and what of it each module of the guest costs.

use crate::component::COMPONENT;
use std::io::Write as _;
use std::path::Path;

const MOST: usize = 1_835_008; // 1.75 MiB
const MOST_GZIPPED: usize = 716_800; // 700 KiB

const MOST_OF_BINARY: u64 = 25_000_000;
/// Where the C library of the system is too old for packed relocations.
const MOST_UNPACKED: u64 = 27_000_000;

/// Made with the component.
fn sizes() -> String {
    let path = Path::new(env!("PERFBRIDGE_DIST")).join("sizes.txt");
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn budget() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(COMPONENT).expect("memory");
    let (raw, gzipped) = (COMPONENT.len(), gzip.finish().expect("memory").len());
    assert!(
        raw <= MOST && gzipped <= MOST_GZIPPED,
        "the component has {raw} bytes of {MOST}, and {gzipped} of {MOST_GZIPPED} gzipped:\n{}",
        sizes()
    );
}

#[test]
fn the_binary_is_stripped_and_small() {
    let binary = std::fs::read(env!("CARGO_BIN_EXE_perfbridge")).expect("the binary");
    // The names of the sections stand before the table of them, which ends the file.
    let names = &binary[binary.len().saturating_sub(8192)..];
    let has = |name: &[u8]| names.windows(name.len()).any(|window| window == name);
    assert!(has(b"\0.text\0"), "no names of sections at the end");
    let packed = has(b"\0.relr.dyn\0");
    let most = if packed {
        MOST_OF_BINARY
    } else {
        MOST_UNPACKED
    };
    let bytes = binary.len() as u64;
    assert!(
        bytes < most,
        "the binary has {bytes} bytes; expected less than {most}"
    );
    assert!(!has(b"\0.symtab\0"), "the binary has a table of symbols");
}

/// Each row is a number of bytes and a name; all rows together are the module that the component holds.
#[test]
fn the_cost_of_each_module_is_known() {
    let sizes = sizes();
    let rows: Vec<(usize, &str)> = sizes
        .lines()
        .skip(1)
        .map(|line| line.split_once(' ').expect("two columns"))
        .map(|(bytes, name)| (bytes.parse().expect("a number"), name.trim()))
        .collect();
    let (all, parts) = rows.split_last().expect("rows");
    assert_eq!(parts.iter().map(|(bytes, _)| bytes).sum::<usize>(), all.0);
    let inner = all.0 as f64 / COMPONENT.len() as f64;
    assert!(
        (0.9..1.0).contains(&inner),
        "{} of {}",
        all.0,
        COMPONENT.len()
    );
    for module in ["judge", "document", "sources::aiperf_json", "render::text"] {
        assert!(
            parts.iter().any(|(_, name)| *name == module),
            "{module} is not in\n{sizes}"
        );
    }
    // What could not be attributed is little.
    let unknown: usize = parts
        .iter()
        .filter(|(_, name)| *name == "(other)")
        .map(|(bytes, _)| bytes)
        .sum();
    assert!(
        unknown * 16 < all.0,
        "{unknown} bytes of unknown functions in\n{sizes}"
    );
}
