// Makes dist/report.html of the Vite build: one file with style, script, worker and component, and a policy that
// allows exactly those scripts and no network.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { directory, load } from "../../dist/npm/src/engine/node.js";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const built = here("../../target/web/");
const assets = readdirSync(`${built}assets`);
const MOST = 1_900_000;

const only = (ending) => {
  const found = assets.filter((name) => name.endsWith(ending));
  if (found.length !== 1) throw new Error(`found ${found.length} assets ending in ${ending} (${found}); expected one`);
  return readFileSync(`${built}assets/${found[0]}`, "utf8");
};
const hash = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

// Neither may end its element early. In JavaScript these can only stand in strings and expressions, where \/ and \x21 mean the same.
const script = only(".js").replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\x21--");
const style = only(".css");
if (style.includes("</style")) throw new Error("the style sheet would end its element");

// Those of the component, and the one that hashes.
const generated = here("../generated/");
const cores = readdirSync(generated).filter((name) => name.endsWith(".wasm"));
const modules = [...cores.sort().map((name) => generated + name), here("../../dist/sha256.wasm")]
  .map((path) => `${basename(path)} ${gzipSync(readFileSync(path), { level: 9 }).toString("base64")}`)
  .join("\n");

// The documents of two runs, as a report would be given them.
const bridge = load();
const read = (name) => [{ name, json: bridge.readBundle(directory(here(`../../tests/data/page/${name}`))).json }];
const pair = JSON.stringify({ baseline: read("base-1"), current: read("regressed-1") });
const sample = gzipSync(pair, { level: 9 }).toString("base64");

const policy = [
  "default-src 'none'",
  `script-src ${hash(script)} 'wasm-unsafe-eval'`,
  `style-src ${hash(style)}`,
  "worker-src blob:",
  "img-src data:",
  "connect-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

const swap = (html, pattern, by) => {
  if (!pattern.test(html)) throw new Error(`the page has no ${pattern}`);
  return html.replace(pattern, () => by);
};
let html = readFileSync(`${built}index.html`, "utf8");
html = swap(html, /<script type="module"[^>]*><\/script>\s*/, "");
html = swap(html, /<link rel="stylesheet"[^>]*>/, `<style>${style}</style>`);
html = swap(
  html,
  /<meta charset="utf-8" ?\/?>/,
  `<meta charset="utf-8">\n    <meta http-equiv="Content-Security-Policy" content="${policy}">`,
);
html = swap(html, /(?<=id="perfbridge-modules">)(?=<)/, `\n${modules}\n`);
html = swap(html, /(?<=id="perfbridge-sample">)(?=<)/, sample);
// After the elements that it reads, since an inline script is not deferred.
html = swap(html, /<\/body>/, `<script type="module">${script}</script>\n  </body>`);
if (html.length > MOST) throw new Error(`the page has ${html.length} bytes; expected at most ${MOST}`);
writeFileSync(here("../../dist/report.html"), html);
console.error(`dist/report.html: ${html.length} bytes (script ${script.length}, modules ${modules.length})`);
