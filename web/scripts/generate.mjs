// Transpiles dist/perfbridge.wasm into JavaScript glue and core modules in generated/.
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
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
