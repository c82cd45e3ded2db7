//! The imports of a tree of TypeScript.

use crate::graph::{Graph, files};
use std::path::Path;

/// Reads the tree. What is generated or comes from a package lies outside of it and is left out.
pub fn read(root: &Path) -> Graph {
    let mut graph = Graph::default();
    let all = files(root, "ts");
    for file in &all {
        graph.file(file);
        let text = std::fs::read_to_string(root.join(file)).expect("a file");
        for to in imports(&text).filter_map(|path| resolve(file, path)) {
            if all.contains(&to) {
                graph.import(file, &to);
            }
        }
    }
    graph
}

/// The relative paths that are imported or passed on: the quoted text behind `from`, `import` or `import(`.
fn imports(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('"').filter_map(|(at, _)| {
        let before = text[..at].trim_end_matches('(').trim_end();
        let is_import = before.ends_with("from") || before.ends_with("import");
        let path = text[at + 1..].split('"').next()?;
        (is_import && path.starts_with('.')).then_some(path)
    })
}

fn resolve(file: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

#[test]
fn imports_of_all_forms_are_found() {
    let text = "import { a } from \"./a.ts\";\nimport type {\n  b,\n} from \"../b.ts\";\nimport \"./c.ts\";\n\
        export * from \"./d.ts\";\nconst e = await import(\"./e.ts\");\nconst no = [\"./f.ts\"];\nimport x from \"y\";\n";
    let found: Vec<&str> = imports(text).collect();
    assert_eq!(found, ["./a.ts", "../b.ts", "./c.ts", "./d.ts", "./e.ts"]);
    assert_eq!(resolve("view/x.ts", "../b.ts").as_deref(), Some("b.ts"));
    assert_eq!(resolve("view/x.ts", "./a.ts").as_deref(), Some("view/a.ts"));
    assert_eq!(resolve("x.ts", "../generated/a.js"), None);
}
