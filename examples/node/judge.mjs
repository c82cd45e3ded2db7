// `node judge.mjs PERFBRIDGE_GENERATED DIR BASELINE CURRENT` judges two runs in one read-only directory.
//
// PERFBRIDGE_GENERATED is what `npm run transpile` makes of the component beside this file.
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { filesystem } from "@bytecodealliance/preview2-shim";
import { readOnly } from "./readonly.mjs";

const [generated, dir, baseline, current] = process.argv.slice(2);
if (current === undefined) quit("usage: node judge.mjs PERFBRIDGE_GENERATED DIR BASELINE CURRENT");
const { instantiate } = await import(pathToFileURL(`${generated}/perfbridge.js`));

// The only directory that the component can see, and only to read.
readOnly(filesystem);
filesystem._setPreopens({ runs: dir });
const module = async (name) => WebAssembly.compile(await readFile(`${generated}/${name}`));
const { ingest, judge } = await instantiate(module, {
  "wasi:filesystem/types": filesystem.types,
  "wasi:filesystem/preopens": filesystem.preopens,
});

/** The document of a directory; a benchmark may have made several runs in it, which are then trials. */
function read(name) {
  const documents = ingest.findRuns(name).map(({ dir, folders }) => {
    const options = { settings: [], folders, files: [], profileFiles: [], observation: false };
    return ingest.readBundle(dir === "" ? name : `${name}/${dir}`, options).json;
  });
  return ingest.mergeTrials(documents).json;
}

try {
  const given = { baseline: read(`runs/${baseline}`), current: read(`runs/${current}`), history: [] };
  const policy = { choices: [], tolerances: [], vary: [], observeTails: false };
  const { texts } = judge.judge(given, policy, [{ name: "json", width: 80, colour: false }]);
  process.stdout.write(texts[0]);
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
