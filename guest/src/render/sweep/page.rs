//! One page of HTML that needs nothing beside it: causes first, then each measurement.

use super::super::junit::escape;
use super::super::told;
use super::words::{about, answer, counts, moved, name, sentence, shared, since, why, worst};
use crate::judge::sweep::{Member, Swept};

const HEAD: &str = r#"<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><style>
:root{color-scheme:light dark;font:15px/1.45 system-ui,sans-serif}
body{max-width:72rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.4rem}h2{font-size:1.05rem;margin:0 0 .4rem;overflow-wrap:anywhere}
section{border:1px solid #8886;border-left:.4rem solid #c33;border-radius:.4rem;padding:.8rem 1rem;margin:1rem 0}
p{margin:.25rem 0;overflow-wrap:anywhere}summary{cursor:pointer}
table{border-collapse:collapse;width:100%;font-size:.9rem}
td,th{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid #8884;overflow-wrap:anywhere}
td:first-child{white-space:nowrap}
"#;

/// How a page begins, up to what stands in its body.
pub fn head(title: &str, style: &str) -> String {
    format!("{HEAD}{style}</style><title>{title}</title></head><body>\n")
}

/// Renders a sweep. Text from outside stands where no element begins or ends, and nothing in the page can run.
pub fn render(swept: &Swept) -> String {
    let mark = swept
        .members
        .first()
        .map_or("🟢", |worst| told::verdict(worst.verdict).2);
    let mut out = head("Inference performance of the fleet", "");
    out += &format!(
        "<h1>{mark} {}</h1>\n<p>{}</p>\n",
        escape(&counts(swept)),
        escape(&sentence(swept))
    );
    for (at, group) in swept.groups.iter().enumerate() {
        let cause = escape(&shared(group).join("; "));
        out += &format!(
            "<section><h2>{}. {cause}</h2>\n<p><b>{}</b></p>\n",
            at + 1,
            escape(&about(group))
        );
        let worst = worst(swept, group).unwrap_or_default();
        for (label, text) in [("worse", moved(group)), ("worst", worst)] {
            if !text.is_empty() {
                out += &format!("<p>{label}: {}</p>\n", escape(&text));
            }
        }
        out += "<details><summary>measurements</summary>";
        let members: Vec<&Member> = group.members.iter().map(|at| &swept.members[*at]).collect();
        table(&mut out, &members);
        out += "</details></section>\n";
    }
    let single: Vec<&Member> = swept.single().collect();
    if !single.is_empty() {
        out += "<h2>In no group</h2>\n";
        table(&mut out, &single);
    }
    let rest = |member: &&Member| member.exit() == 0 && !member.fails();
    let passing: Vec<&Member> = swept.members.iter().filter(rest).collect();
    out += &format!("<details><summary>{} pass</summary>", passing.len());
    table(&mut out, &passing);
    out + "</details></body></html>\n"
}

fn table(out: &mut String, members: &[&Member]) {
    *out += "<table><tr><th>verdict<th>model<th>since<th>why<th>run<th>baseline</tr>\n";
    for member in members {
        let since = match member.fails() {
            true => since(member.since.as_ref(), member.days),
            false => String::new(),
        };
        let why = why(member);
        let why = why.strip_prefix(&(since.clone() + "; ")).unwrap_or(&why);
        let headline = member.text("headline");
        let why = match member.fails() || headline.is_empty() {
            true => why,
            false => headline,
        };
        *out += &format!("<tr><td>{} ", told::verdict(member.verdict).2);
        let cells = [
            &answer(member),
            &name(member),
            &since,
            why,
            member.text("run"),
            member.text("baseline"),
        ];
        *out += &cells.map(escape).join("<td>");
        *out += "</tr>\n";
    }
    *out += "</table>";
}
