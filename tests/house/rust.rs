//! The imports of a tree of Rust: every path from the root of the crate, from the module above or into a module below,
//! resolved to the file that holds what it names. A module that only passes names on is no file of its own here.
//!
//! It reads by lines and counts on `rustfmt`: tests stand behind the rest of a file.

use crate::graph::{Graph, files};
use std::collections::BTreeMap;
use std::path::Path;

type Module = Vec<String>;

/// What one file says about names.
#[derive(Default)]
struct Source {
    file: String,
    /// Paths that are used, made absolute: in `use` lines, and written out in the code.
    paths: Vec<Module>,
    /// Names that are passed on, and the paths behind them.
    exports: BTreeMap<String, Module>,
    /// Whether there is anything but modules and names that are passed on.
    has_code: bool,
    /// The code, for the modules that are used by their names.
    code: String,
    /// The names under which modules may be used: imported, and declared here.
    names: BTreeMap<String, Module>,
}

/// Reads the tree below `root`.
pub fn read(root: &Path) -> Graph {
    let mut sources = BTreeMap::new();
    for file in files(root, "rs") {
        let is_test = file
            .split('/')
            .any(|part| part.starts_with("tests") || part.ends_with("_tests.rs") || part == "bin");
        if is_test || file == "main.rs" {
            continue;
        }
        let text = std::fs::read_to_string(root.join(&file)).expect("a file");
        let module = module_of(&file);
        sources.insert(module.clone(), parse(&file, &module, &text));
    }
    let mut graph = Graph::default();
    for source in sources.values().filter(|source| source.has_code) {
        graph.file(&source.file);
        let by_name = source.names.iter().flat_map(|(name, module)| {
            let used = members(&source.code, name);
            used.map(|member| [module.as_slice(), &[member]].concat())
        });
        for path in source.paths.iter().cloned().chain(by_name) {
            if let Some(to) = resolve(&sources, &path) {
                graph.import(&source.file, to);
            }
        }
    }
    graph
}

/// `judge/mod.rs` and `judge.rs` are the module `judge`, `lib.rs` is the root.
fn module_of(file: &str) -> Module {
    let mut parts: Module = file.split('/').map(str::to_owned).collect();
    let last = parts.pop().unwrap_or_default();
    let stem = last.trim_end_matches(".rs");
    if stem != "mod" && stem != "lib" {
        parts.push(stem.to_owned());
    }
    parts
}

fn parse(file: &str, module: &Module, text: &str) -> Source {
    let mut source = Source {
        file: file.to_owned(),
        ..Source::default()
    };
    let mut inside = module.clone();
    let mut lines = without_tests(text);
    while let Some(line) = lines.next() {
        let item = line.trim_start();
        if item.is_empty() || ["//", "#"].iter().any(|mark| item.starts_with(mark)) {
            continue;
        }
        let (visible, rest) = without_visibility(item);
        if let Some(name) = rest.strip_prefix("mod ") {
            let child = name.trim_end_matches([';', ' ', '{']).to_owned();
            if name.ends_with('{') {
                inside.push(child);
            } else {
                let path = [inside.as_slice(), std::slice::from_ref(&child)].concat();
                source.names.insert(child, path);
            }
        } else if let Some(first) = rest.strip_prefix("use ") {
            let mut tree = first.to_owned();
            while !tree.ends_with(';') {
                tree.push_str(lines.next().unwrap_or(";").trim());
            }
            for (path, name) in expand(tree.trim_end_matches(';')) {
                let Some(path) = absolute(&inside, &source.names, &path) else {
                    continue;
                };
                if visible {
                    source.exports.insert(name.clone(), path.clone());
                } else {
                    source.has_code = true;
                }
                source.names.insert(name, path.clone());
                source.paths.push(path);
            }
        } else {
            if line == "}" && inside.len() > module.len() {
                inside.pop();
                continue;
            }
            source.has_code = true;
            source.code.push_str(item);
            source.code.push('\n');
            for word in item.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')) {
                if word.starts_with("crate::") || word.starts_with("super::") {
                    let path = word.split("::").map(str::to_owned).collect();
                    source.paths.extend(absolute(&inside, &source.names, &path));
                }
            }
        }
    }
    source
}

/// The lines without what is compiled for tests only: a declaration, or the module behind the rest of a file.
fn without_tests(text: &str) -> impl Iterator<Item = &str> {
    let mut is_test = false;
    let mut lines = text.lines();
    std::iter::from_fn(move || {
        let mut line = lines.next()?;
        while line == "#[cfg(test)]" || is_test {
            is_test = line.starts_with('#');
            if line.ends_with('{') {
                return None;
            }
            line = lines.next()?;
        }
        Some(line)
    })
}

fn without_visibility(item: &str) -> (bool, &str) {
    let Some(rest) = item.strip_prefix("pub") else {
        return (false, item);
    };
    match rest
        .strip_prefix('(')
        .and_then(|rest| rest.split_once(") "))
    {
        Some((_, rest)) => (true, rest),
        None => (true, rest.trim_start()),
    }
}

/// The paths of a `use` tree without its braces, each with the name that it has here.
fn expand(tree: &str) -> Vec<(Module, String)> {
    let tree = tree.trim();
    let Some((head, inner)) = tree.split_once('{') else {
        let (path, name) = tree.split_once(" as ").unwrap_or((tree, ""));
        let mut path: Module = path.split("::").map(str::to_owned).collect();
        if path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        let last = path.last().cloned().unwrap_or_default();
        let name = if name.is_empty() {
            last
        } else {
            name.to_owned()
        };
        return vec![(path, name)];
    };
    let inner = inner.trim_end().strip_suffix('}').unwrap_or(inner);
    let mut parts = vec![String::new()];
    let mut depth = 0;
    for c in inner.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if c == ',' && depth == 0 {
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    parts
        .iter()
        .map(|part| part.trim())
        .filter(|part| !part.is_empty())
        .flat_map(|part| expand(&format!("{head}{part}")))
        .collect()
}

/// A path from the root of the crate; none for one into another crate.
fn absolute(inside: &Module, names: &BTreeMap<String, Module>, path: &Module) -> Option<Module> {
    let mut base = inside.clone();
    let mut rest = path.as_slice();
    match rest.first()?.as_str() {
        "crate" => base.clear(),
        "self" => {}
        "super" => {
            base.pop();
            while rest.get(1).is_some_and(|part| part == "super") {
                base.pop();
                rest = &rest[1..];
            }
        }
        name => base = names.get(name)?.clone(),
    }
    base.extend_from_slice(&rest[1..]);
    Some(base)
}

/// What is used of a module by its name: `member` in `name::member`.
fn members<'a>(code: &'a str, name: &'a str) -> impl Iterator<Item = String> + 'a {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(name).filter_map(move |(at, _)| {
        let before = code[..at].chars().next_back();
        let after = code[at + name.len()..].strip_prefix("::")?;
        let member = after.split(|c| !is_word(c)).next()?;
        let whole = !before.is_some_and(|c| is_word(c) || c == ':');
        (whole && !member.is_empty()).then(|| member.to_owned())
    })
}

/// The file that holds what a path names. What a module passes on is looked for where it comes from.
fn resolve<'a>(sources: &'a BTreeMap<Module, Source>, path: &Module) -> Option<&'a str> {
    let depth = (0..=path.len())
        .rev()
        .find(|depth| sources.contains_key(&path[..*depth]))?;
    let source = &sources[&path[..depth]];
    if let Some(item) = path.get(depth)
        && let Some(behind) = source.exports.get(item)
        && behind != path
    {
        return resolve(sources, behind);
    }
    source.has_code.then_some(source.file.as_str())
}

#[test]
fn a_path_leads_to_the_file_that_holds_what_it_names() {
    let dir = std::env::temp_dir().join(format!("perfbridge-house-{}", std::process::id()));
    let write = |file: &str, text: &str| {
        let path = dir.join(file);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, text).expect("written");
    };
    write(
        "lib.rs",
        "//! Root.\n\npub mod a;\nmod b;\n\npub use a::One;\n",
    );
    write(
        "a/mod.rs",
        "//! Passes on.\n\nmod one;\nmod two;\n\npub use one::One;\n",
    );
    write(
        "a/one.rs",
        "use crate::b::{\n    self, Two,\n};\n\npub struct One(Two);\n",
    );
    write("a/two.rs", "pub fn two() -> crate::One {\n    todo!()\n}\n");
    write(
        "b.rs",
        "use crate::a;\n\npub struct Two(a::One);\n\n#[cfg(test)]\nmod tests {\n    use crate::a::two::two;\n}\n",
    );
    let graph = read(&dir);
    std::fs::remove_dir_all(&dir).expect("removed");
    let imports: Vec<_> = graph.imports().collect();
    assert_eq!(
        imports,
        [
            ("a/one.rs", "b.rs"),
            ("a/two.rs", "a/one.rs"),
            ("b.rs", "a/one.rs")
        ]
    );
    assert_eq!(
        graph.circular(),
        [("a/one.rs", "b.rs"), ("b.rs", "a/one.rs")]
    );
    assert_eq!(graph.upwards(&[&["b"], &["a"]]), [("a/one.rs", "b.rs")]);
}
