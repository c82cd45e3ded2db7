//! When a run started, as far as two runs can be put in order by it.

/// Zones differ from UTC by whole quarters of an hour, seconds.
const QUARTER: f64 = 900.0;
/// By so much at the most.
const WIDEST_ZONE: f64 = 14.0 * 3600.0;

/// The start of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Start {
    /// Seconds since 1970, in UTC where the zone is stated, else in whatever zone the tool wrote.
    pub seconds: f64,
    /// Whether the zone is stated. A stated start and another without are in no order.
    pub zoned: bool,
}

impl Start {
    /// A start whose zone is stated, in seconds since 1970.
    pub fn utc(seconds: f64) -> Start {
        Start {
            seconds,
            zoned: true,
        }
    }

    /// Whether two starts are one moment within so many seconds. Where one of them has no zone they may be any number of
    /// quarters of an hour apart, up to what zones are.
    pub fn is_near(&self, other: &Start, within: f64) -> bool {
        let apart = (self.seconds - other.seconds).abs();
        let beyond = apart.rem_euclid(QUARTER);
        let is_zone = self.zoned != other.zoned && apart <= WIDEST_ZONE + within;
        apart <= within || is_zone && beyond.min(QUARTER - beyond) <= within
    }

    /// Reads RFC 3339, with or without its zone; `T` or a space between date and time, seconds with any number
    /// of decimals. `None` for anything else.
    pub fn parse(text: &str) -> Option<Start> {
        let text = text.trim();
        if !text.is_ascii() || !matches!(text.as_bytes().get(10), Some(b'T' | b't' | b' ')) {
            return None;
        }
        let (date, time) = (&text[..10], &text[11..]);
        let [year, month, day] = fields(date, '-', [4, 2, 2])?;
        let (clock, zone) = match time.find(['Z', 'z', '+', '-']) {
            Some(at) => (&time[..at], Some(&time[at..])),
            None => (time, None),
        };
        let (whole, part) = match clock.split_once('.') {
            Some((whole, part)) => (whole, decimals(part)?),
            None => (clock, 0.0),
        };
        let [hour, minute, second] = fields(whole, ':', [2, 2, 2])?;
        let in_range = (1..=12).contains(&month)
            && (1..=31).contains(&day)
            && hour < 24
            && minute < 60
            && second <= 60;
        if !in_range {
            return None;
        }
        let offset = zone.map_or(Some(0), offset)?;
        let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset;
        Some(Start {
            seconds: seconds as f64 + part,
            zoned: zone.is_some(),
        })
    }
}

/// Whether one start comes before another: by the clock where both can be put in order, else by their texts.
pub fn is_earlier(a: &str, b: &str) -> bool {
    match (Start::parse(a), Start::parse(b)) {
        (Some(one), Some(other)) if one.zoned == other.zoned => one.seconds < other.seconds,
        _ => a < b,
    }
}

/// RFC 3339 without a zone of seconds since 1970, with so many decimals.
pub fn written(seconds: f64, decimals: usize) -> String {
    let whole = seconds.floor();
    let part = format!("{:.decimals$}", seconds - whole);
    // What rounds to a whole second is the last fraction of this one.
    let part = match part.strip_prefix("0.") {
        Some(part) => format!(".{part}"),
        None if decimals > 0 => format!(".{}", "9".repeat(decimals)),
        None => String::new(),
    };
    let whole = whole as i64;
    let (day, second) = (whole.div_euclid(86_400), whole.rem_euclid(86_400));
    let [year, month, of_month] = date(day);
    let [hour, minute] = [second / 3600, second / 60 % 60];
    format!(
        "{year:04}-{month:02}-{of_month:02}T{hour:02}:{minute:02}:{:02}{part}",
        second % 60
    )
}

/// The year, month and day of so many days since 1970-01-01: the inverse of [`days`], after the same source.
fn date(days: i64) -> [i64; 3] {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let month = (from_march + 2) % 12 + 1;
    let year = year + era * 400 + i64::from(month <= 2);
    [year, month, of_year - (153 * from_march + 2) / 5 + 1]
}

/// Three whole numbers of so many digits.
fn fields(text: &str, between: char, digits: [usize; 3]) -> Option<[i64; 3]> {
    let mut parts = text.split(between);
    let mut out = [0; 3];
    for (value, digits) in out.iter_mut().zip(digits) {
        let part = parts.next()?;
        let plain = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        *value = part.parse().ok().filter(|_| plain)?;
    }
    parts.next().is_none().then_some(out)
}

fn decimals(text: &str) -> Option<f64> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    format!("0.{text}").parse().ok().filter(|_| plain)
}

/// Seconds east of UTC: `Z`, `+02:00`, `-0530`.
fn offset(zone: &str) -> Option<i64> {
    if zone.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let digits = zone[1..].replacen(':', "", 1);
    let plain = digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number: i64 = digits.parse().ok().filter(|_| plain)?;
    Some(sign * (number / 100 * 3600 + number % 100 * 60))
}

/// Days since 1970-01-01 in the Gregorian calendar, counted in years that begin in March, so that the leap day comes
/// last (Hinnant, chrono-compatible low-level date algorithms).
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}
