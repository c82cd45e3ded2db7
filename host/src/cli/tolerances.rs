//! `--tolerance.<metric> <value>`: an option whose name holds the metric, which the parser library has no word for.

use std::ffi::OsString;

const PREFIX: &str = "--tolerance.";

/// Turns `--tolerance.M V` and `--tolerance.M=V` into `--tolerance M=V`; everything else stays as it is.
pub fn rewrite(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut rewritten = Vec::new();
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        let dotted = argument.to_str().and_then(|text| text.strip_prefix(PREFIX));
        let Some(dotted) = dotted else {
            let end = argument == "--";
            rewritten.push(argument);
            if end {
                break;
            }
            continue;
        };
        let pair = match (
            dotted.contains('='),
            arguments.by_ref().next_if_value(dotted),
        ) {
            (true, _) => dotted.to_owned(),
            (false, Some(value)) => format!("{dotted}={value}"),
            // Left without a value: the error for that names the option.
            (false, None) => format!("{dotted}="),
        };
        rewritten.push("--tolerance".into());
        rewritten.push(pair.into());
    }
    rewritten.extend(arguments);
    rewritten
}

trait NextValue: Iterator<Item = OsString> {
    /// The next argument as the value of a dotted option that has no `=`.
    fn next_if_value(&mut self, dotted: &str) -> Option<String> {
        if dotted.contains('=') {
            None
        } else {
            self.next()
                .map(|value| value.to_string_lossy().into_owned())
        }
    }
}

impl<I: Iterator<Item = OsString>> NextValue for I {}

/// Splits `METRIC=VALUE`.
pub fn split(pair: &str) -> (String, String) {
    let (metric, value) = pair.split_once('=').unwrap_or((pair, ""));
    (metric.to_owned(), value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::rewrite;
    use std::ffi::OsString;

    fn words(text: &str) -> Vec<OsString> {
        text.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn both_forms_become_one() {
        let given = words("diff --tolerance.tps 5 --tolerance.itl=4% --yes");
        assert_eq!(
            rewrite(given),
            words("diff --tolerance tps=5 --tolerance itl=4% --yes")
        );
    }

    #[test]
    fn a_missing_value_stays_missing() {
        assert_eq!(
            rewrite(words("diff --tolerance.tps")),
            words("diff --tolerance tps=")
        );
    }
}
