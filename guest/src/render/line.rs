//! One line for a chat.

use super::entries::{is_counted, model};
use super::screen::clip;
use super::told;
use crate::judge::Judgement;

/// The most columns.
const MOST: usize = 200;
const MODEL: usize = 48;

/// Renders the verdict, its model and its headline. The model's name is plain words, whatever it holds: chats make
/// links, mentions and emphasis of signs.
pub fn render(judgement: &Judgement, _: super::Layout) -> String {
    let name = plain(&model(judgement));
    let gate = told::gate(judgement);
    let gate = gate.map_or_else(String::new, |gate| format!("{}; ", plain(&gate).trim_end()));
    let draft = match is_counted(judgement) {
        true => format!(" ({})", judgement.tier.as_str()),
        false => String::new(),
    };
    let text = format!(
        "{}{draft} by rule {} for {}: {gate}{}",
        judgement.verdict.as_str(),
        judgement.rule.as_str(),
        match name.trim_end() {
            "" => "a model without a name".to_owned(),
            name => clip(name, MODEL),
        },
        told::headline(judgement).sentence()
    );
    clip(&text, MOST) + "\n"
}

/// Plain words alone.
fn plain(text: &str) -> String {
    let mut name = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let inside = |c: char| c.is_alphanumeric();
        let before = name.ends_with(inside);
        let next = chars.peek().copied().unwrap_or(' ');
        let is_plain = match c {
            '_' | '/' | '-' => before && inside(next),
            // A point before a letter would be that of a host.
            '.' => before && next.is_ascii_digit(),
            c => inside(c),
        };
        match is_plain {
            true => name.push(c),
            false if name.ends_with(' ') || name.is_empty() => {}
            false => name.push(' '),
        }
    }
    name
}
