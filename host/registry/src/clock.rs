//! UTC in the two forms of the registry.

use std::time::SystemTime;
use time::{Date, Month, OffsetDateTime, Time};

/// `YYYY-MM-DDTHH:MM:SSZ`
pub fn iso(at: SystemTime) -> String {
    let t = OffsetDateTime::from(at);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        t.year(),
        u8::from(t.month()),
        t.day(),
        t.hour(),
        t.minute(),
        t.second()
    )
}

/// The instant of `YYYY-MM-DDTHH:MM:SSZ`; none for another text.
pub fn parse_iso(text: &str) -> Option<SystemTime> {
    let (day, clock) = text.strip_suffix('Z')?.split_once('T')?;
    let [year, month, day] = numbers(day, '-')?;
    let [hour, minute, second] = numbers(clock, ':')?;
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let date = Date::from_calendar_date(i32::from(year), month, u8::try_from(day).ok()?);
    let [hour, minute, second] =
        [hour, minute, second].map(|part| u8::try_from(part).unwrap_or(u8::MAX));
    let time = Time::from_hms(hour, minute, second).ok()?;
    Some(OffsetDateTime::new_utc(date.ok()?, time).into())
}

/// Three numbers of at most four digits.
fn numbers(text: &str, between: char) -> Option<[u16; 3]> {
    let parts = text.split(between).map(|part| part.parse().ok());
    <[u16; 3]>::try_from(parts.collect::<Option<Vec<u16>>>()?).ok()
}

/// `YYYYMMDDTHHMMSSffffffZ`: the name of an entry's directory, with microseconds.
pub fn slug(at: SystemTime) -> String {
    let t = OffsetDateTime::from(at);
    format!(
        "{:04}{:02}{:02}T{:02}{:02}{:02}{:06}Z",
        t.year(),
        u8::from(t.month()),
        t.day(),
        t.hour(),
        t.minute(),
        t.second(),
        t.microsecond()
    )
}

/// `YYYY-MM-DD`, in UTC.
pub fn day(at: SystemTime) -> String {
    let slug = slug(at);
    let [year, month, day] = [0..4, 4..6, 6..8].map(|part| slug.get(part).unwrap_or_default());
    format!("{year}-{month}-{day}")
}

/// Orders slugs by time. Both forms are understood: with microseconds, and the older one without, which stands
/// for microsecond 0. Any other name sorts before them.
pub fn slug_key(slug: &str) -> (Option<String>, &str) {
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let parsed = slug
        .strip_suffix('Z')
        .and_then(|s| s.split_once('T'))
        .filter(|(day, clock)| {
            day.len() == 8 && digits(day) && digits(clock) && matches!(clock.len(), 6 | 12)
        });
    (
        parsed.map(|(day, clock)| format!("{day}T{clock:0<12}")),
        slug,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    // 1795488271 is 2026-11-24T02:44:31Z by `date -u -d @1795488271`.
    #[test]
    fn formats_utc() {
        let at = SystemTime::UNIX_EPOCH + Duration::new(1_795_488_271, 681_970_999);
        assert_eq!(iso(at), "2026-11-24T02:44:31Z");
        let whole = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_488_271);
        assert_eq!(parse_iso("2026-11-24T02:44:31Z"), Some(whole));
        for none in [
            "",
            "2026-11-24",
            "2026-13-24T02:44:31Z",
            "2026-11-24T25:44:31Z",
            "2026-11-24T02:44:31",
        ] {
            assert_eq!(parse_iso(none), None, "{none}");
        }
        assert_eq!(slug(at), "20261124T024431681970Z");
        assert_eq!(day(at), "2026-11-24");
    }

    #[test]
    fn orders_both_forms_of_a_slug() {
        let mut slugs = [
            "20261124T022652Z",
            "20261124T022651000001Z",
            "20261124T022651Z",
            "pinned",
            "20261124T022651999999Z",
        ];
        slugs.sort_by(|a, b| slug_key(a).cmp(&slug_key(b)));
        assert_eq!(
            slugs,
            [
                "pinned",
                "20261124T022651Z",
                "20261124T022651000001Z",
                "20261124T022651999999Z",
                "20261124T022652Z"
            ]
        );
    }
}
