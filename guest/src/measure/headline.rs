//! The headline: throughput at the canonical operating point.

use super::place::Place;

/// The concurrency of the canonical operating point.
pub const CANONICAL_LEVEL: u32 = 16;

/// The level nearest to [`CANONICAL_LEVEL`] by absolute difference, the higher of two equally near. Where there are
/// rates alone, the highest that was reached, else the lowest. It is chosen from the baseline's places and
/// never slides to suit the current run.
pub fn choose(
    places: impl IntoIterator<Item = Place>,
    is_reached: &dyn Fn(Place) -> bool,
) -> Option<Place> {
    let cells: Vec<Place> = places.into_iter().filter(|place| place.is_cell()).collect();
    let distance = |level: u32| (level.abs_diff(CANONICAL_LEVEL), u32::MAX - level);
    let levels = cells.iter().filter(|place| place.concurrency().is_some());
    let nearest = levels.min_by_key(|place| place.concurrency().map(distance));
    let reached = || cells.iter().filter(|place| is_reached(**place)).max();
    let chosen = nearest.or_else(reached).or_else(|| cells.iter().min());
    chosen.copied()
}

#[cfg(test)]
mod tests {
    use super::super::place::Place;
    use super::choose;

    fn of_reached(places: &[&str], reached: &[&str]) -> Option<String> {
        let places = places.iter().map(|text| text.parse().expect("a place"));
        let is_reached = |place: Place| reached.contains(&place.key().as_str());
        choose(places, &is_reached).map(Place::key)
    }

    fn of(places: &[&str]) -> Option<String> {
        of_reached(places, &[])
    }

    #[test]
    fn sixteen_then_the_nearest_then_the_higher() {
        assert_eq!(of(&["1", "4", "16", "64"]).as_deref(), Some("16"));
        assert_eq!(of(&["1", "4", "12", "64"]).as_deref(), Some("12"));
        assert_eq!(of(&["8", "24"]).as_deref(), Some("24"));
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn of_rates_alone_the_highest_that_was_reached() {
        let rates = ["2/s", "0.8/s", "10/s"];
        let cases: [(&[&str], &str); 4] = [
            (&["0.8/s", "2/s"], "2/s"),
            (&["0.8/s", "2/s", "10/s"], "10/s"),
            (&["0.8/s"], "0.8/s"),
            (&[], "0.8/s"),
        ];
        for (reached, expected) in cases {
            assert_eq!(of_reached(&rates, reached).as_deref(), Some(expected));
        }
        assert_eq!(of_reached(&["2/s", "64"], &["2/s"]).as_deref(), Some("64"));
    }

    #[test]
    fn a_level_comes_before_a_rate_and_the_lowest_rate_before_others() {
        assert_eq!(of(&["16/s", "128"]).as_deref(), Some("128"));
        assert_eq!(of(&["10/s", "0.8/s", "server"]).as_deref(), Some("0.8/s"));
    }
}
