//! What each module of the guest costs in the component.

use anyhow::{Context as _, Result, ensure};
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use wasmparser::{BinaryReader, Name, NameSectionReader, Parser, Payload};

/// Rooms of the guest of which each module has a row of its own.
const ROOMS: [&str; 2] = ["render", "sources"];

/// Bytes of machine code by module, largest first, then what is not code, then the sum: the size of the module.
///
/// A function of another crate that was made for a type of the guest counts for the module of that type.
pub fn table(core: &[u8]) -> Result<String> {
    let measured = measure(core)?;
    let mut rows: Vec<(&String, &usize)> = measured.code.iter().collect();
    rows.sort_by_key(|(name, bytes)| (std::cmp::Reverse(**bytes), *name));
    let code: usize = measured.code.values().sum();
    let rest = measured.all - code - measured.data;
    let mut table = String::from("bytes    module of the guest, or crate\n");
    for (name, bytes) in rows {
        writeln!(table, "{bytes:<8} {name}")?;
    }
    writeln!(table, "{:<8} (texts and tables)", measured.data)?;
    writeln!(table, "{rest:<8} (types, names of imports, headers)")?;
    writeln!(table, "{:<8} all", measured.all)?;
    Ok(table)
}

struct Measured {
    code: BTreeMap<String, usize>,
    data: usize,
    /// Without the section of names, which the component does not have.
    all: usize,
}

fn measure(core: &[u8]) -> Result<Measured> {
    let (mut imported, mut sizes, mut data, mut names) = (0, Vec::new(), 0, HashMap::new());
    let mut all = core.len();
    for payload in Parser::new(0).parse_all(core) {
        match payload.context("the core module cannot be read")? {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let kind = import.context("an import cannot be read")?.ty;
                    imported += u32::from(matches!(kind, wasmparser::TypeRef::Func(_)));
                }
            }
            Payload::CodeSectionEntry(body) => sizes.push(body.range().len()),
            Payload::DataSection(section) => data = section.range().len(),
            Payload::CustomSection(section) if section.name() == "name" => {
                all -= section.range().len();
                names = functions(section.data(), section.data_offset())?;
            }
            _ => {}
        }
    }
    ensure!(
        !names.is_empty(),
        "the core module has no names of functions; compile it with them"
    );
    let mut code = BTreeMap::new();
    for (index, bytes) in (imported..).zip(sizes) {
        let name = names.get(&index).copied().unwrap_or("");
        *code.entry(module(&demangled(name))).or_default() += bytes;
    }
    Ok(Measured { code, data, all })
}

/// The names of the functions, by index.
fn functions(section: &[u8], offset: usize) -> Result<HashMap<u32, &str>> {
    let mut found = HashMap::new();
    for part in NameSectionReader::new(BinaryReader::new(section, offset)) {
        if let Name::Function(names) = part.context("the names cannot be read")? {
            for name in names {
                let name = name.context("a name cannot be read")?;
                found.insert(name.index, name.name);
            }
        }
    }
    Ok(found)
}

fn demangled(name: &str) -> String {
    format!("{:#}", rustc_demangle::demangle(name))
}

/// The module of the guest that a function was made for, else its crate.
fn module(function: &str) -> String {
    const GUEST: &str = "perfbridge_guest::";
    let Some(at) = function.find(GUEST) else {
        let name = function.trim_start_matches(|c: char| !c.is_alphanumeric());
        return match name.split_once("::") {
            Some((name, _)) => format!("(crate {name})"),
            None => "(other)".to_owned(),
        };
    };
    let mut path = function[at + GUEST.len()..].split("::");
    let room = path.next().unwrap_or_default();
    let word = |c: char| c.is_alphanumeric() || c == '_';
    match path.next() {
        Some(module) if ROOMS.contains(&room) => {
            let module = module.split(|c| !word(c)).next().unwrap_or_default();
            format!("{room}::{module}")
        }
        _ => room
            .split(|c| !word(c))
            .next()
            .unwrap_or_default()
            .to_owned(),
    }
}
