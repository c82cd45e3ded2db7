//! The concurrency that the name of a file or a folder says.

/// `aiperf-c16/x.json`, `aiperf-c16.log`, `run-concurrency16/…`: the number, taken from the innermost part that has one.
pub fn level_in_path(path: &str) -> Option<u32> {
    let path = path.to_ascii_lowercase();
    path.rsplit('/').find_map(|part| {
        let stem = part.rsplit_once('.').map_or(part, |(stem, _)| stem);
        level_in_name(part).or_else(|| level_in_name(stem))
    })
}

/// `aiperf-c16`, `concurrency_16`: the number.
pub fn level_in_name(name: &str) -> Option<u32> {
    let (before, digits) = name.split_at(name.trim_end_matches(|c: char| c.is_ascii_digit()).len());
    let before = before.trim_end_matches(['-', '_', '=']);
    let marked = ["-c", "_c", "concurrency", "conc"]
        .iter()
        .any(|mark| before.ends_with(mark))
        || before == "c";
    if marked {
        digits.parse().ok().filter(|level| *level > 0)
    } else {
        None
    }
}
