//! What the component says of itself in its custom sections.

use crate::component::COMPONENT;
use crate::contract::comments;
use crate::probe::contract;
use wasmparser::{Parser, Payload};
use wit_component::DecodedWasm;

/// The custom sections of that name at the top level of a component.
pub fn sections<'a>(component: &'a [u8], name: &str) -> Vec<&'a str> {
    let mut depth = 0;
    let mut found = Vec::new();
    for payload in Parser::new(0).parse_all(component) {
        match payload.expect("a section") {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            Payload::CustomSection(section) if depth == 0 && section.name() == name => {
                found.push(std::str::from_utf8(section.data()).expect("UTF-8"));
            }
            _ => {}
        }
    }
    found
}

/// The section of that name, which stands there once.
fn section(name: &str) -> &'static str {
    let found = sections(COMPONENT, name);
    assert_eq!(found.len(), 1, "{name}");
    found[0]
}

#[test]
fn the_component_says_what_it_is() {
    let home = "https://github.com/perfbridge/perfbridge";
    for (name, text) in [
        ("authors", "The Perfbridge contributors"),
        ("homepage", home),
        ("licenses", "Apache-2.0"),
        ("source", home),
        ("version", env!("CARGO_PKG_VERSION")),
    ] {
        assert_eq!(section(name), text, "{name}");
    }
    assert!(section("description").contains("performance regression"));
    let (resolve, package) = contract();
    let version = resolve.packages[package].name.version.as_ref();
    assert_eq!(
        version.map(ToString::to_string).as_deref(),
        Some(section("perfbridge:version"))
    );
}

/// A reader of components (`wasm-tools component wit` is one) shows every item of the contract with its comment, above the
/// world. The first line of a comment is looked for behind the name of its item.
#[test]
fn readers_show_the_documentation_of_every_item() {
    let DecodedWasm::Component(resolve, world) =
        wit_component::decode(COMPONENT).expect("its types")
    else {
        panic!("no component")
    };
    let shown = resolve.worlds[world]
        .docs
        .contents
        .clone()
        .expect("a comment");
    let mut items = 0;
    comments(|name, docs| {
        let first = docs.contents.as_deref().unwrap_or_default();
        let first = first.lines().next().unwrap_or_default();
        let item = name.rsplit('.').next().unwrap_or_default();
        let told = shown
            .match_indices(&format!("/// {first}\n"))
            .any(|(at, _)| {
                let mut after = shown[at..].lines().map(str::trim);
                let declared = after.find(|line| !line.starts_with("///"));
                item == "package" || declared.is_some_and(|line| line.contains(item))
            });
        assert!(told, "{name}: {first:?} is not in\n{shown}");
        items += 1;
    });
    assert!(items > 80, "{items} items");
}
