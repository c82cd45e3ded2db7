//! Floating point numbers as the reference server reads and writes them: Python's `float()`, `repr()`
//! and the `%g` conversion.

/// Reads a number the way Python's `float(str)` does; `None` where Python raises `ValueError`.
///
/// Accepted are surrounding white space, a sign, single underscores between digits, and `inf`, `infinity`, `nan` in
/// any case. The result may be infinite or NaN. Python also reads the digits of other scripts, which no measurement
/// is written in.
pub fn parse(text: &str) -> Option<f64> {
    // Python takes U+001C to U+001F for white space in `str.strip()`, but not here.
    let trimmed = text.trim();
    let digits = without_underscores(trimmed)?;
    let (negative, body) = match digits.as_bytes().first()? {
        b'-' => (true, &digits[1..]),
        b'+' => (false, &digits[1..]),
        _ => (false, digits.as_str()),
    };
    let magnitude = match body.to_ascii_lowercase().as_str() {
        "inf" | "infinity" => f64::INFINITY,
        "nan" => f64::NAN,
        _ if is_decimal(body) => body.parse().ok()?,
        _ => return None,
    };
    Some(if negative { -magnitude } else { magnitude })
}

/// Python allows one underscore between two digits and nowhere else.
fn without_underscores(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let digit_at = |i: Option<usize>| i.and_then(|i| bytes.get(i)).is_some_and(u8::is_ascii_digit);
    let misplaced =
        |i: usize| bytes[i] == b'_' && !(digit_at(i.checked_sub(1)) && digit_at(Some(i + 1)));
    if (0..bytes.len()).any(misplaced) {
        return None;
    }
    Some(text.replace('_', ""))
}

/// `digits[.digits][e[sign]digits]` with a digit on at least one side of the point.
fn is_decimal(body: &str) -> bool {
    let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let (mantissa, exponent) = match body.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (body, None),
    };
    let exponent_fits = exponent.is_none_or(|e| {
        let unsigned = e.strip_prefix(['+', '-']).unwrap_or(e);
        !unsigned.is_empty() && all_digits(unsigned)
    });
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    exponent_fits
        && all_digits(whole)
        && all_digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
}

/// The shortest text that reads back as `value`, laid out as Python's `repr` does: `100.0`, `1e+20`, `1e-05`.
pub fn repr(value: f64) -> String {
    if value.is_nan() {
        return "nan".into();
    }
    if value.is_infinite() {
        return if value > 0.0 {
            "inf".into()
        } else {
            "-inf".into()
        };
    }
    let (sign, digits, exponent) = scientific(&shortest(value));
    if !(-4..16).contains(&exponent) {
        return format!("{sign}{}", with_exponent(&digits, exponent));
    }
    let plain = positional(&digits, exponent);
    if plain.contains('.') {
        format!("{sign}{plain}")
    } else {
        format!("{sign}{plain}.0")
    }
}

/// The fewest digits that read back as `value`; of several such texts the one nearest to it, and of two equally
/// near the one with the even last digit. The standard library takes the larger one there.
fn shortest(value: f64) -> String {
    let text = format!("{value:e}");
    let digits = text
        .split('e')
        .next()
        .unwrap_or(&text)
        .bytes()
        .filter(u8::is_ascii_digit)
        .count();
    let nearest = format!("{value:.*e}", digits.saturating_sub(1));
    if nearest.parse() == Ok(value) {
        nearest
    } else {
        text
    }
}

/// `printf("%.6g")`: six significant digits, trailing zeros removed.
pub fn six_significant(value: f64) -> String {
    if !value.is_finite() {
        return repr(value);
    }
    let (sign, digits, exponent) = scientific(&format!("{value:.5e}"));
    let trimmed = digits.trim_end_matches('0');
    let digits = if trimmed.is_empty() { "0" } else { trimmed };
    if (-4..6).contains(&exponent) {
        format!("{sign}{}", positional(digits, exponent))
    } else {
        format!("{sign}{}", with_exponent(digits, exponent))
    }
}

/// Splits `-1.25e-7` into the sign, the digits `125` and the exponent of the first digit.
fn scientific(text: &str) -> (&'static str, String, i32) {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let sign = if mantissa.starts_with('-') { "-" } else { "" };
    let digits = mantissa.chars().filter(char::is_ascii_digit).collect();
    (sign, digits, exponent.parse().unwrap_or(0))
}

fn positional(digits: &str, exponent: i32) -> String {
    if exponent < 0 {
        let zeros = "0".repeat(exponent.unsigned_abs() as usize - 1);
        return format!("0.{zeros}{digits}");
    }
    let whole = exponent as usize + 1;
    if digits.len() <= whole {
        return format!("{digits}{}", "0".repeat(whole - digits.len()));
    }
    format!("{}.{}", &digits[..whole], &digits[whole..])
}

fn with_exponent(digits: &str, exponent: i32) -> String {
    let (first, rest) = digits.split_at(1);
    let point = if rest.is_empty() { "" } else { "." };
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{first}{point}{rest}e{sign}{:02}", exponent.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    // Every expected value below was printed by CPython 3.11.
    #[test]
    fn reads_what_python_float_reads() {
        let accepted: &[(&str, f64)] = &[
            ("1_000", 1000.0),
            (" 1_000 ", 1000.0),
            ("2025_07", 202507.0),
            ("1.5_0", 1.5),
            ("1e1_0", 1e10),
            ("1.", 1.0),
            (".5", 0.5),
            ("+1", 1.0),
            ("1\n", 1.0),
            ("-.5e-3", -0.0005),
            ("\u{a0}12\u{2003}", 12.0),
            ("\u{85}1", 1.0),
            ("inf", f64::INFINITY),
            ("INF", f64::INFINITY),
            ("-Infinity", f64::NEG_INFINITY),
            ("1e999", f64::INFINITY),
        ];
        for (text, value) in accepted {
            assert_eq!(parse(text), Some(*value), "{text:?}");
        }
        assert!(parse("+nan").is_some_and(f64::is_nan));
        let refused = [
            "",
            " ",
            "_1",
            "1_",
            "1__0",
            "1._5",
            "1_.5",
            "1e_1",
            ".",
            "1e",
            "e5",
            "infinity_",
            "infin",
            "0x10",
            "1d5",
            "1,0",
            "--1",
            "+-1",
            "1 2",
            "\u{1c}1",
            "\u{200b}1",
            "\u{0}1",
            "nan1",
            "+",
            "\u{3007}",
            "\u{e9}1",
        ];
        for text in refused {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn writes_what_python_repr_writes() {
        let cases: &[(f64, &str)] = &[
            (100.0, "100.0"),
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1e16, "1e+16"),
            (9_999_999_999_999_998.0, "9999999999999998.0"),
            (123_456_789_012_345_680.0, "1.2345678901234568e+17"),
            (1e20, "1e+20"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (24.409999999999997, "24.409999999999997"),
            // Exactly between two texts of 17 digits.
            (2_205_657_204_850_427.2, "2205657204850427.2"),
        ];
        for (value, text) in cases {
            assert_eq!(repr(*value), *text);
        }
    }

    #[test]
    fn writes_what_percent_6g_writes() {
        let cases: &[(f64, &str)] = &[
            (5.0, "5"),
            (742.9, "742.9"),
            (1e-5, "1e-05"),
            (123_456.5, "123456"),
            (1_234_567.0, "1.23457e+06"),
            (999_999.5, "1e+06"),
            (0.000_123_456_7, "0.000123457"),
            (1e100, "1e+100"),
            (-0.0, "-0"),
            (1.5e-7, "1.5e-07"),
            (100_000.0, "100000"),
            (13.652888864030425, "13.6529"),
        ];
        for (value, text) in cases {
            assert_eq!(six_significant(*value), *text);
        }
    }
}
