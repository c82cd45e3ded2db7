//! The summary of a job on GitHub, which takes 1 MiB of Markdown a step and drops all of it beyond that.

use super::markdown;
use crate::judge::Judgement;

/// The most bytes; another command of the step may add some.
pub const MOST: usize = 1_000_000;

/// Renders the Markdown with a sentence for each row; where that is too much without the sentences, else what stands
/// outside of its fold.
pub fn render(judgement: &Judgement, _: super::Layout) -> String {
    for explain in [true, false] {
        let text = markdown::render(judgement, explain);
        if text.len() <= MOST {
            return text;
        }
    }
    let mut text = markdown::screen(judgement);
    let mut end = text.len().min(MOST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text + "\n\nThe rest is too long for a summary.\n"
}
