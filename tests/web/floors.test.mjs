// The floors of web/src: an import goes to the own floor or down. Circles of files are found by `./just check-web`.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { test } from "node:test";
import { root } from "./support/paths.mjs";

/** From the ground up, as web/src/README.md has them. */
const FLOORS = ["engine/", "intake/", "worker/", "state/", "view/", "main.ts"];
const GENERATED = "../generated/";

const files = readdirSync(`${root}web/src`, { recursive: true }).filter((path) => path.endsWith(".ts"));
const floor = (path) => FLOORS.findIndex((name) => path.startsWith(name));
const imports = (path) =>
  [...readFileSync(`${root}web/src/${path}`, "utf8").matchAll(/^(?:import|export)\b[^;]*?"(\.{1,2}\/[^"?]+)/gms)].map(
    ([, to]) => posix.normalize(posix.join(posix.dirname(path), to)),
  );

test("every file of the page stands on a floor, and all of them are read here", () => {
  assert.deepEqual(
    files.filter((path) => floor(path) < 0),
    [],
  );
  // Each kind of import is seen: of a type, of a value, of a worker, one that exports again.
  for (const [path, to] of [
    ["engine/browser.ts", "engine/files.ts"],
    ["main.ts", "worker/worker.ts"],
    ["worker/protocol.ts", "intake/types.ts"],
  ])
    assert.ok(imports(path).includes(to), `${path} uses ${to}`);
});

test("no file of the page uses a floor above its own, and the engine alone the generated code", () => {
  const wrong = files.flatMap((path) =>
    imports(path)
      .filter((to) => (to.startsWith(GENERATED) ? floor(path) > 0 : floor(to) < 0 || floor(to) > floor(path)))
      .map((to) => `${path} uses ${to}`),
  );
  assert.deepEqual(wrong, []);
});
