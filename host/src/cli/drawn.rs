//! What pages and Markdown of the command line are made with: how they begin, and text from outside in them.

/// How a page begins that needs nothing beside it: nothing in it can run, and nothing is loaded.
pub const PAGE: &str = r#"<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Perfbridge</title><style>
:root{color-scheme:light dark;font:15px/1.45 system-ui,sans-serif}
body{max-width:72rem;margin:2rem auto;padding:0 1rem;overflow-wrap:anywhere}
h1{font-size:1.4rem}h2{font-size:1.05rem;margin:.4rem 0}p{margin:.25rem 0}summary{cursor:pointer}
section,div{border:1px solid #8886;border-radius:.4rem;padding:.6rem 1rem;margin:.6rem 0}
.RED{color:light-dark(#b3261e,#ff8a80)}.YELLOW{color:light-dark(#8a5a00,#ffcc66)}.GREEN{color:light-dark(#1b6e3c,#7bd88f)}
section{border-left:.4rem solid #c33}table{border-collapse:collapse;width:100%;font-size:.9rem}
td,th{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid #8884}
main{display:grid;grid-template-columns:repeat(auto-fill,minmax(21rem,1fr));gap:1rem}
figure{margin:0;border:1px solid #8886;border-radius:.4rem;padding:.6rem}figcaption{font-size:.85rem}
svg{width:100%;height:auto;display:block}.t{fill:#4a90d933}.n{fill:#e6a23c44}.l{fill:none;stroke:#4a90d9;stroke-width:1.5}
.b{fill:#4a90d9}.o{fill:Canvas;stroke:#4a90d9;stroke-width:1.5}.c{stroke:#c33;stroke-dasharray:4 3}
</style></head><body>
"#;

/// Text in an element or an attribute of HTML or XML, which has no way to write control characters or U+FFFE.
pub fn escape_html(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe += "&amp;",
            '<' => safe += "&lt;",
            '>' => safe += "&gt;",
            '"' => safe += "&quot;",
            '\u{fffe}' | '\u{ffff}' => {}
            c if c.is_control() => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}

/// Text in a table of Markdown: it breaks no table, marks nothing up, links to nothing and mentions nobody.
pub fn escape_markdown(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut chars = escape_html(text)
        .chars()
        .collect::<Vec<_>>()
        .into_iter()
        .peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek().copied().unwrap_or(' ');
        match c {
            '|' | '\\' | '`' | '*' | '[' | ']' | '~' | '$' => safe.extend(['\\', c]),
            '_' if !next.is_alphanumeric() || safe.ends_with(' ') || safe.is_empty() => {
                safe.extend(['\\', c]);
            }
            // A comment parts what GitHub would make a mention, a reference or a link of.
            '@' | '#' | ':' if next.is_alphanumeric() || next == '/' => {
                safe.push(c);
                safe += "<!-- -->";
            }
            '.' if safe.ends_with(['w', 'W']) => safe += "<!-- -->.",
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::{escape_html, escape_markdown};

    #[test]
    fn text_from_outside_is_inert() {
        for (text, safe) in [
            ("<b>&\"\u{1b}[", "&lt;b&gt;&amp;&quot; ["),
            ("v0.32.0 -> v0.33.0", "v0.32.0 -&gt; v0.33.0"),
        ] {
            assert_eq!(escape_html(text), safe);
        }
        for (text, safe) in [
            ("a|b\\`c`", "a\\|b\\\\\\`c\\`"),
            ("**x** _y_ ttft_p50_ms", "\\*\\*x\\*\\* \\_y\\_ ttft_p50_ms"),
            ("@octocat #12", "@<!-- -->octocat #<!-- -->12"),
            ("https://www.x.y", "https:<!-- -->//www<!-- -->.x.y"),
            ("vllm:0.33.0; <b>", "vllm:<!-- -->0.33.0; &lt;b&gt;"),
        ] {
            assert_eq!(escape_markdown(text), safe);
        }
    }
}
