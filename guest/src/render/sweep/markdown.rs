//! For files and comments: a table of causes, a table of what stands alone.

use super::super::{github, told};
use super::words::{about, answer, counts, moved, name, sentence, shared, why, worst};
use crate::judge::sweep::Swept;

/// So many names stand in a row, and so many rows outside of the fold.
const NAMES: usize = 6;
const SINGLE: usize = 20;

/// Renders a sweep. Text from outside is escaped.
pub fn render(swept: &Swept) -> String {
    let mark = swept
        .members
        .first()
        .map_or("🟢", |worst| told::verdict(worst.verdict).2);
    let mut out = format!(
        "### Inference performance of the fleet\n\n{mark} **{}**; {}\n",
        counts(swept),
        sentence(swept)
    );
    for (at, group) in swept.groups.iter().enumerate() {
        if at == 0 {
            out += "\n| | what they share | measurements | worse | worst row |\n|---|---|---|---|---|\n";
        }
        let names = group.members.iter().map(|at| name(&swept.members[*at]));
        let names = told::listed(&names.collect::<Vec<_>>(), NAMES).unwrap_or_default();
        let cells = [
            told::listed(&shared(group), 4).unwrap_or_default(),
            format!("{}: {names}", about(group)),
            moved(group),
            worst(swept, group).unwrap_or_default(),
        ];
        let cells = cells.map(|cell| github::escape(&cell)).join(" | ");
        out += &format!("| {} | {cells} |\n", at + 1);
    }
    let mut count = 0;
    for member in swept.single() {
        match count {
            0 => out += "\n| in no group | | |\n|---|---|---|\n",
            SINGLE => out += "\n<details><summary>more</summary>\n\n| | | |\n|---|---|---|\n",
            _ => {}
        }
        count += 1;
        let mark = told::verdict(member.verdict).2;
        let cells = [answer(member), name(member), why(member)];
        let cells = cells.map(|cell| github::escape(&cell)).join(" | ");
        out += &format!("| {mark} {cells} |\n");
    }
    if count > SINGLE {
        out += "\n</details>\n";
    }
    out
}
