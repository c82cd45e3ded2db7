//! The contract as Rust types and traits.

#![allow(
    missing_docs,
    unsafe_code,
    clippy::too_many_arguments,
    reason = "wit-bindgen generates the glue of the canonical ABI here"
)]

wit_bindgen::generate!({
    path: "../wit",
    world: "bridge",
    generate_all,
    pub_export_macro: true,
});
