//! The component against its contract: imports, exports, size, and a comment on every item.

use crate::component::COMPONENT;
use crate::probe::contract;
use wasmparser::{Parser, Payload};
use wit_parser::{Docs, TypeDefKind};

/// Names at the top level of the component, not of what is nested in it.
fn names() -> (Vec<String>, Vec<String>) {
    let (mut imports, mut exports, mut depth) = (Vec::new(), Vec::new(), 0);
    for payload in Parser::new(0).parse_all(COMPONENT) {
        match payload.expect("a component") {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            Payload::ComponentImportSection(section) if depth == 0 => {
                imports.extend(
                    section
                        .into_iter()
                        .map(|item| item.expect("an import").name.name.to_owned()),
                );
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                exports.extend(
                    section
                        .into_iter()
                        .map(|item| item.expect("an export").name.name.to_owned()),
                );
            }
            _ => {}
        }
    }
    imports.sort();
    exports.sort();
    (imports, exports)
}

/// No environment, no clock, no randomness, no sockets, no streams: only directories.
#[test]
fn exact_imports_and_exports() {
    let (imports, exports) = names();
    assert_eq!(
        imports,
        [
            "wasi:filesystem/preopens@0.2.12",
            "wasi:filesystem/types@0.2.12"
        ]
    );
    assert_eq!(
        exports,
        [
            "perfbridge:bridge/ingest@0.1.0",
            "perfbridge:bridge/judge@0.1.0",
            "perfbridge:bridge/render@0.1.0",
        ]
    );
}

#[test]
fn size_budget() {
    assert!(
        COMPONENT.len() <= 1 << 20,
        "the component has {} bytes, more than 1 MiB",
        COMPONENT.len()
    );
}

#[test]
fn the_component_implements_this_contract() {
    let decoded = wit_component::decode(COMPONENT).expect("a component with its types");
    let (theirs, (ours, package)) = (decoded.resolve(), contract());
    let bridge = &ours.packages[package];
    for (name, interface) in &bridge.interfaces {
        let functions =
            |of: &wit_parser::Interface| of.functions.keys().cloned().collect::<Vec<_>>();
        let found = theirs.interfaces.iter().find(|(_, one)| {
            let of_bridge = one
                .package
                .is_some_and(|id| theirs.packages[id].name == bridge.name);
            one.name.as_ref() == Some(name) && of_bridge
        });
        let (_, found) = found.unwrap_or_else(|| panic!("{name} is not in the component"));
        assert_eq!(
            functions(found),
            functions(&ours.interfaces[*interface]),
            "{name}"
        );
    }
}

#[test]
fn every_item_of_the_contract_has_a_comment() {
    let (resolve, package) = contract();
    let mut bare = Vec::new();
    let mut see = |name: String, docs: &Docs| {
        if docs
            .contents
            .as_deref()
            .is_none_or(|text| text.trim().is_empty())
        {
            bare.push(name);
        }
    };
    let bridge = &resolve.packages[package];
    see("package".to_owned(), &bridge.docs);
    for (name, world) in &bridge.worlds {
        see(name.clone(), &resolve.worlds[*world].docs);
    }
    for (name, id) in &bridge.interfaces {
        let interface = &resolve.interfaces[*id];
        see(name.clone(), &interface.docs);
        for (function, of) in &interface.functions {
            see(format!("{name}.{function}"), &of.docs);
        }
        for (type_name, id) in &interface.types {
            let of = &resolve.types[*id];
            let path = format!("{name}.{type_name}");
            match &of.kind {
                // A name taken over from another interface is explained there.
                TypeDefKind::Type(_) => continue,
                TypeDefKind::Record(record) => record
                    .fields
                    .iter()
                    .for_each(|field| see(format!("{path}.{}", field.name), &field.docs)),
                TypeDefKind::Enum(cases) => cases
                    .cases
                    .iter()
                    .for_each(|case| see(format!("{path}.{}", case.name), &case.docs)),
                _ => {}
            }
            see(path, &of.docs);
        }
    }
    assert!(bare.is_empty(), "without a comment: {bare:?}");
}
