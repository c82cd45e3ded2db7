//! The component and the page as the binary carries them: packed, each byte once.
//!
//! The page holds the core module of the component as well, compressed and in base64. Here it stands once, as the page
//! has it compressed. Neither is read by a command that judges: the component runs from its compiled form.
//!
//! Layout: five lengths of eight bytes, little-endian: of the component before and after the core module, of the page before and
//! after it, of the core module compressed by gzip; the SHA-256 of the component; the core module; then the other four, deflated
//! as one.

use crate::bundle::sha256;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec;

/// 1 to 10; beyond 9 nothing is gained.
const DEFLATE_LEVEL: u8 = 9;

/// What stands before and after the deflated data of gzip where it names no file.
const GZIP: (usize, usize) = (10, 8);

/// What the page calls the core module, before its text in base64, which ends with the line.
const IN_PAGE: &str = "\nperfbridge.core.wasm ";

/// The lengths at the beginning, in bytes.
const LENGTHS: usize = 5 * 8;

/// A SHA-256 as 64 hex digits.
const HASH: usize = 64;

/// Packs a component and the page that was made of it; the page may be empty, in a build without it.
///
/// # Errors
/// A page that does not hold the core module, or one of another component.
pub fn pack(component: &[u8], page: &str) -> Result<Vec<u8>, String> {
    let (gzip, page) = match page.split_once(IN_PAGE) {
        None if page.is_empty() => (Vec::new(), (String::new(), "")),
        None => return Err("the page holds no core module".to_owned()),
        Some((before, rest)) => {
            let (text, _) = rest.split_once('\n').unwrap_or((rest, ""));
            let gzip = STANDARD.decode(text).map_err(|error| error.to_string())?;
            (gzip, (format!("{before}{IN_PAGE}"), &rest[text.len()..]))
        }
    };
    let core = inflated(&gzip).ok_or("the core module in the page is not compressed by gzip")?;
    let at = component
        .windows(core.len().max(1))
        .position(|window| window == core)
        .or((gzip.is_empty()).then_some(component.len()))
        .ok_or("the page is of another component; build the web part again")?;
    let parts = [
        &component[..at],
        &component[at + core.len()..],
        page.0.as_bytes(),
        page.1.as_bytes(),
    ];
    let lengths = parts.iter().map(|part| part.len()).chain([gzip.len()]);
    let mut packed: Vec<u8> = lengths.flat_map(|n| (n as u64).to_le_bytes()).collect();
    packed.extend(sha256(component).as_bytes());
    packed.extend(gzip);
    packed.extend(compress_to_vec(&parts.concat(), DEFLATE_LEVEL));
    Ok(packed)
}

/// Empty for nothing, as in a build without the page.
fn inflated(gzip: &[u8]) -> Option<Vec<u8>> {
    if gzip.is_empty() {
        return Some(Vec::new());
    }
    let (start, end) = GZIP;
    decompress_to_vec(gzip.get(start..gzip.len().checked_sub(end)?)?).ok()
}

/// The parts of what [`pack`] made: the four others, and the core module compressed.
fn parts(packed: &[u8]) -> Option<([Vec<u8>; 4], &[u8])> {
    let (lengths, rest) = packed.split_at_checked(LENGTHS)?;
    let rest = rest.get(HASH..)?;
    let lengths: Vec<usize> = lengths
        .as_chunks()
        .0
        .iter()
        .map(|length| u64::from_le_bytes(*length) as usize)
        .collect();
    let (gzip, rest) = rest.split_at_checked(lengths[4])?;
    let mut others = decompress_to_vec(rest).ok()?;
    let mut cut = |length: usize| {
        let tail = others.split_off(length.min(others.len()));
        std::mem::replace(&mut others, tail)
    };
    Some((
        [
            cut(lengths[0]),
            cut(lengths[1]),
            cut(lengths[2]),
            cut(lengths[3]),
        ],
        gzip,
    ))
}

/// The SHA-256 of the component in what [`pack`] made, which then need not be unpacked; none if it is something else.
#[must_use]
pub fn component_sha256(packed: &[u8]) -> Option<&str> {
    let hash = packed.get(LENGTHS..)?.get(..HASH)?;
    std::str::from_utf8(hash).ok()
}

/// The component in what [`pack`] made; none if it is something else.
#[must_use]
pub fn component(packed: &[u8]) -> Option<Vec<u8>> {
    let ([before, after, ..], gzip) = parts(packed)?;
    Some([before, inflated(gzip)?, after].concat())
}

/// The page in what [`pack`] made, empty in a build without it; none if it is something else.
#[must_use]
pub fn page(packed: &[u8]) -> Option<String> {
    let ([.., before, after], gzip) = parts(packed)?;
    let text = STANDARD.encode(gzip);
    String::from_utf8([before, text.into_bytes(), after].concat()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gzip(data: &[u8]) -> Vec<u8> {
        [&[0; 10][..], &compress_to_vec(data, 6), &[0; 8]].concat()
    }

    #[test]
    fn both_come_back_as_they_were() {
        let core = b"the core module ".repeat(99);
        let component = [b"before", &core[..], b"and after"].concat();
        let text = STANDARD.encode(gzip(&core));
        let page = format!("<p>\nperfbridge.core.wasm {text}\nperfbridge.core2.wasm AA==\n</p>");
        let packed = pack(&component, &page).unwrap();
        assert_eq!(super::component(&packed).unwrap(), component);
        let hash = super::component_sha256(&packed).unwrap();
        assert_eq!(hash, sha256(&component));
        assert_eq!(super::page(&packed).unwrap(), page);
        assert!(packed.len() < core.len() / 2, "{}", packed.len());
    }

    #[test]
    fn a_build_without_the_page_has_the_component() {
        let packed = pack(b"a component", "").unwrap();
        assert_eq!(super::component(&packed).unwrap(), b"a component");
        assert_eq!(super::page(&packed).unwrap(), "");
    }

    #[test]
    fn a_page_of_something_else_is_refused() {
        let other = STANDARD.encode(gzip(b"another core"));
        let page = format!("<p>\nperfbridge.core.wasm {other}\n</p>");
        let said = pack(b"a component", &page).unwrap_err();
        assert!(said.contains("another component"), "{said}");
        assert!(
            pack(b"a component", "<p></p>")
                .unwrap_err()
                .contains("no core module")
        );
        let broken = "\nperfbridge.core.wasm AAAA\n";
        assert!(pack(b"a component", broken).unwrap_err().contains("gzip"));
    }

    #[test]
    fn what_is_not_packed_is_nothing() {
        assert_eq!(super::component(b""), None);
        assert_eq!(super::page(&[255; 64]), None);
    }
}
