# Everything that can be done with this repository. `./just` lists the recipes.

export PERFBRIDGE_DIST := justfile_directory() / "dist"

target := env("CARGO_TARGET_DIR", justfile_directory() / "target")
core := target / "wasm32-unknown-unknown/component/perfbridge_guest.wasm"
small := target / "wasm32-unknown-unknown/component/small.wasm"
sha256 := target / "wasm32-unknown-unknown/component/perfbridge_sha256.wasm"
bin := target / "release/perfbridge"
cargo_home := env("CARGO_HOME", home_directory() / ".cargo")
# No path of this machine in the component: the same source gives the same bytes elsewhere. Cargo adds these to the
# flags of .cargo/config.toml, which say what the machine of the component can do.
remapped := "--remap-path-prefix=" + cargo_home + "=cargo --remap-path-prefix=" + justfile_directory() + "=perfbridge"
# The target features of .cargo/config.toml, by wasm-opt's names, and what every component needs. -Oz leaves the component as fast as it was and a tenth smaller.
# A function with one caller is moved into it up to that size: else some become so large (89 KB) that a browser spends 0.3 s on the best code of one, and
# the whole becomes larger when it is compressed, by 4 %.
wasm_opt_flags := "-Oz --one-caller-inline-max-function-size=120 --enable-simd --enable-bulk-memory --enable-nontrapping-float-to-int --enable-sign-ext --enable-mutable-globals --enable-reference-types --enable-multivalue"
deny_version := "0.20.2"
# On a terminal cargo shows what it compiles; a log gets one line a stage.
quiet := `[ -t 2 ] || echo --quiet`
# The host, always with the features of the whole workspace: asked for with those of one package, its dependencies
# would be compiled once more for each (tests/one_build.sh).
build_host := "cargo build " + quiet + " --release --workspace"
test_host := "cargo test --quiet --release --workspace --lib --test '*'"
ruff_version := "0.17.6"
ruff := target / "tools/ruff-" + ruff_version / "bin/ruff"
biome := "web/node_modules/.bin/biome"

# List the recipes
default:
    @{{ just_executable() }} --justfile {{ quote(justfile()) }} --list

# Add the WebAssembly target to the toolchain if it is not there
[group("build")]
setup:
    @rustup target list --installed | grep -qx wasm32-unknown-unknown || rustup target add wasm32-unknown-unknown

[private]
packages:
    @./web/packages.sh

# Make dist/perfbridge.wasm (the component), dist/perfbridge.cwasm (compiled for this machine) and dist/sha256.wasm (for the page)
[group("build")]
component: setup packages
    @[ -e {{ bin }} ] || echo "A first build takes some minutes, most of them in the third of five stages." >&2
    @echo "1 of 5: compiling the guest" >&2
    @CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="{{ remapped }}" cargo build {{ quiet }} --profile component -p perfbridge-guest -p perfbridge-sha256 --target wasm32-unknown-unknown
    @echo "2 of 5: making it small" >&2
    @[ {{ small }} -nt {{ core }} ] && [ {{ small }} -nt justfile ] || web/node_modules/.bin/wasm-opt -g {{ wasm_opt_flags }} {{ core }} -o {{ small }}
    @mkdir -p dist
    @[ dist/sha256.wasm -nt {{ sha256 }} ] && [ dist/sha256.wasm -nt justfile ] || web/node_modules/.bin/wasm-opt {{ wasm_opt_flags }} {{ sha256 }} -o dist/sha256.wasm
    @echo "3 of 5: compiling the sandbox and making the component with it" >&2
    @{{ build_host }} --bin perfbridge-build
    @{{ target }}/release/perfbridge-build {{ small }} . dist

# Make dist/report.html (the viewer as one page) and dist/npm (the package) of the component
[group("build")]
web: component
    @echo "4 of 5: building the viewer and the npm package" >&2
    @./web/build.sh
    @{{ target }}/release/perfbridge-build dist

# Build the perfbridge binary
[group("build")]
build: web
    @echo "5 of 5: building the binary" >&2
    @{{ build_host }} --bin perfbridge
    @echo "built {{ bin }}" >&2

# Record a real bundle, then judge an unchanged and a slower run against it
[group("run")]
demo: build
    ./tests/demo.sh {{ bin }}

[private]
ruff:
    @test -x {{ ruff }} || (echo "installing ruff {{ ruff_version }} below target/tools" >&2; python3 -m venv {{ target }}/tools/ruff-{{ ruff_version }}; {{ target }}/tools/ruff-{{ ruff_version }}/bin/pip install --quiet --disable-pip-version-check ruff=={{ ruff_version }})

# Format Rust, TypeScript, JavaScript, CSS, JSON and Python
[group("build")]
format: packages ruff
    cargo fmt --all
    {{ biome }} format --write
    {{ ruff }} format

# The formatter breaks no strings, hence the search for long lines.
[private]
check-web: packages
    {{ biome }} check --error-on-warnings
    @! grep -rnE '.{141,}' --include='*.ts' --include='*.mjs' --include='*.css' --exclude-dir=node_modules --exclude-dir=generated web tests/web npm examples/node || (echo "error: the lines above are longer than 140 characters; break them" >&2; exit 1)

[private]
check-python: ruff
    {{ ruff }} format --quiet --check
    {{ ruff }} check --quiet

# Formatting and lints of Rust, TypeScript, JavaScript, CSS and Python
[group("test")]
check: check-web check-python component
    ./tests/readme.sh
    ./tests/one_build.sh
    cargo fmt --all --check
    cargo clippy --quiet --release --workspace --all-targets -- -D warnings
    cargo clippy --quiet --profile component -p perfbridge-guest -p perfbridge-sha256 --target wasm32-unknown-unknown -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --quiet --release --no-deps --workspace --lib

# cargo-deny looks at the crates of every platform, and a build fetches only those of its own: hence the fetch.
# Licences, bans and sources of the dependencies
[group("test")]
deny:
    @test -x {{ target }}/tools/bin/cargo-deny || (echo "installing cargo-deny {{ deny_version }} below target/tools" >&2; cargo install --quiet --locked cargo-deny --version {{ deny_version }} --root {{ target }}/tools)
    cargo fetch --quiet --locked
    {{ target }}/tools/bin/cargo-deny --offline --log-level error check licenses bans sources

# All tests: library, component, registry, MCP, command line, demo, outputs, official MCP peers, browsers and other hosts
[group("test")]
test: build check
    {{ test_host }}
    ./tests/demo.sh {{ bin }} > {{ target }}/demo.txt
    tail -n 1 {{ target }}/demo.txt
    {{ build_host }} --bin mcp-test-server --bin mcp-test-client
    python3 tests/outputs/run.py
    python3 tests/mcp/run.py
    ./tests/web/run.sh

# Every form of a judgement against the schema or the parser of who reads it
[group("test")]
test-outputs: build
    python3 tests/outputs/run.py

# The MCP server and client against the official Python client and server, inspector and conformance
[group("test")]
test-mcp: build
    {{ build_host }} --bin mcp-test-server --bin mcp-test-client
    python3 tests/mcp/run.py

# The component in Node, Chromium, Firefox and Python; the viewer and the one-file report
[group("test")]
test-web: build
    ./tests/web/run.sh

# Measure: ingest native and in the component, a whole diff, memory on 200 MB of records, drop to verdict in Chromium, the MCP server
[group("measure")]
bench *bundles: build
    {{ build_host }} --bench ingest --bench ledger
    python3 tests/bench/run.py {{ bin }} {{ target }} {{ bundles }}
    node tests/web/bench.mjs
    {{ build_host }} --bin mcp-test-server --bin mcp-test-client
    python3 tests/mcp/run.py --bench

# What a commit made slower or faster: `./just compare main HEAD` (or two binaries); 1 where something is slower
[group("measure")]
compare old new:
    python3 tests/bench/compare.py {{ quote(old) }} {{ quote(new) }} {{ target }}

# How often verdicts err, on real runs and simulated ones: writes docs/noise.md anew, the same bytes each time
[group("measure")]
study:
    cargo run --quiet --release --workspace --example study > {{ target }}/noise.md
    mv {{ target }}/noise.md docs/noise.md
