// The published package in Node: the same bytes as the native run.
import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { cases, check, checkSummary, everyCase } from "./support/cases.mjs";
import { data, root } from "./support/paths.mjs";
import { native } from "./support/native.mjs";

const { DEFAULT_POLICY, Fault, digests, directory, load } = await import(`${root}dist/npm/src/engine/node.js`);
const bridge = load();

/** The documents of the runs in a directory. */
const runs = (path, options = {}) =>
  bridge.findRuns(directory(path)).map(({ dir, folders }) => {
    const folder = directory(join(path, dir));
    return bridge.readBundle(folder, { folders, files: digests(folder, folders), ...options }).json;
  });

const read = (path, options) => bridge.mergeTrials(runs(path, options)).json;

/** One side of a case as a document. */
function side({ paths, profile, settings }, model) {
  const paired = profile ? directory(profile) : undefined;
  const options = {
    ...(model ? { model } : {}),
    ...(paired ? { profile: paired, profileFiles: digests(paired) } : {}),
    settings: settings.map((text) => ({
      path: text.slice(0, text.indexOf("=")),
      value: text.slice(text.indexOf("=") + 1),
    })),
  };
  const documents = (path) =>
    statSync(path).isDirectory() ? runs(path, options) : [bridge.checkDocument(path, readFileSync(path, "utf8")).json];
  return bridge.mergeTrials(paths.flatMap(documents)).json;
}

const FORMS = [{ name: "json" }, { name: "markdown" }];

const policyOf = ({ vary, observeTails, headline }) => ({ ...DEFAULT_POLICY, vary, observeTails, headline });

const ran = new Set();
for (const one of cases()) {
  test(`node: ${one.name}`, () => {
    const given = { baseline: side(one.baseline, one.model), current: side(one.current, one.model) };
    const [judgement, markdown] = bridge.judge(given, policyOf(one), FORMS).texts;
    check(one, { judgement, markdown });
    ran.add(one.name);
  });
}
test("node: every case of the corpus ran", () => everyCase(ran));

for (const one of cases().filter(({ directories }) => directories)) {
  test(`node: the short answer, ${one.name}`, () => {
    const paths = [...new Set([...one.baseline.paths, ...one.current.paths])];
    const granted = Object.fromEntries(paths.map((path, at) => [`d${at}`, directory(path)]));
    const named = (side) => side.paths.map((path) => `d${paths.indexOf(path)}`);
    checkSummary(one, bridge.judgeDirectories(granted, named(one.baseline), named(one.current), policyOf(one)));
  });
}

test("node: the short answer of folders below one that is granted", () => {
  const summary = bridge.judgeDirectories({ runs: directory(data("")) }, ["runs/base-1"], ["runs/regressed-1"]);
  assert.deepEqual([summary.verdict, summary.rule], ["red", "headline"]);
  assert.throws(
    () => bridge.judgeDirectories({ runs: directory(data("")) }, ["runs/base-1"], ["runs/nowhere"]),
    (error) => error instanceof Fault && error.code === "not-found" && error.where.includes("nowhere"),
  );
});

for (const name of ["aiperf-runs", "aiperf-sweep", "aiperf-sweep-runs", "aiperf-sweep-each"]) {
  test(`node: the runs that AIPerf made of one command are those that the command line reads: ${name}`, () => {
    assert.equal(read(`${root}tests/data/bundles/${name}`), native.document(`${root}tests/data/bundles/${name}`));
  });
}

test("node: every text that a judgement can be asked for, in the order that was asked for", () => {
  const given = { baseline: read(data("base-1")), current: read(data("regressed-1")) };
  const forms = bridge.forms();
  assert.ok(["json", "text", "markdown"].every((name) => forms.some((form) => form.name === name)));
  const names = forms.map(({ name }) => ({ name })).reverse();
  const { texts } = bridge.judge(given, DEFAULT_POLICY, names);
  assert.equal(texts.length, forms.length);
  for (const [at, form] of names.entries()) {
    assert.deepEqual(bridge.judge(given, DEFAULT_POLICY, [form]).texts, [texts[at]], form.name);
  }
  assert.deepEqual(bridge.judge(given).texts, []);
  assert.throws(() => bridge.judge(given, DEFAULT_POLICY, [{ name: "nope" }]), { subCode: "form-unknown" });
});

test("node: the document of a bundle is that of `ingest`", () => {
  assert.equal(read(data("base-1")), native.document(data("base-1")));
});

test("node: a tolerance changes what counts, as --tolerance does", () => {
  const policy = { ...DEFAULT_POLICY, tolerances: [{ metric: "tps", value: "70", origin: "command-line" }] };
  const given = { baseline: read(data("base-1")), current: read(data("regressed-1")) };
  const judged = bridge.judge(given, policy, FORMS);
  assert.equal(judged.texts[0], native.judgement(data("base-1"), data("regressed-1"), "--tolerance.tps", "70"));
  assert.notEqual(judged.rule, "headline");
});

test("node: a headline that the baseline does not have is a fault with its cause", () => {
  const given = { baseline: read(data("base-1")), current: read(data("base-2")) };
  for (const headline of ["7", "c7"]) {
    assert.throws(() => bridge.judge(given, { ...DEFAULT_POLICY, headline }), { subCode: "headline-unknown" });
  }
  const { headline } = bridge.judge(given, { ...DEFAULT_POLICY, headline: "c4" });
  assert.deepEqual([headline.level, headline.place], ["4", "c4"]);
});

test("node: a fault carries code, message and place", () => {
  assert.throws(
    () => bridge.checkDocument("broken.json", '{"schema": "inference_perfbench_v1", '),
    (error) =>
      error instanceof Fault &&
      error.code === "damaged" &&
      error.where.startsWith("broken.json") &&
      error.message.length > 20,
  );
});

test("node: a folder without results is not understood", () => {
  assert.throws(() => bridge.readBundle(directory(`${root}wit`)), { name: "Fault", code: "not-understood" });
});
