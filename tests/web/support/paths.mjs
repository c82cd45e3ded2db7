// Where things are, and packages from web/node_modules.
import { createRequire } from "node:module";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../../", import.meta.url));
export const require = createRequire(`${root}web/package.json`);
export const report = `${root}dist/report.html`;
export const target = process.env.CARGO_TARGET_DIR ?? `${root}target`;
export const perfbridge = process.env.PERFBRIDGE ?? `${target}/release/perfbridge`;

/** Screenshots and other things to look at; not part of the repository. */
export const artefacts = `${root}target/web-tests/`;
mkdirSync(artefacts, { recursive: true });

export const data = (name) => fileURLToPath(new URL(`../../data/page/${name}`, import.meta.url));
