//! Numbers of JSON, most of which are short.

use serde_json::Number;

/// Powers of ten that a double holds exactly, as far as they are wanted.
const POWERS: [f64; 17] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
];

/// The first whole number that a double may not hold exactly.
const INEXACT: u64 = 1 << 53;

/// A number of few digits without sign and exponent; none for any other, whether it is a number or not.
///
/// The digits as a whole number and the power of ten that divides them are doubles, so the quotient is rounded once: the
/// nearest double (Clinger, How to Read Floating Point Numbers Accurately, 1990, section 3).
pub(super) fn decimal(word: &[u8]) -> Option<f64> {
    let (mut digits, mut point) = (0_u64, None);
    // Of so few digits none is lost.
    if word.len() >= POWERS.len() {
        return None;
    }
    for (place, byte) in word.iter().enumerate() {
        let digit = byte.wrapping_sub(b'0');
        if digit <= 9 {
            digits = digits * 10 + u64::from(digit);
        } else if *byte == b'.' && place > 0 && point.is_none() {
            point = Some(place);
        } else {
            return None;
        }
    }
    let fraction = point.map_or(0, |point| word.len() - point - 1);
    (!word.is_empty() && digits < INEXACT).then(|| digits as f64 / POWERS[fraction])
}

/// Any finite number.
#[inline(never)]
pub(super) fn any(word: &[u8]) -> Option<f64> {
    let digits = word.strip_prefix(b"-").unwrap_or(word);
    let plain = |byte: &u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
    if !digits.first().is_some_and(u8::is_ascii_digit) || !word.iter().all(plain) {
        return None;
    }
    let number: f64 = std::str::from_utf8(word).ok()?.parse().ok()?;
    number.is_finite().then_some(number)
}

/// A number as `serde_json` reads it; none for what JSON does not call a number, and beyond the range of a double.
pub(super) fn json(word: &[u8]) -> Option<Number> {
    let digits = word.strip_prefix(b"-").unwrap_or(word);
    let (integer, rest) = digits.split_at(leading(digits));
    if integer.is_empty() || integer.len() > 1 && integer[0] == b'0' {
        return None;
    }
    if rest.is_empty()
        && let Some(number) = whole(integer)
    {
        let negative = (number as i64).wrapping_neg();
        if digits.len() == word.len() {
            return Some(number.into());
        } else if negative < 0 {
            return Some(negative.into());
        }
        // Zero with a sign, or below what 64 bits hold.
        return Number::from_f64(-(number as f64));
    }
    let exponent = match rest.strip_prefix(b".") {
        Some(fraction) => &fraction[Some(leading(fraction)).filter(|count| *count > 0)?..],
        None => rest,
    };
    if let [b'e' | b'E', power @ ..] = exponent {
        let power = match power {
            [b'+' | b'-', power @ ..] => power,
            power => power,
        };
        if power.is_empty() || leading(power) < power.len() {
            return None;
        }
    } else if !exponent.is_empty() {
        return None;
    }
    decimal(word)
        .or_else(|| any(word))
        .and_then(Number::from_f64)
}

/// How many digits stand at the beginning.
fn leading(word: &[u8]) -> usize {
    let other = word.iter().position(|byte| !byte.is_ascii_digit());
    other.unwrap_or(word.len())
}

/// A whole number from 0 on, of at most 64 bits.
pub(super) fn whole(word: &[u8]) -> Option<u64> {
    let mut rest = word;
    let mut number = 0_u64;
    // Of 19 digits and fewer none goes beyond 64 bits.
    while let (true, Some((eight, after))) = (word.len() <= 19, rest.split_first_chunk()) {
        number = number * 100_000_000 + self::eight(*eight)?;
        rest = after;
    }
    for byte in rest {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number.checked_mul(10)?.checked_add(digit.into())?;
    }
    // Zeros could stand before it, as many as one likes: no number is written so.
    (1..=20).contains(&word.len()).then_some(number)
}

/// The number that eight digits are; none if one is no digit.
///
/// Neighbours are joined: digits to pairs, those to fours, and these to the number (Lemire, Quickly parsing eight digits,
/// 2022).
fn eight(digits: [u8; 8]) -> Option<u64> {
    let text = u64::from_le_bytes(digits);
    let values = text.wrapping_sub(0x3030_3030_3030_3030);
    let beyond = text.wrapping_add(0x4646_4646_4646_4646);
    if (values | beyond) & 0x8080_8080_8080_8080 != 0 {
        return None;
    }
    let pairs = values * 10 + (values >> 8);
    let low = (pairs & 0x0000_00ff_0000_00ff).wrapping_mul(0x000f_4240_0000_0064);
    let high = (pairs >> 16 & 0x0000_00ff_0000_00ff).wrapping_mul(0x0000_2710_0000_0001);
    Some(low.wrapping_add(high) >> 32)
}
