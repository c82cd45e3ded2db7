//! The headline: throughput at the canonical operating point.

use super::place::Place;

/// The concurrency of the canonical operating point.
pub const CANONICAL_LEVEL: u32 = 16;

/// The level nearest to [`CANONICAL_LEVEL`] by absolute difference, the higher of two equally near; the lowest
/// rate where there are rates alone. It is chosen from the baseline's places and never slides to suit the
/// current run.
pub fn nearest(places: impl IntoIterator<Item = Place>) -> Option<Place> {
    let distance = |place: &Place| match place {
        Place::Level(level) => (0, level.abs_diff(CANONICAL_LEVEL), u32::MAX - level),
        _ => (1, 0, 0),
    };
    let cells = places.into_iter().filter(|place| place.is_cell());
    cells.min_by_key(|place| (distance(place), *place))
}

#[cfg(test)]
mod tests {
    use super::super::place::Place;
    use super::nearest;

    fn of(places: &[&str]) -> Option<String> {
        let places = places.iter().map(|text| text.parse().expect("a place"));
        nearest(places).map(Place::key)
    }

    #[test]
    fn sixteen_then_the_nearest_then_the_higher() {
        assert_eq!(of(&["1", "4", "16", "64"]).as_deref(), Some("16"));
        assert_eq!(of(&["1", "4", "12", "64"]).as_deref(), Some("12"));
        assert_eq!(of(&["8", "24"]).as_deref(), Some("24"));
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn a_level_comes_before_a_rate_and_the_lowest_rate_before_others() {
        assert_eq!(of(&["16/s", "128"]).as_deref(), Some("128"));
        assert_eq!(of(&["10/s", "0.8/s", "server"]).as_deref(), Some("0.8/s"));
    }
}
