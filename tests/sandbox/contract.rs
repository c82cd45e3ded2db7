//! The component against its contract: imports, exports, and a comment on every item.

use crate::component::COMPONENT;
use crate::probe::contract;
use wasmparser::{Parser, Payload};
use wit_component::DecodedWasm;
use wit_parser::{Docs, Resolve, TypeDefKind, WorldItem};

/// Names of interfaces, and how many functions and resources each has.
fn interfaces(items: &wit_parser::World, resolve: &Resolve, imports: bool) -> Vec<(String, usize)> {
    let items = if imports {
        &items.imports
    } else {
        &items.exports
    };
    let mut found: Vec<(String, usize)> = items
        .iter()
        .filter_map(|(key, item)| {
            let id = match item {
                WorldItem::Interface { id, .. } => id,
                WorldItem::Function(function) => return Some((function.name.clone(), 1)),
                // A name for a type of an interface.
                WorldItem::Type { .. } => return None,
            };
            let interface = &resolve.interfaces[*id];
            let resources = interface.types.values();
            let resources =
                resources.filter(|id| resolve.types[**id].kind == TypeDefKind::Resource);
            Some((
                resolve.name_world_key(key),
                interface.functions.len() + resources.count(),
            ))
        })
        .collect();
    found.sort();
    found
}

/// Names at the top level of the component, not of what is nested in it.
fn names() -> (Vec<String>, Vec<String>) {
    let (mut imports, mut exports, mut depth) = (Vec::new(), Vec::new(), 0);
    for payload in Parser::new(0).parse_all(COMPONENT) {
        match payload.expect("a component") {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            Payload::ComponentImportSection(section) if depth == 0 => {
                let names = section
                    .into_iter()
                    .map(|item| item.expect("an import").name.name.to_owned());
                imports.extend(names);
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                let names = section
                    .into_iter()
                    .map(|item| item.expect("an export").name.name.to_owned());
                exports.extend(names);
            }
            _ => {}
        }
    }
    imports.sort();
    exports.sort();
    (imports, exports)
}

/// No environment, no clock, no randomness, no sockets, no streams: only directories. One more interface is
/// named for a type that the exports use (a fault) and holds nothing that could be called.
#[test]
fn exact_imports_and_exports() {
    let (imports, exports) = names();
    let ours = [
        "judge-directories",
        "perfbridge:bridge/ingest@0.2.0",
        "perfbridge:bridge/judge@0.2.0",
    ];
    assert_eq!(exports, ours);
    assert_eq!(
        imports,
        [
            // Names of types that the function at the root uses.
            "fault",
            "perfbridge:bridge/types@0.2.0",
            "policy",
            "summary",
            "wasi:filesystem/preopens@0.2.12",
            "wasi:filesystem/types@0.2.12",
        ]
    );
    let DecodedWasm::Component(resolve, world) =
        wit_component::decode(COMPONENT).expect("its types")
    else {
        panic!("no component")
    };
    let callable: Vec<String> = interfaces(&resolve.worlds[world], &resolve, true)
        .into_iter()
        .filter_map(|(name, callable)| (callable > 0).then_some(name))
        .collect();
    assert_eq!(
        callable,
        [
            "wasi:filesystem/preopens@0.2.12",
            "wasi:filesystem/types@0.2.12"
        ]
    );
    let functions: Vec<usize> = interfaces(&resolve.worlds[world], &resolve, false)
        .into_iter()
        .map(|(_, callable)| callable)
        .collect();
    assert_eq!(functions, [1, 12, 8]);
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
    let mut bare = Vec::new();
    comments(|name, docs| {
        if docs
            .contents
            .as_deref()
            .is_none_or(|text| text.trim().is_empty())
        {
            bare.push(name);
        }
    });
    assert!(bare.is_empty(), "without a comment: {bare:?}");
}

/// Every item of the contract in `wit/`, with its comment.
pub fn comments(mut see: impl FnMut(String, &Docs)) {
    let (resolve, package) = contract();
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
}
