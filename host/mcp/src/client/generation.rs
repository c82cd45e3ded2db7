//! Old servers know no `--direction` and refuse it; new ones require it. Nothing else on the wire tells them apart.

use perfbridge_registry::Envelope;

/// The generation of the contract that a server keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generation {
    /// Before `--direction`: names are not checked, and a comparison takes either sign as a change.
    Old,
    /// `--direction` is required.
    New,
}

impl Generation {
    /// Reads the help text of `record`. A server that gives none is taken for a new one: that an old one refuses
    /// `--direction` is noticed.
    pub(crate) fn of_help(help: &Envelope) -> Self {
        if help.returncode == 0 && !help.stdout.is_empty() && !help.stdout.contains("--direction") {
            Generation::Old
        } else {
            Generation::New
        }
    }

    /// One word.
    pub fn name(self) -> &'static str {
        match self {
            Generation::Old => "old",
            Generation::New => "new",
        }
    }
}

/// Whether a server refused `record` because it does not know `--direction`.
pub(crate) fn refuses_direction(envelope: &Envelope) -> bool {
    let words = &envelope.stderr;
    envelope.returncode == 2
        && words.contains("unrecognized arguments")
        && words.contains("--direction")
}

/// Whether an argument is `--direction`, in full or shortened to a prefix that only it has. A value cannot look like
/// this: one that begins with a dash has to be written behind `=`.
fn is_direction(arg: &str) -> bool {
    let name = arg.split('=').next().unwrap_or(arg);
    name.len() > 2 && "--direction".starts_with(name)
}

fn asks_for_help(args: &[String]) -> bool {
    args.iter().any(|arg| arg == "--help" || arg == "-h")
}

/// The arguments for a new server: two-sided unless they say otherwise.
pub(crate) fn with_direction(args: &[String]) -> Vec<String> {
    let mut args = args.to_vec();
    if !args.iter().any(|arg| is_direction(arg)) && !asks_for_help(&args) {
        args.extend(["--direction".to_owned(), "two-sided".to_owned()]);
    }
    args
}

/// The arguments for an old server, and the direction that was taken out of them.
pub(crate) fn dropping_direction(args: &[String]) -> (Vec<String>, Option<String>) {
    let mut kept = Vec::new();
    let mut direction = None;
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        if !is_direction(arg) {
            kept.push(arg.clone());
        } else if let Some((_, value)) = arg.split_once('=') {
            direction = Some(value.to_owned());
        } else {
            direction = rest.next().cloned();
        }
    }
    (kept, direction)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(args: &[&str]) -> Vec<String> {
        args.iter().map(|arg| (*arg).to_owned()).collect()
    }

    #[test]
    fn a_direction_is_added_where_there_is_none() {
        let added = list(&["--family", "f", "--direction", "two-sided"]);
        assert_eq!(with_direction(&list(&["--family", "f"])), added);
        for args in [
            list(&["--direction", "lower-is-better"]),
            list(&["--dir=lower-is-better"]),
            list(&["--d", "two-sided"]),
            list(&["--help"]),
        ] {
            assert_eq!(with_direction(&args), args);
        }
    }

    #[test]
    fn a_direction_is_taken_out_however_it_is_written() {
        for args in [
            list(&["--family", "f", "--direction", "two-sided", "--unit", "ms"]),
            list(&["--family", "f", "--dir=two-sided", "--unit", "ms"]),
            list(&["--family", "f", "--d", "two-sided", "--unit", "ms"]),
        ] {
            let expected = (
                list(&["--family", "f", "--unit", "ms"]),
                Some("two-sided".to_owned()),
            );
            assert_eq!(dropping_direction(&args), expected);
        }
        let none = list(&["--family", "direction", "--notes=--direction x"]);
        assert_eq!(dropping_direction(&none), (none.clone(), None));
    }
}
