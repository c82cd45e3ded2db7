// Other hosts of the same bytes: wasmtime-py, the three examples, the published package, the frozen component.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { fresh } from "./support/made.mjs";
import { cases, check, everyCase } from "./support/cases.mjs";
import { artefacts, data, root, target } from "./support/paths.mjs";
import { native } from "./support/native.mjs";

const python = `${artefacts}venv/bin/python`;
const component = `${root}dist/perfbridge.wasm`;

function output(command, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: "utf8", maxBuffer: 1 << 28, ...options });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status}:\n${stderr}${stdout}`);
  return stdout;
}

test("python: every case gives the bytes of the native run", () => {
  const all = cases();
  const args = [`${root}tests/web/python_host.py`, component];
  const { stdout, stderr } = spawnSync(python, args, { input: all.map((one) => JSON.stringify(one)).join("\n"), encoding: "utf8", maxBuffer: 1 << 28 });
  const lines = stdout.split("\n").filter(Boolean).map((line) => JSON.parse(line));
  assert.equal(lines.length, all.length, stderr);
  for (const [at, one] of all.entries()) {
    assert.equal(lines[at].name, one.name);
    check(one, lines[at]);
  }
  everyCase(lines.map(({ name }) => name));
});

/** An example hands over no hashes, so its judgement is the native one without them. */
function unhashed(json) {
  const judgement = JSON.parse(json);
  for (const side of Object.values(judgement.provenance)) side.bundle_sha256 = null;
  return judgement;
}

const expected = () => unhashed(native.judgement(data("base-1"), data("regressed-1")));
const given = [data(""), "base-1", "regressed-1"];

test("example: python", () => {
  assert.deepEqual(unhashed(output(python, [`${root}examples/python/judge.py`, component, ...given])), expected());
});

test("example: rust", () => {
  output("cargo", ["build", "--quiet", "--release", "-p", "perfbridge", "--example", "embed"], { cwd: root });
  assert.deepEqual(unhashed(output(`${target}/release/examples/embed`, [component, ...given])), expected());
});

test("example: node, with jco and its shim", () => {
  const folder = fresh("example-node");
  symlinkSync(`${root}web/node_modules`, `${folder}/node_modules`);
  writeFileSync(`${folder}/judge.mjs`, readFileSync(`${root}examples/node/judge.mjs`));
  const jco = `${root}web/node_modules/@bytecodealliance/jco/dist/jco.js`;
  output(process.execPath, [jco, "transpile", component, "-o", `${folder}/generated`, "--name", "perfbridge", "--instantiation", "async", "-q"]);
  assert.deepEqual(unhashed(output(process.execPath, [`${folder}/judge.mjs`, `${folder}/generated`, ...given])), expected());
});

test("the package is typed: a strict TypeScript program compiles against it, a wrong one does not", () => {
  const folder = fresh("typed");
  writeFileSync(`${folder}/package.json`, '{"type": "module"}');
  const program = (use) => `import { directory, load, type Verdict } from "${root}dist/npm/src/engine/node.js";
const bridge = load();
const document = bridge.readBundle(directory("x"));
export const verdict: Verdict = bridge.judge(document.json, document.json).${use};\n`;
  const compile = (use) => {
    writeFileSync(`${folder}/use.ts`, program(use));
    const options = ["--strict", "--noEmit", "--module", "nodenext", "--target", "es2022", "--types", "node", "--typeRoots", `${root}web/node_modules/@types`];
    return spawnSync(process.execPath, [`${root}web/node_modules/typescript/bin/tsc`, ...options, `${folder}/use.ts`], { encoding: "utf8" });
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

test("every frozen component still runs in today's host and judges", () => {
  const frozen = readdirSync(`${root}tests/frozen`).filter((name) => name.endsWith(".wasm"));
  assert.ok(frozen.includes("0.1.0.wasm"));
  output("cargo", ["build", "--quiet", "--release", "-p", "perfbridge", "--example", "embed"], { cwd: root });
  for (const name of frozen) {
    const judged = JSON.parse(output(`${target}/release/examples/embed`, [`${root}tests/frozen/${name}`, ...given]));
    // Its verdict on these two runs is fixed by the specification: throughput at 16 fell by two thirds.
    assert.deepEqual([judged.schema, judged.verdict, judged.rule], ["perfbridge_judgement_v1", "RED", "headline"]);
  }
});
