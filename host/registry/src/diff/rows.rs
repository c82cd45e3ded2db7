//! The comparison of numbers by one direction and one tolerance, as the reference server makes it.

use crate::entries::to_float;
use crate::python::json::{Value, dict};
use crate::python::str::repr;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// How much change is allowed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tolerance {
    /// In percent of the baseline.
    pub percent: f64,
    /// In the unit of the key; replaces `percent` where it is given.
    pub absolute: Option<f64>,
}

/// One key that both sides measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The key, or the measurement of a scalar baseline.
    pub key: String,
    /// The baseline, finite.
    pub baseline: f64,
    /// The current value, finite.
    pub current: f64,
    /// A scalar: over tolerance is RED at once.
    pub headline: bool,
}

impl Row {
    /// `current - baseline`; infinite where that is beyond the range of a float.
    pub fn delta(&self) -> f64 {
        self.current - self.baseline
    }

    /// `100 * delta / baseline`; 0 for 0 to 0, `None` for 0 to anything else. Infinite beyond the range of a float.
    pub fn delta_pct(&self) -> Option<f64> {
        if self.baseline == 0.0 {
            return (self.current == 0.0).then_some(0.0);
        }
        let percent = 100.0 * self.delta() / self.baseline;
        if percent.is_finite() {
            return Some(percent);
        }
        // The product can overflow where the quotient does not.
        Some(100.0 * (self.current / self.baseline - 1.0))
    }

    /// Whether the change is adverse and strictly beyond tolerance.
    pub fn is_over(&self, tolerance: &Tolerance, direction: &str) -> bool {
        let far = match tolerance.absolute {
            Some(absolute) => self.delta().abs() > absolute,
            None => self
                .delta_pct()
                .is_none_or(|percent| percent.abs() > tolerance.percent),
        };
        far && match direction {
            "higher-is-better" => self.current < self.baseline,
            "lower-is-better" => self.current > self.baseline,
            _ => true,
        }
    }

    /// The row as it stands in `diff.json`. A number that JSON cannot hold is null.
    pub fn to_json(&self) -> Value {
        let mut row = dict([
            ("key", self.key.as_str().into()),
            ("baseline", self.baseline.into()),
            ("current", self.current.into()),
            ("delta", self.delta().into()),
            ("delta_pct", self.delta_pct().into()),
        ]);
        if let (true, Value::Dict(members)) = (self.headline, &mut row) {
            members.insert("headline".to_owned(), Value::Bool(true));
        }
        row
    }

    /// How far up it stands: by absolute change where the tolerance is absolute, else by percent, none first.
    fn size(&self, tolerance: &Tolerance) -> f64 {
        match tolerance.absolute {
            Some(_) => self.delta().abs(),
            None => self.delta_pct().map_or(f64::INFINITY, f64::abs),
        }
    }
}

/// All rows, and the keys that the current side lost.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Comparison {
    /// The shared keys.
    pub rows: Vec<Row>,
    /// Keys that are numbers in the baseline and no finite number in the current file, sorted.
    pub missing: Vec<String>,
}

impl Comparison {
    /// One number against another.
    pub fn scalar(key: &str, baseline: f64, current: f64) -> Self {
        let row = Row {
            key: key.to_owned(),
            baseline,
            current,
            headline: true,
        };
        Self {
            rows: vec![row],
            missing: Vec::new(),
        }
    }

    /// The top level of two objects. Only what Python's `float()` takes and what is finite is compared.
    ///
    /// # Errors
    /// An integer beyond the range of a float, of which nobody can say how far it is from anything.
    pub fn structured(
        baseline: &BTreeMap<String, Value>,
        current: &BTreeMap<String, Value>,
    ) -> Result<Self, String> {
        let mut comparison = Self::default();
        for (key, before) in baseline {
            let after = current.get(key);
            let Some(number) = number(key, before, after.is_some())? else {
                continue;
            };
            match after
                .map(|after| self::number(key, after, true))
                .transpose()?
                .flatten()
            {
                Some(current) => {
                    comparison.rows.push(Row {
                        key: key.clone(),
                        baseline: number,
                        current,
                        headline: false,
                    });
                }
                None => comparison.missing.push(key.clone()),
            }
        }
        Ok(comparison)
    }

    /// The rows in the order in which they are shown: the largest change first, ties by key.
    pub fn sorted(&self, tolerance: &Tolerance) -> Vec<&Row> {
        let mut rows: Vec<_> = self.rows.iter().collect();
        rows.sort_by(|a, b| {
            let by_size = b
                .size(tolerance)
                .partial_cmp(&a.size(tolerance))
                .unwrap_or(Ordering::Equal);
            by_size.then_with(|| a.key.cmp(&b.key))
        });
        rows
    }

    /// `GREEN` for nothing over tolerance, `YELLOW` for one or two keys or for a lost one, `RED` for more or for a
    /// scalar.
    pub fn verdict(&self, tolerance: &Tolerance, direction: &str) -> &'static str {
        let over: Vec<_> = self
            .rows
            .iter()
            .filter(|row| row.is_over(tolerance, direction))
            .collect();
        if over.len() > 2 || over.iter().any(|row| row.headline) {
            "RED"
        } else if over.is_empty() && self.missing.is_empty() {
            "GREEN"
        } else {
            "YELLOW"
        }
    }
}

fn number(key: &str, value: &Value, shared: bool) -> Result<Option<f64>, String> {
    let number = to_float(value);
    if shared && matches!(value, Value::Int(_)) && number.is_some_and(f64::is_infinite) {
        return Err(format!(
            "the integer of key {} is beyond the range of a number",
            repr(key)
        ));
    }
    Ok(number.filter(|number| number.is_finite()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(baseline: f64, current: f64) -> Row {
        Row {
            key: "k".into(),
            baseline,
            current,
            headline: false,
        }
    }

    #[test]
    fn percent_change_at_the_edges_of_the_range() {
        assert_eq!(row(0.0, 0.0).delta_pct(), Some(0.0));
        assert_eq!(row(0.0, -0.0).delta_pct(), Some(0.0));
        assert_eq!(row(0.0, 1.0).delta_pct(), None);
        assert_eq!(row(-100.0, -110.0).delta_pct(), Some(10.0));
        // 1.7e308 to 1.75e308 is 2.94 %, although 100 times the change overflows.
        let percent = row(1.7e308, 1.75e308).delta_pct().expect("a number");
        assert!((percent - 2.941_176).abs() < 1e-3, "{percent}");
        let five = Tolerance {
            percent: 5.0,
            absolute: None,
        };
        assert!(!row(1.7e308, 1.75e308).is_over(&five, "two-sided"));
        assert!(row(-1.7e308, 1.7e308).is_over(&five, "two-sided"));
        assert!(row(5e-324, 1e300).is_over(&five, "lower-is-better"));
    }

    #[test]
    fn tolerance_is_exceeded_strictly_and_only_in_the_adverse_direction() {
        let five = Tolerance {
            percent: 5.0,
            absolute: None,
        };
        assert!(!row(100.0, 105.0).is_over(&five, "two-sided"));
        assert!(row(100.0, 105.1).is_over(&five, "two-sided"));
        assert!(!row(100.0, 50.0).is_over(&five, "lower-is-better"));
        assert!(row(100.0, 50.0).is_over(&five, "higher-is-better"));
        assert!(row(0.0, 1e-9).is_over(&five, "lower-is-better"));
        assert!(!row(0.0, 1e-9).is_over(&five, "higher-is-better"));
        let two = Tolerance {
            percent: 0.0,
            absolute: Some(2.0),
        };
        assert!(
            !row(1.0, 3.0).is_over(&two, "two-sided"),
            "percent plays no part"
        );
        assert!(row(0.0, 2.5).is_over(&two, "two-sided"));
    }
}
