// Transpiles dist/perfbridge.wasm into JavaScript glue and core modules in generated/.
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const component = process.argv[2] ?? here("../../dist/perfbridge.wasm");
const out = process.argv[3] ?? here("../generated");
rmSync(out, { recursive: true, force: true });
execFileSync(
  process.execPath,
  [
    here("../node_modules/@bytecodealliance/jco/dist/jco.js"),
    ...["transpile", component, "--out-dir", out, "--name", "perfbridge", "--quiet"],
    // The caller compiles the modules and supplies the directories: nothing ambient.
    ...["--instantiation", "async", "--no-nodejs-compat", "--strict"],
  ],
  { stdio: "inherit" },
);

// The fallback that fetches modules beside the script: never taken here, but bundlers would follow its URLs.
const glue = `${out}/perfbridge.js`;
const code = readFileSync(glue, "utf8");
const fallback = /^.*if \(!getCoreModule\) getCoreModule = .*\n/m;
if (!fallback.test(code))
  throw new Error("the generated code has no such fallback any more; look at scripts/generate.mjs");
writeFileSync(glue, code.replace(fallback, ""));
