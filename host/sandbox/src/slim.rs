//! Compiled code without what nobody looks up: the names of its functions, a thirtieth of it.

use std::ops::Range;

/// Where the header of an ELF file of 64 bits says where the headers of its sections begin, how many there are, and which of
/// them has the names (`Elf64_Ehdr`).
const HEADERS_AT: usize = 0x28;
const COUNT: usize = 0x3c;
const NAMES: usize = 0x3e;
/// Bytes of the header of a section, and what stands where in it (`Elf64_Shdr`).
const HEADER: usize = 64;
const KIND: usize = 4;
const OFFSET: usize = 24;
const LENGTH: usize = 32;
/// Kinds of sections: a table of symbols, and of texts.
const SYMBOLS: u32 = 2;
const TEXTS: u32 = 3;

/// The same object without its symbols. One that is laid out in another way than the engine lays it out stays as it is.
pub(super) fn without_symbols(object: Vec<u8>) -> Vec<u8> {
    slimmed(&object).unwrap_or(object)
}

fn slimmed(object: &[u8]) -> Option<Vec<u8>> {
    let headers_at = number(object, HEADERS_AT)?;
    let count = usize::from(u16::from_le_bytes(*object.get(COUNT..)?.first_chunk()?));
    let names = usize::from(u16::from_le_bytes(*object.get(NAMES..)?.first_chunk()?));
    let headers = object.get(headers_at..headers_at + count * HEADER)?;
    let sections: Vec<(u32, Range<usize>)> = headers
        .chunks_exact(HEADER)
        .map(|header| {
            let kind = u32::from_le_bytes(*header.get(KIND..)?.first_chunk()?);
            let (offset, length) = (number(header, OFFSET)?, number(header, LENGTH)?);
            Some((kind, offset..offset + length))
        })
        .collect::<Option<_>>()?;
    let goes = |at: usize| matches!(sections[at].0, SYMBOLS | TEXTS) && at != names;
    let from = (0..count)
        .filter(|at| goes(*at))
        .map(|at| sections[at].1.start);
    let from = from.min()?;
    // What stays stands before what goes, but for the names of sections, which are moved there.
    let stays = (0..count).filter(|at| !goes(*at) && *at != names);
    let mut ends = stays.map(|at| sections[at].1.end);
    if ends.any(|end| end > from) || headers_at < from {
        return None;
    }
    let mut slim = object.get(..from)?.to_vec();
    slim.extend_from_slice(object.get(sections.get(names)?.1.clone())?);
    slim.resize(slim.len().next_multiple_of(8), 0);
    let moved = slim.len();
    for (at, header) in headers.chunks_exact(HEADER).enumerate() {
        let mut header = header.to_vec();
        if goes(at) {
            header.fill(0);
        } else if at == names {
            header[OFFSET..OFFSET + 8].copy_from_slice(&(from as u64).to_le_bytes());
        }
        slim.extend_from_slice(&header);
    }
    slim[HEADERS_AT..HEADERS_AT + 8].copy_from_slice(&(moved as u64).to_le_bytes());
    Some(slim)
}

fn number(bytes: &[u8], at: usize) -> Option<usize> {
    let number = u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?);
    number.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::without_symbols;

    #[test]
    fn what_is_no_object_stays_as_it_is() {
        for bytes in [vec![], b"\x7fELF".to_vec(), vec![0; 64], vec![0xff; 200]] {
            assert_eq!(without_symbols(bytes.clone()), bytes);
        }
    }

    /// That its code is still executed is tested with the component, which is carried so.
    #[test]
    fn an_object_of_the_engine_is_smaller_and_still_one() {
        use wasmtime::Engine;
        // A module whose function `f` is empty: the magic number and version, then type, function, export and code.
        let module = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x07\x05\x01\x01f\0\0\x0a\x04\x01\x02\0\x0b";
        let engine = Engine::default();
        let object = engine.precompile_module(module).expect("an object");
        let slim = without_symbols(object.clone());
        assert!(slim.len() < object.len(), "{} {}", slim.len(), object.len());
        assert!(Engine::detect_precompiled(&slim).is_some());
    }
}
