// Where things are, and packages from web/node_modules.
import { createRequire } from "node:module";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../../", import.meta.url));
export const require = createRequire(`${root}web/package.json`);
export const report = `${root}dist/report.html`;
export const target = process.env.CARGO_TARGET_DIR ?? `${root}target`;
export const perfbridge = process.env.PERFBRIDGE ?? `${target}/release/perfbridge`;

/** Screenshots and other things to look at; not part of the repository. */
export const artefacts = `${root}target/web-tests/`;
mkdirSync(artefacts, { recursive: true });

export const data = (name) => fileURLToPath(new URL(`../data/${name}`, import.meta.url));

/** Every pair of inputs: name, baseline, current. */
export function cases() {
  const pairs = JSON.parse(readFileSync(data("pairs.json"), "utf8"));
  const found = pairs.map(([a, b]) => ({ name: `${a} to ${b}`, baseline: data(a), current: data(b) }));
  const corpus = `${root}tests/cases/`;
  if (!existsSync(corpus)) return found;
  for (const name of readdirSync(corpus)) {
    const settings = `${corpus}${name}/case.toml`;
    if (!existsSync(settings)) continue;
    const pair = plainPair(readFileSync(settings, "utf8"));
    const [baseline, current] = (pair ?? []).map((path) => corpus + path);
    // Paths are relative to tests/cases; these runners read bundles, not single documents.
    if (pair && statSync(baseline).isDirectory() && statSync(current).isDirectory()) {
      found.push({ name: `case ${name}`, baseline, current });
    }
  }
  return found;
}

/** The two paths of a case that is one run against one run under the default policy; the others need settings
 *  that these runners do not pass on, and run through the library, the sandbox and the command line. */
function plainPair(toml) {
  const lines = toml.split("\n").filter((line) => line.trim() && !line.startsWith("#"));
  const paths = lines.map((line) => /^(baseline|current) = \["([^"]+)"\]$/.exec(line));
  if (lines.length !== 2 || paths.some((path) => !path)) return undefined;
  const of = (side) => paths.find((path) => path[1] === side)?.[2];
  return of("baseline") && of("current") ? [of("baseline"), of("current")] : undefined;
}
