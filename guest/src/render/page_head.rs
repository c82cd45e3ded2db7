//! How a page of ours begins that needs nothing beside it: nothing in it can run, and nothing is loaded.

/// The begin, up to what stands in the body.
pub(super) const PAGE_HEAD: &str = r#"<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Perfbridge</title><style>
:root{color-scheme:light dark;font:15px/1.45 system-ui,sans-serif}
body{max-width:72rem;margin:2rem auto;padding:0 1rem;overflow-wrap:anywhere}
h1{font-size:1.4rem}h2{font-size:1.05rem;margin:.4rem 0}p{margin:.25rem 0}summary{cursor:pointer}
section,div{border:1px solid #8886;border-radius:.4rem;padding:.6rem 1rem;margin:.6rem 0}
section{border-left:.4rem solid #c33}table{border-collapse:collapse;width:100%;font-size:.9rem}
td,th{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid #8884}
main{display:grid;grid-template-columns:repeat(auto-fill,minmax(21rem,1fr));gap:1rem}
figure{margin:0;border:1px solid #8886;border-radius:.4rem;padding:.6rem}figcaption{font-size:.85rem}
svg{width:100%;height:auto;display:block}.t{fill:#4a90d933}.n{fill:#e6a23c44}.l{fill:none;stroke:#4a90d9;stroke-width:1.5}
.b{fill:#4a90d9}.o{fill:Canvas;stroke:#4a90d9;stroke-width:1.5}.c{stroke:#c33;stroke-dasharray:4 3}
</style></head><body>
"#;
