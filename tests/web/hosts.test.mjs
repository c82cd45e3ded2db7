// Other hosts of the same bytes: wasmtime-py, the three examples, the published package.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, cpSync, existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { fresh } from "./support/made.mjs";
import { cases, check, checkSummary, everyCase } from "./support/cases.mjs";
import { artefacts, data, require, root, target } from "./support/paths.mjs";
import { native } from "./support/native.mjs";

const python = `${artefacts}venv/bin/python`;
const component = `${root}dist/perfbridge.wasm`;

function output(command, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: "utf8",
    maxBuffer: 1 << 28,
    ...options,
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status}:\n${stderr}${stdout}`);
  return stdout;
}

test("python: every case gives the bytes of the native run, and the short answer its verdict", () => {
  const all = cases();
  const args = [`${root}tests/web/python_host.py`, component];
  const { stdout, stderr } = spawnSync(python, args, {
    input: all.map((one) => JSON.stringify(one)).join("\n"),
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  const lines = stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  assert.equal(lines.length, all.length, stderr);
  for (const [at, one] of all.entries()) {
    assert.equal(lines[at].name, one.name);
    check(one, lines[at]);
    if (one.directories) checkSummary(one, lines[at].summary);
  }
  everyCase(lines.map(({ name }) => name));
});

const expected = () => native.judgement(data("base-1"), data("regressed-1"));
const given = [data(""), "base-1", "regressed-1"];

/** What an example says of a run that is not there: it fails, with the fault on stderr. */
function refused(command, args) {
  const { status, stdout, stderr } = spawnSync(command, [...args, data(""), "base-1", "nowhere"], { encoding: "utf8" });
  assert.notEqual(status, 0);
  assert.equal(stdout, "");
  assert.match(stderr, /nowhere/);
  assert.doesNotMatch(stderr, /Traceback|panicked/);
}

test("example: python gives the short answer", async () => {
  const { directory, load } = await import(`${root}dist/npm/src/engine/node.js`);
  const runs = { runs: directory(data("")) };
  const summary = load().judgeDirectories(runs, ["runs/base-1"], ["runs/regressed-1"]);
  const example = `${root}examples/python/judge.py`;
  assert.equal(output(python, [example, component, ...given]), `${summary.answer}\n`);
  refused(python, [example, component]);
  const { status, stderr } = spawnSync(python, [example, component, `${root}nowhere`, "a", "b"], { encoding: "utf8" });
  assert.deepEqual([status, stderr], [2, `error: not-found: ${root}nowhere: expected a directory\n`]);
});

test("the Python program of README.md runs as it stands there", () => {
  const folder = fresh("readme");
  copyFileSync(`${root}examples/python/judge.py`, `${folder}/judge.py`);
  symlinkSync(component, `${folder}/perfbridge.wasm`);
  for (const [from, to] of [
    ["base-1", "before"],
    ["regressed-1", "after"],
  ])
    cpSync(data(from), `${folder}/runs/${to}`, { recursive: true });
  const [, program] = /```python\n([\s\S]*?)```/.exec(readFileSync(`${root}README.md`, "utf8"));
  writeFileSync(`${folder}/program.py`, program);
  assert.match(output(python, ["program.py"], { cwd: folder }), /^red headline .+/);
});

test("example: rust", () => {
  output("cargo", ["build", "--quiet", "--release", "--workspace", "--example", "embed"], { cwd: root });
  const example = `${target}/release/examples/embed`;
  assert.equal(output(example, [component, ...given]), expected());
  refused(example, [component]);
});

test("example: node, with jco and its shim", () => {
  const folder = fresh("example-node");
  symlinkSync(`${root}web/node_modules`, `${folder}/node_modules`);
  for (const name of ["judge.mjs", "readonly.mjs"]) copyFileSync(`${root}examples/node/${name}`, `${folder}/${name}`);
  const jco = `${root}web/node_modules/@bytecodealliance/jco/dist/jco.js`;
  const generated = `${folder}/generated`;
  const options = ["--name", "perfbridge", "--instantiation", "async", "-q"];
  output(process.execPath, [jco, "transpile", component, "-o", generated, ...options]);
  assert.equal(output(process.execPath, [`${folder}/judge.mjs`, generated, ...given]), expected());
  refused(process.execPath, [`${folder}/judge.mjs`, generated]);
  // Of several runs in one directory too.
  const several = [`${root}tests/data/bundles`, "aiperf-runs", "aiperf-runs"];
  const bundle = `${root}tests/data/bundles/aiperf-runs`;
  assert.equal(
    output(process.execPath, [`${folder}/judge.mjs`, generated, ...several]),
    native.judgement(bundle, bundle),
  );
});

test("example: node refuses whatever would change a directory, and reads", async () => {
  const folder = fresh("example-readonly");
  writeFileSync(`${folder}/there.txt`, "there");
  const { filesystem } = await import(pathToFileURL(require.resolve("@bytecodealliance/preview2-shim")));
  const { readOnly } = await import(`${root}examples/node/readonly.mjs`);
  filesystem._setPreopens({ granted: folder });
  const directory = () => filesystem.preopens.getDirectories()[0][0];
  // The shim itself lets everything through, hence the wrapper.
  directory().openAt({}, "made.txt", { create: true }, { write: true });
  assert.ok(existsSync(`${folder}/made.txt`));
  readOnly(filesystem);
  const refused = (change) => assert.throws(change, (error) => error === "read-only", String(change));
  refused(() => directory().openAt({}, "new.txt", { create: true }, { read: true }));
  refused(() => directory().openAt({}, "there.txt", { truncate: true }, { read: true }));
  refused(() => directory().openAt({}, "new.txt", { exclusive: true }, { read: true }));
  refused(() => directory().openAt({}, "there.txt", {}, { write: true }));
  refused(() => directory().openAt({}, ".", { directory: true }, { mutateDirectory: true }));
  refused(() => directory().createDirectoryAt("folder"));
  refused(() => directory().unlinkFileAt("there.txt"));
  refused(() => directory().removeDirectoryAt("."));
  refused(() => directory().renameAt("there.txt", directory(), "gone.txt"));
  refused(() => directory().symlinkAt("there.txt", "link"));
  refused(() => directory().linkAt({}, "there.txt", directory(), "link"));
  refused(() => directory().setTimesAt({}, "there.txt", { tag: "now" }, { tag: "now" }));
  const file = directory().openAt({}, "there.txt", {}, { read: true });
  for (const change of [
    () => file.write(new Uint8Array(1), 0n),
    () => file.setSize(0n),
    () => file.setTimes({ tag: "now" }, { tag: "now" }),
    () => file.writeViaStream(0n),
    () => file.appendViaStream(),
  ])
    refused(change);
  assert.deepEqual(readdirSync(folder).sort(), ["made.txt", "there.txt"]);
  assert.equal(readFileSync(`${folder}/there.txt`, "utf8"), "there");
  assert.equal(new TextDecoder().decode(file.read(5n, 0n)[0]), "there");
});

/** Lines that a program consists of. */
const codeLines = (path) =>
  readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => !/^\s*(\/\/|$)/.test(line)).length;

test("example: rust is about forty lines, built with the versions of this repository", () => {
  assert.ok(codeLines(`${root}examples/rust/main.rs`) <= 40);
  const versions = (path) =>
    Object.fromEntries(
      [...readFileSync(path, "utf8").matchAll(/^(wasmtime(?:-wasi)?) = \{ version = "([^"]+)"/gm)].map(
        ([, name, version]) => [name, version],
      ),
    );
  const own = versions(`${root}examples/rust/Cargo.toml`);
  assert.deepEqual(Object.keys(own).sort(), ["wasmtime", "wasmtime-wasi"]);
  assert.deepEqual(own, versions(`${root}Cargo.toml`));
});

test("the package is typed: a strict TypeScript program compiles against it, a wrong one does not", () => {
  const folder = fresh("typed");
  writeFileSync(`${folder}/package.json`, '{"type": "module"}');
  const program = (use) => `import { directory, load, type Verdict } from "${root}dist/npm/src/engine/node.js";
const bridge = load();
const document = bridge.readBundle(directory("x"));
const judgement = bridge.judge({ baseline: document.json, current: document.json });
export const verdict: Verdict = judgement.${use};\n`;
  const compile = (use) => {
    writeFileSync(`${folder}/use.ts`, program(use));
    const options = [
      "--strict",
      "--noEmit",
      "--module",
      "nodenext",
      "--target",
      "es2022",
      "--types",
      "node",
      "--typeRoots",
      `${root}web/node_modules/@types`,
    ];
    return spawnSync(process.execPath, [`${root}web/node_modules/typescript/bin/tsc`, ...options, `${folder}/use.ts`], {
      encoding: "utf8",
    });
  };
  assert.equal(compile("verdict").stdout, "");
  assert.match(compile("rule").stdout, /error TS2322/);
});

test("the version of the component is readable without compiling it", () => {
  const read = `import sys
data = open(sys.argv[1], "rb").read()
at = 8
def leb():
    global at
    value = shift = 0
    while True:
        byte = data[at]; at += 1
        value |= (byte & 127) << shift; shift += 7
        if byte < 128: return value
while at < len(data):
    kind = data[at]; at += 1
    size = leb(); end = at + size
    if kind == 0:
        length = leb(); name = data[at:at + length].decode(); at += length
        if name == "perfbridge:version": print(data[at:end].decode())
    at = end`;
  const stated = /^package perfbridge:bridge@(.+);$/m.exec(readFileSync(`${root}wit/world.wit`, "utf8"))[1];
  assert.equal(output(python, ["-c", read, component]).trim(), stated);
});
