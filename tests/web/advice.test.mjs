// What the page says to do after a fault is worded by sub-codes that the component has.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { root } from "./support/paths.mjs";

const found = (path, pattern) => [...readFileSync(root + path, "utf8").matchAll(pattern)].map(([, name]) => name);

test("every sub-code that the page advises on is one of the component", () => {
  const advised = found("web/src/view/advice.ts", /^ {2}"([a-z-]+)":/gm);
  const known = found("guest/src/fault.rs", /^ {4}\w+ = "([a-z-]+)",/gm);
  assert.ok(advised.length >= 10 && known.length >= advised.length, `${advised.length} of ${known.length}`);
  assert.deepEqual(
    advised.filter((name) => !known.includes(name)),
    [],
  );
});
