//! The reading of an argument list. There are no positional arguments, so whatever is no option and no value of
//! one is "unrecognized".

use super::help;
use super::spec::{CommandSpec, Kind, OptionSpec, Program};
use crate::python::float;
use crate::python::str::repr;
use std::collections::BTreeMap;

/// The values of the options that were given.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Parsed {
    texts: BTreeMap<&'static str, String>,
    floats: BTreeMap<&'static str, f64>,
}

impl Parsed {
    /// The text of an option, if it was given.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.texts.get(name).map(String::as_str)
    }

    /// The text of an option; empty counts as not given.
    pub fn nonempty(&self, name: &str) -> Option<&str> {
        self.text(name).filter(|text| !text.is_empty())
    }

    /// The number of an option, if it was given.
    pub fn float(&self, name: &str) -> Option<f64> {
        self.floats.get(name).copied()
    }
}

/// What reading an argument list comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// All options are known and complete.
    Run(Parsed),
    /// The help text, for stdout; nothing is to be done.
    Help(String),
    /// The usage and one line that says what is wrong, for stderr; code 2.
    Refused(String),
}

/// How one argument was classified before any option is looked at, as `argparse` does.
enum Class {
    /// A value, or an argument out of place.
    Plain,
    /// The first `--`; all after it is plain.
    Separator,
    /// An option, with the text after its `=` if it had one. `is_short` for `-h`.
    Known {
        option: &'static OptionSpec,
        is_short: bool,
        explicit: Option<String>,
    },
    /// Looks like an option and is none.
    Unknown,
}

/// Reads the argument list of a command.
pub fn parse(program: &Program, command: &CommandSpec, args: &[String]) -> Outcome {
    match read(program, command, args) {
        Ok(outcome) => outcome,
        Err(error) => Outcome::Refused(format!(
            "{}{} {}: error: {error}\n",
            help::usage(program, command),
            program.name,
            command.name
        )),
    }
}

fn read(program: &Program, command: &CommandSpec, args: &[String]) -> Result<Outcome, String> {
    let classes = classify(command, args)?;
    let mut parsed = Parsed::default();
    let mut extras = Vec::new();
    let mut at = 0;
    while at < args.len() {
        let Class::Known {
            option,
            is_short,
            explicit,
        } = &classes[at]
        else {
            extras.push(args[at].as_str());
            at += 1;
            continue;
        };
        at += 1;
        if matches!(option.kind, Kind::Help | Kind::Flag) {
            if let Some(text) = explicit {
                refuse_explicit(option, *is_short, text)?;
            }
            if option.kind == Kind::Help {
                return Ok(Outcome::Help(help::help(program, command)));
            }
            continue;
        }
        let value = match explicit {
            Some(text) => text,
            None if matches!(classes.get(at), Some(Class::Plain)) => {
                at += 1;
                &args[at - 1]
            }
            None => return Err(expected_one(option)),
        };
        store(&mut parsed, option, value)?;
    }
    require(command, &parsed)?;
    if extras.is_empty() {
        return Ok(Outcome::Run(parsed));
    }
    let usage = help::program_usage(program);
    let extras = extras.join(" ");
    Ok(Outcome::Refused(format!(
        "{usage}{}: error: unrecognized arguments: {extras}\n",
        program.name
    )))
}

fn classify(command: &CommandSpec, args: &[String]) -> Result<Vec<Class>, String> {
    let mut classes = Vec::with_capacity(args.len());
    for arg in args {
        if classes
            .iter()
            .any(|class| matches!(class, Class::Separator))
        {
            classes.push(Class::Plain);
        } else if arg == "--" {
            classes.push(Class::Separator);
        } else {
            classes.push(classify_one(command, arg)?);
        }
    }
    Ok(classes)
}

fn classify_one(command: &CommandSpec, arg: &str) -> Result<Class, String> {
    if !arg.starts_with('-') || arg.len() == 1 {
        return Ok(Class::Plain);
    }
    if let Some(found) = exact(command, arg) {
        return Ok(found);
    }
    let found = if arg.starts_with("--") {
        by_prefix(command, arg)?
    } else {
        clustered(command, arg)
    };
    if let Some(found) = found {
        return Ok(found);
    }
    let plain = is_negative_number(arg) || arg.contains(' ');
    Ok(if plain { Class::Plain } else { Class::Unknown })
}

/// The whole argument, or the part before its first `=`, is the name of an option.
fn exact(command: &CommandSpec, arg: &str) -> Option<Class> {
    let (name, explicit) = match arg.split_once('=') {
        Some((name, value)) => (name, Some(value.to_owned())),
        None => (arg, None),
    };
    let option = command
        .options
        .iter()
        .find(|o| o.name == name || o.short == Some(name))?;
    Some(Class::Known {
        option,
        is_short: option.short == Some(name),
        explicit,
    })
}

/// `--fam` stands for `--family` while no other option begins so.
fn by_prefix(command: &CommandSpec, arg: &str) -> Result<Option<Class>, String> {
    let (prefix, explicit) = match arg.split_once('=') {
        Some((prefix, value)) => (prefix, Some(value.to_owned())),
        None => (arg, None),
    };
    let matches: Vec<_> = command
        .options
        .iter()
        .filter(|o| o.name.starts_with(prefix))
        .collect();
    match matches.as_slice() {
        [] => Ok(None),
        [option] => Ok(Some(Class::Known {
            option,
            is_short: false,
            explicit,
        })),
        _ => {
            let names: Vec<_> = matches.iter().map(|o| o.name).collect();
            Err(format!(
                "ambiguous option: {arg} could match {}",
                names.join(", ")
            ))
        }
    }
}

/// `-hx`: the short option `-h` with `x` attached.
fn clustered(command: &CommandSpec, arg: &str) -> Option<Class> {
    let split = arg.char_indices().nth(2).map_or(arg.len(), |(i, _)| i);
    let (short, rest) = arg.split_at(split);
    let option = command.options.iter().find(|o| o.short == Some(short))?;
    Some(Class::Known {
        option,
        is_short: true,
        explicit: Some(rest.to_owned()),
    })
}

/// `-5`, `-5.` and `-.5` can be values; `-1e5` cannot.
fn is_negative_number(arg: &str) -> bool {
    let Some(body) = arg.strip_prefix('-') else {
        return false;
    };
    // Python's `$` lets one line end pass.
    let body = body.strip_suffix('\n').unwrap_or(body);
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    match body.split_once('.') {
        None => !body.is_empty() && digits(body),
        Some((whole, fraction)) => digits(whole) && digits(fraction) && !fraction.is_empty(),
    }
}

/// An option without a value was given one. After `-h` the text may be more short options (`-hh`).
fn refuse_explicit(option: &OptionSpec, is_short: bool, text: &str) -> Result<(), String> {
    if is_short && text.starts_with('h') {
        let rest = &text[1..];
        return if rest.is_empty() {
            Ok(())
        } else {
            refuse_explicit(option, true, rest)
        };
    }
    let names = display_name(option);
    Err(format!(
        "argument {names}: ignored explicit argument {}",
        repr(text)
    ))
}

fn display_name(option: &OptionSpec) -> String {
    option
        .short
        .map_or(String::new(), |short| format!("{short}/"))
        + option.name
}

fn expected_one(option: &OptionSpec) -> String {
    format!("argument {}: expected one argument", option.name)
}

fn store(parsed: &mut Parsed, option: &'static OptionSpec, value: &str) -> Result<(), String> {
    match option.kind {
        Kind::Float => {
            let number = float::parse(value).ok_or_else(|| {
                format!(
                    "argument {}: invalid float value: {}",
                    option.name,
                    repr(value)
                )
            })?;
            parsed.floats.insert(option.name, number);
        }
        Kind::Choice(choices) if !choices.contains(&value) => {
            let listed: Vec<_> = choices.iter().map(|c| repr(c)).collect();
            return Err(format!(
                "argument {}: invalid choice: {} (choose from {})",
                option.name,
                repr(value),
                listed.join(", ")
            ));
        }
        _ => {
            parsed.texts.insert(option.name, value.to_owned());
        }
    }
    Ok(())
}

fn require(command: &CommandSpec, parsed: &Parsed) -> Result<(), String> {
    let missing: Vec<_> = command
        .options
        .iter()
        .filter(|o| o.required && parsed.text(o.name).is_none())
        .map(|o| o.name)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(format!(
        "the following arguments are required: {}",
        missing.join(", ")
    ))
}
