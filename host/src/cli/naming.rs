//! What an entry of the registry may be called: `NAME@WHICH`, `FAMILY/NAME@WHICH`, a model or a measurement alone, or the
//! beginning of a slug. `WHICH` is a slug, its beginning, a role or a label.

use super::output::Output;
use crate::error::{Error, Result};
use crate::registry::{self, FAMILY};
use perfbridge_registry::{
    BASELINE_ROLE, Entry, Marks, Registry, Unfinished, baselines_of, measurement_name, model_of,
    slug_key,
};
use std::path::{Path, PathBuf};

/// So many names are listed in a message.
const LISTED: usize = 8;
/// How alike a name must be to be suggested, from 0 to 1.
const ALIKE: f64 = 0.8;

/// The root in which the name of an entry is looked up.
///
/// # Errors
/// A text that is the path of something that is not there, and those of [`registry::root`].
pub fn root_for(path: &Path, explicit: Option<&Path>) -> Result<PathBuf> {
    let text = path.to_string_lossy();
    let name = text.strip_prefix(&format!("{FAMILY}/")).unwrap_or(&text);
    if Path::new(name).components().count() == 1 {
        return registry::root(explicit);
    }
    Err(Error {
        code: "not-found",
        place: Some(path.display().to_string()),
        ..Error::usage(
            "there is no such file or directory; expected a registry entry, a bundle, a document, or NAME@SLUG",
        )
    })
}

/// The model or measurement of a name, without family and slug.
pub fn name_of(text: &str) -> &str {
    let text = text.strip_prefix(&format!("{FAMILY}/")).unwrap_or(text);
    text.rsplit_once('@').map_or(text, |(name, _)| name)
}

/// The entry of a name.
///
/// # Errors
/// Nothing of that name, or several.
pub fn entry(root: &Path, text: &str, output: &Output) -> Result<Entry> {
    let text = text.strip_prefix(&format!("{FAMILY}/")).unwrap_or(text);
    match text.rsplit_once('@') {
        Some((name, which)) => which_of(root, &measurement_of(root, name)?, which),
        None => match measurement_of(root, text) {
            Ok(_) => chosen(root, text, output),
            Err(error) => beginning(root, text)?.ok_or(error),
        },
    }
}

/// The entry of a measurement that a slug, the beginning of one, a role or a label names.
fn which_of(root: &Path, measurement: &str, which: &str) -> Result<Entry> {
    let registry = Registry::open(root);
    let marks = sound_marks(&registry, measurement)?;
    let meant = marks.meant(which).unwrap_or(which);
    let mut entries = registry.entries_of(FAMILY, measurement)?.entries;
    entries.retain(|entry| entry.slug.starts_with(meant));
    if entries.len() > 1 && entries.iter().all(|entry| entry.slug != meant) && !meant.is_empty() {
        return Err(several(meant, &entries));
    }
    let is_slug = meant.starts_with(|c: char| c.is_ascii_digit());
    if entries.is_empty() && !is_slug {
        let said = marks.roles.keys().chain(marks.labels.values());
        let said: Vec<&str> = said.map(String::as_str).collect();
        let there = match said.is_empty() {
            true => "none has a role or a label".to_owned(),
            false => format!("there are: {}", first_of(&said)),
        };
        return Err(Error {
            code: "not-found",
            ..Error::usage(format!(
                "no entry of {measurement} is called {which:?}; {there}. Name one with perfbridge pin"
            ))
        });
    }
    // An entry that is not there or unfinished is named by the registry.
    let slug = match entries.as_slice() {
        [only] if !meant.is_empty() => only.slug.clone(),
        _ => meant.to_owned(),
    };
    as_promoted(&marks, registry.entry(FAMILY, measurement, &slug)?)
}

/// The marks of a measurement.
///
/// # Errors
/// One that cannot be read: it may be the one that says which entry is the baseline.
pub fn sound_marks(registry: &Registry, measurement: &str) -> Result<Marks> {
    let marks = registry.marks(FAMILY, measurement)?;
    match marks.unreadable.first() {
        None => Ok(marks),
        Some(mark) => Err(Error {
            code: "damaged",
            ..Error::usage(format!(
                "a mark of {measurement} cannot be read, so that nobody can say which entry is meant: {}. Restore the file",
                mark.why
            ))
            .in_input(&mark.dir)
        }),
    }
}

/// The entry as it was when it was promoted.
///
/// # Errors
/// Its snapshot is another one since.
pub fn as_promoted(marks: &Marks, entry: Entry) -> Result<Entry> {
    let of_entry = marks.log.iter().filter(|mark| mark.slug == entry.slug);
    let mut promotions = of_entry.filter_map(|mark| Some((mark, mark.promotion.as_ref()?)));
    let Some((mark, promotion)) = promotions.find(|(_, promotion)| !promotion.is_of(&entry)) else {
        return Ok(entry);
    };
    Err(Error {
        code: "conflict",
        ..Error::usage(format!(
            "the entry is not what was promoted: {} has the SHA-256 {}; expected {}, which {} states. Restore the entry, or promote it anew",
            entry.slug,
            entry.baseline.source_sha256.as_deref().unwrap_or("none"),
            promotion.source_sha256,
            mark.file.display()
        ))
        .in_input(&entry.dir)
    })
}

/// Refuses a damaged entry that is newer than the one that is used, since it may be the one that is meant. One without a
/// `baseline.json` is not written to its end: that is told.
pub fn newer_is_whole(newest: &Entry, unfinished: &[Unfinished], output: &Output) -> Result<()> {
    let name = |dir: &Path| {
        dir.file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    };
    let is_newer = |one: &&Unfinished| slug_key(&name(&one.dir)) > slug_key(&newest.slug);
    for one in unfinished.iter().filter(is_newer) {
        let file = one.dir.join("baseline.json");
        if file.exists() {
            return Err(Error {
                code: "damaged",
                ..Error::usage(format!(
                    "the newest entry cannot be read: {}. Restore the file, or pin the entry that is meant",
                    one.why
                ))
                .in_input(&file)
            });
        }
        let (dir, slug) = (one.dir.display(), &newest.slug);
        output.say(&format!(
            "note: the newer entry {dir} has no baseline.json and is left out; the baseline is {slug}"
        ));
    }
    Ok(())
}

/// The entry, of any measurement, whose slug begins like this; none for what cannot begin one.
fn beginning(root: &Path, text: &str) -> Result<Option<Entry>> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits < text.len().min(8) || text.len() < 4 {
        return Ok(None);
    }
    let mut entries = Registry::open(root).entries(FAMILY)?.entries;
    entries.retain(|entry| entry.slug.starts_with(text));
    match entries.len() {
        0 | 1 => Ok(entries.pop()),
        _ => Err(several(text, &entries)),
    }
}

/// The directory of the entry whose path begins like this one: the slug may be cut.
pub fn cut_path(path: &Path) -> Option<PathBuf> {
    let start = path.file_name()?.to_str()?;
    let items = std::fs::read_dir(path.parent()?).ok()?;
    let mut found = items.filter_map(|item| {
        let item = item.ok()?;
        let fits = item.file_name().to_str()?.starts_with(start);
        (fits && item.path().join("baseline.json").is_file()).then(|| item.path())
    });
    let only = found.next()?;
    found.next().is_none().then_some(only)
}

fn several(text: &str, entries: &[Entry]) -> Error {
    let slugs: Vec<&str> = entries.iter().map(|entry| entry.slug.as_str()).collect();
    Error::usage(format!(
        "{} slugs begin with {text:?}; expected more of one: {}",
        slugs.len(),
        first_of(&slugs)
    ))
}

fn first_of(names: &[&str]) -> String {
    let more = names.len().saturating_sub(LISTED);
    let listed = names[..names.len() - more].join(", ");
    match more {
        0 => listed,
        more => format!("{listed} and {more} more"),
    }
}

/// The entry that stands for a model: the one with the role of the baseline, else the newest.
///
/// # Errors
/// None is registered.
pub fn chosen(root: &Path, name: &str, output: &Output) -> Result<Entry> {
    let measurement = measurement_of(root, name)?;
    let standing = standing(&Registry::open(root), &measurement, output)?;
    standing.ok_or_else(|| none_registered(root, name))
}

/// The entry that stands for a measurement; none where it has no usable one.
pub fn standing(registry: &Registry, measurement: &str, output: &Output) -> Result<Option<Entry>> {
    let mut listing = registry.entries_of(FAMILY, measurement)?;
    let Some(newest) = listing.entries.pop() else {
        return Ok(None);
    };
    let marks = sound_marks(registry, measurement)?;
    match marks.roles.get(BASELINE_ROLE) {
        Some(slug) if *slug != newest.slug => {
            output.say(&format!(
                "note: pinned: {slug} (the newest is {})",
                newest.slug
            ));
            as_promoted(&marks, registry.entry(FAMILY, measurement, slug)?).map(Some)
        }
        Some(_) => as_promoted(&marks, newest).map(Some),
        None => {
            newer_is_whole(&newest, &listing.unfinished, output)?;
            Ok(Some(newest))
        }
    }
}

/// The measurement that is registered under the name of a model, or under its own.
pub fn measurement_of(root: &Path, name: &str) -> Result<String> {
    let known = Registry::open(root).measurements(FAMILY)?;
    let candidates = [name.to_owned(), measurement_name(name)];
    candidates
        .into_iter()
        .find(|candidate| known.contains(candidate))
        .ok_or_else(|| none_registered(root, name))
}

fn none_registered(root: &Path, name: &str) -> Error {
    let known = Registry::open(root)
        .measurements(FAMILY)
        .unwrap_or_default();
    let baselines = known.iter().filter(|name| baselines_of(name) == *name);
    let models: Vec<&str> = baselines.map(|name| model_of(name)).collect();
    let there = match (nearest(model_of(name), &models), models.is_empty()) {
        (Some(near), _) => format!("did you mean {near:?}? There are: {}", first_of(&models)),
        (None, true) => "there is none at all".to_owned(),
        (None, false) => format!("there are: {}", first_of(&models)),
    };
    Error {
        code: "not-found",
        place: Some(root.display().to_string()),
        ..Error::usage(format!(
            "no baseline of {name:?} is registered; {there}. Make one with perfbridge record"
        ))
    }
}

/// The name that is most like another, if one is like it at all.
pub fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let lower = name.to_lowercase();
    let alike = |other: &str| strsim::jaro_winkler(&lower, &other.to_lowercase());
    let scored = known.iter().map(|other| (alike(other), *other));
    let best = scored.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 >= ALIKE).then_some(best.1)
}
