//! `HANDOFF.md` of a diff bundle, and the one before it.

use crate::clock::slug_key;
use crate::entries::subdirectories;
use std::io::Read as _;
use std::path::Path;

/// The standing frontier of a model in a diff bundle: for people, who write into it what they tried.
pub const HANDOFF: &str = "HANDOFF.md";

/// No table of levers is larger; of a larger file nothing is taken over.
const MOST: u64 = 1 << 20;

/// The text of the newest `HANDOFF.md` in the diff bundles of a measurement, but for the bundle `own`. A bundle without
/// one, or whose one cannot be read, is passed over: the diff does not depend on it.
pub fn earlier_handoff(measurement: &Path, own: Option<&str>) -> Option<String> {
    let mut slugs = subdirectories(measurement).ok()?;
    slugs.retain(|slug| Some(slug.as_str()) != own);
    slugs.sort_by(|a, b| slug_key(a).cmp(&slug_key(b)));
    let read = |slug: &String| handoff_in(&measurement.join(slug));
    slugs.iter().rev().find_map(read)
}

/// The text of the `HANDOFF.md` in a directory; none where it is missing, is no file or cannot be read.
pub fn handoff_in(dir: &Path) -> Option<String> {
    let path = dir.join(HANDOFF);
    if !std::fs::symlink_metadata(&path).ok()?.is_file() {
        return None;
    }
    let mut text = String::new();
    let file = std::fs::File::open(path).ok()?;
    file.take(MOST + 1).read_to_string(&mut text).ok()?;
    (text.len() as u64 <= MOST).then_some(text)
}
