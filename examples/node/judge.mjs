// `node judge.mjs PERFBRIDGE_GENERATED DIR BASELINE CURRENT` judges two bundles of one read-only directory.
//
// PERFBRIDGE_GENERATED is what `npm run transpile` makes of the component beside this file.
import { statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { filesystem } from "@bytecodealliance/preview2-shim";
import { readOnly } from "./readonly.mjs";

const [generated, dir, baseline, current] = process.argv.slice(2);
if (current === undefined) quit("usage: node judge.mjs PERFBRIDGE_GENERATED DIR BASELINE CURRENT");
for (const name of [baseline, current]) {
  if (!statSync(`${dir}/${name}`, { throwIfNoEntry: false })?.isDirectory()) {
    quit(`error: not-found: ${dir}/${name} is no directory; expected a bundle, which a benchmark wrote`);
  }
}
const { instantiate } = await import(pathToFileURL(`${generated}/perfbridge.js`));

// The only directory that the component can see, and only to read.
readOnly(filesystem);
filesystem._setPreopens({ runs: dir });
const module = async (name) => WebAssembly.compile(await readFile(`${generated}/${name}`));
const { ingest, judge } = await instantiate(module, {
  "wasi:filesystem/types": filesystem.types,
  "wasi:filesystem/preopens": filesystem.preopens,
});

try {
  const [before, after] = [baseline, current].map((name) =>
    ingest.readBundle(`runs/${name}`, { settings: [], files: [], profileFiles: [] }),
  );
  const policy = { tolerances: [], vary: [], observeTails: false };
  process.stdout.write(judge.judge(before.json, after.json, [], policy).json);
} catch (error) {
  if (!error.payload) throw error;
  // A fault crosses as the payload of an error whose own message is blank.
  const { code, message, where } = error.payload;
  quit(["error", code, where, message].filter(Boolean).join(": "));
}

function quit(message) {
  console.error(message);
  process.exit(2);
}
