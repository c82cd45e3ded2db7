// The published package in Node: the same bytes as the native run.
import assert from "node:assert/strict";
import { test } from "node:test";
import { cases, data, root } from "./support/paths.mjs";
import { native } from "./support/native.mjs";

const { DEFAULT_POLICY, Fault, digests, directory, load } = await import(`${root}dist/npm/src/engine/node.js`);
const bridge = load();

const read = (path) => {
  const folder = directory(path);
  return bridge.readBundle(folder, { files: digests(folder) }).json;
};

for (const { name, baseline, current } of cases()) {
  test(`node: ${name}`, () => {
    const [before, after] = [read(baseline), read(current)];
    assert.equal(after, native.document(current));
    assert.equal(bridge.judge(before, after).json, native.judgement(baseline, current));
    assert.equal(bridge.render(before, after, [], DEFAULT_POLICY, "markdown"), native.markdown(baseline, current));
  });
}

test("node: a tolerance changes what counts, as --tolerance does", () => {
  const policy = { ...DEFAULT_POLICY, tolerances: [{ metric: "tps", value: "70", origin: "command-line" }] };
  const judged = bridge.judge(read(data("base-1")), read(data("regressed-1")), [], policy);
  assert.equal(judged.json, native.judgement(data("base-1"), data("regressed-1"), "--tolerance.tps", "70"));
  assert.notEqual(judged.rule, "headline");
});

test("node: a fault carries code, message and place", () => {
  assert.throws(
    () => bridge.checkDocument("broken.json", '{"schema": "inference_perfbench_v1", '),
    (error) => error instanceof Fault && error.code === "damaged" && error.where.startsWith("broken.json") && error.message.length > 20,
  );
});

test("node: a folder without results is not understood", () => {
  assert.throws(() => bridge.readBundle(directory(`${root}wit`)), { name: "Fault", code: "not-understood" });
});
