//! Bindings of the component's world; the WASI types are those of `wasmtime-wasi`.

#![allow(
    missing_docs,
    reason = "generated from wit/, where everything is documented"
)]

wasmtime::component::bindgen!({
    path: "../wit",
    world: "bridge",
    with: {
        "wasi": wasmtime_wasi::p2::bindings::sync,
    },
    require_store_data_send: true,
});
