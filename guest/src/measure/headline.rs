//! The headline: throughput at the canonical operating point.

/// The concurrency of the canonical operating point.
pub const CANONICAL_LEVEL: u32 = 16;

/// The level nearest to [`CANONICAL_LEVEL`] by absolute difference, the higher of two equally near.
/// It is chosen from the baseline's levels and never slides to suit the current run.
pub fn nearest_level(levels: &[u32]) -> Option<u32> {
    levels
        .iter()
        .copied()
        .min_by_key(|level| (level.abs_diff(CANONICAL_LEVEL), u32::MAX - level))
}

#[cfg(test)]
mod tests {
    use super::nearest_level;

    #[test]
    fn sixteen_then_the_nearest_then_the_higher() {
        assert_eq!(nearest_level(&[1, 4, 16, 64]), Some(16));
        assert_eq!(nearest_level(&[1, 4, 12, 64]), Some(12));
        assert_eq!(nearest_level(&[8, 24]), Some(24));
        assert_eq!(nearest_level(&[]), None);
    }
}
