// The published package in Node: the same bytes as the native run.
import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { test } from "node:test";
import { cases, check, everyCase } from "./support/cases.mjs";
import { data, root } from "./support/paths.mjs";
import { native } from "./support/native.mjs";

const { DEFAULT_POLICY, Fault, digests, directory, load } = await import(`${root}dist/npm/src/engine/node.js`);
const bridge = load();

const read = (path, options = {}) => {
  const folder = directory(path);
  return bridge.readBundle(folder, { files: digests(folder), ...options }).json;
};

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
  const one = (path) =>
    statSync(path).isDirectory() ? read(path, options) : bridge.checkDocument(path, readFileSync(path, "utf8")).json;
  return bridge.mergeTrials(paths.map(one)).json;
}

const ran = new Set();
for (const one of cases()) {
  test(`node: ${one.name}`, () => {
    const [before, after] = [side(one.baseline, one.model), side(one.current, one.model)];
    const policy = {
      ...DEFAULT_POLICY,
      vary: one.vary,
      observeTails: one.observeTails,
      headlineLevel: one.headlineLevel,
    };
    check(one, {
      judgement: bridge.judge(before, after, [], policy).json,
      markdown: bridge.render(before, after, [], policy, "markdown"),
    });
    ran.add(one.name);
  });
}
test("node: every case of the corpus ran", () => everyCase(ran));

test("node: the document of a bundle is that of `ingest`", () => {
  assert.equal(read(data("base-1")), native.document(data("base-1")));
});

test("node: a tolerance changes what counts, as --tolerance does", () => {
  const policy = { ...DEFAULT_POLICY, tolerances: [{ metric: "tps", value: "70", origin: "command-line" }] };
  const judged = bridge.judge(read(data("base-1")), read(data("regressed-1")), [], policy);
  assert.equal(judged.json, native.judgement(data("base-1"), data("regressed-1"), "--tolerance.tps", "70"));
  assert.notEqual(judged.rule, "headline");
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
