//! Bindings of the component's world, of today's contract and of each frozen one; the WASI types are those of
//! `wasmtime-wasi`.

#![allow(
    missing_docs,
    reason = "generated from wit/, where everything is documented"
)]

wasmtime::component::bindgen!({
    path: "../../wit",
    world: "bridge",
    with: {
        "wasi": wasmtime_wasi::p2::bindings::sync,
    },
    require_store_data_send: true,
});

/// Contract 0.1, as it was released.
pub mod v0_1 {
    wasmtime::component::bindgen!({
        path: ["../../wit/deps/io", "../../wit/deps/clocks", "../../wit/deps/filesystem", "../../wit/since-v0.1"],
        world: "perfbridge:bridge/bridge@0.1.0",
        with: {
            "wasi": wasmtime_wasi::p2::bindings::sync,
        },
        require_store_data_send: true,
    });
}
