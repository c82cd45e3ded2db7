//! Percentiles of samples.

/// The percentile of `rank` (0..100) by linear interpolation between the two nearest order statistics:
/// numpy's default method (Hyndman & Fan 1996, type 7), with numpy's own order of operations so that the
/// last digit agrees. Sorts `values`; `None` when there are none.
pub fn percentile(values: &mut [f64], rank: f64) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    let position = rank / 100.0 * last as f64;
    let below = position.floor();
    let t = position - below;
    let low = values[below as usize];
    let high = values[(below as usize + 1).min(last)];
    let step = high - low;
    Some(if t < 0.5 {
        low + step * t
    } else {
        high - step * (1.0 - t)
    })
}

#[cfg(test)]
mod tests {
    use super::percentile;

    /// `numpy.percentile([15, 20, 35, 40, 50], [0, 40, 50, 95, 100])` with numpy 2.
    #[test]
    fn agrees_with_numpy() {
        let mut values = [50.0, 15.0, 40.0, 20.0, 35.0];
        let expected = [
            (0.0, 15.0),
            (40.0, 29.0),
            (50.0, 35.0),
            (95.0, 48.0),
            (100.0, 50.0),
        ];
        for (rank, value) in expected {
            assert_eq!(percentile(&mut values, rank), Some(value), "p{rank}");
        }
    }

    #[test]
    fn of_nothing_there_is_none() {
        assert_eq!(percentile(&mut [], 50.0), None);
    }
}
