// Assembles the folder that can be published: dist/npm, from the transpiled component and the engine of the viewer.
// Before it: the component in dist/, `npm install --no-save` in web/.
import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));
const out = `${root}dist/npm/`;
const node = (...args) => execFileSync(process.execPath, args, { cwd: `${root}web`, stdio: "inherit" });

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
node("scripts/generate.mjs");
node("node_modules/typescript/bin/tsc", "-p", "tsconfig.package.json");
cpSync(`${root}web/generated`, `${out}generated`, { recursive: true });
for (const name of ["package.json", "README.md"]) copyFileSync(`${root}npm/${name}`, out + name);
copyFileSync(`${root}dist/perfbridge.wasm`, `${out}perfbridge.wasm`);
