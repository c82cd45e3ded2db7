//! Whether the times in the request records can be those of one clock that ran forwards.

use crate::finding::{Finding, FindingCode};

/// Records are written as requests end, so none ends long before an earlier line's request began: seen are
/// up to 1.9 s, from several writers and their buffers. More than a minute is another clock or another run.
const DISORDER_NS: u64 = 60_000_000_000;

/// Counts the records of the measured phase whose times contradict each other. Times are nanoseconds
/// since 1970.
#[derive(Default)]
pub(super) struct Clock {
    records: u64,
    /// Ended before they started.
    backwards: u64,
    /// Started before their credit was issued.
    early: u64,
    /// Ended long before one on an earlier line started.
    disordered: u64,
    /// Have both times of the first: to the nanosecond no other request has.
    again: u64,
    first: Option<(u64, u64)>,
    last_start: u64,
    first_line: Option<u64>,
}

impl Clock {
    /// Takes the record on a line.
    pub fn add(&mut self, line: u64, credit: Option<u64>, start: u64, end: u64) {
        self.records += 1;
        let odd = [
            (end < start, &mut self.backwards),
            (credit.is_some_and(|credit| start < credit), &mut self.early),
            (
                end.saturating_add(DISORDER_NS) < self.last_start,
                &mut self.disordered,
            ),
            (self.first == Some((start, end)), &mut self.again),
        ];
        for (is, count) in odd {
            if is {
                *count += 1;
                self.first_line.get_or_insert(line);
            }
        }
        self.first.get_or_insert((start, end));
        self.last_start = self.last_start.max(start);
    }

    /// `CLOCK_ODD`, if anything is.
    pub fn finding(&self, file: &str) -> Option<Finding> {
        let line = self.first_line?;
        let again = match self.again {
            0 => String::new(),
            again => format!(
                ". {again} have the times of the first: copies of one file were joined, and each counts"
            ),
        };
        Some(Finding::new(
            FindingCode::ClockOdd,
            format!("{file}:{line}"),
            format!(
                "of {} request records {} end before they start, {} start before their credit was issued and {} end more than 60 s before one on an earlier line started; the first is on line {line}. Latencies and throughput rest on these clocks{again}",
                self.records, self.backwards, self.early, self.disordered
            ),
        ))
    }
}
