// What can be dropped, and what is said when it cannot be read.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { downloaded, drop, launch, open, pick, verdict } from "./support/browser.mjs";
import { cut, damaged, fresh, otherModel, tarball, twoModels, zip } from "./support/made.mjs";
import { data } from "./support/paths.mjs";
import { native } from "./support/native.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

const expected = () => native.judgement(data("base-1"), data("regressed-1"));

/** Drops one thing on the current side of a page with a baseline; gives the judgement. */
async function judged(current) {
  const { page, done } = await open(browser);
  await drop(page, "baseline", data("base-1"));
  await page.locator("[data-side=baseline] li").waitFor();
  await drop(page, "current", ...[current].flat());
  await verdict(page).waitFor();
  const json = await downloaded(page, "Download verdict.json");
  await done();
  return json;
}

/** Drops one thing that is refused; gives what the page says. */
async function refused(thing, prepare = async () => {}) {
  const { page, done } = await open(browser);
  await prepare(page);
  await drop(page, "current", thing);
  const fault = page.locator("[data-side=current] .fault");
  await fault.waitFor();
  const text = await fault.innerText();
  await done();
  return text;
}

test("drop a folder", async () => assert.equal(await judged(data("regressed-1")), expected()));
test("drop a .zip", async () => assert.equal(await judged(zip("regressed-1")), expected()));
test("drop a .tar.gz", async () => assert.equal(await judged(tarball("regressed-1")), expected()));

test("drop a document", async () => {
  const file = `${fresh("document")}/inference_perfbench_v1.json`;
  writeFileSync(file, native.document(data("regressed-1")));
  assert.equal(await judged(file), expected());
});

test("drop a registry entry, and one that was changed after it was registered", async () => {
  const entry = fresh("entry");
  const document = native.document(data("regressed-1"));
  const sha256 = (await import("node:crypto")).createHash("sha256").update(document).digest("hex");
  writeFileSync(`${entry}/baseline.json`, JSON.stringify({ source_sha256: sha256 }));
  writeFileSync(`${entry}/source-snapshot.json`, document);
  assert.equal(await judged(entry), expected());
  const baseline = (stated) => writeFileSync(`${entry}/baseline.json`, JSON.stringify(stated));
  baseline({ source_sha256: sha256, value: 4.5 });
  assert.match(await refused(entry), /not-understood[\s\S]*entry\/baseline\.json[\s\S]*scalar baseline/);
  baseline([]);
  assert.match(await refused(entry), /damaged[\s\S]*entry\/baseline\.json[\s\S]*no object/);
  baseline({ source_sha256: sha256 });
  writeFileSync(`${entry}/source-snapshot.json`, document.replace('"errors": 0', '"errors": 1'));
  assert.match(await refused(entry), /conflict[\s\S]*entry\/source-snapshot\.json[\s\S]*was changed after it was registered/);
});

test("every file of a snapshot that is a directory is hashed, in the registry's order", async () => {
  const entry = fresh("entry-of-directory");
  const files = [["logs/x", "one"], ["logs-old", "two"], ["a.txt", "three"]];
  const sorted = ["a.txt", "logs/x", "logs-old"].map((path) => `${path}\0${files.find(([name]) => name === path)[1]}`);
  const sha256 = (await import("node:crypto")).createHash("sha256").update(sorted.join("")).digest("hex");
  mkdirSync(`${entry}/source-snapshot/logs`, { recursive: true });
  for (const [path, text] of files) writeFileSync(`${entry}/source-snapshot/${path}`, text);
  writeFileSync(`${entry}/baseline.json`, JSON.stringify({ source_sha256: sha256 }));
  assert.match(await refused(entry), /not-understood[\s\S]*baseline of a directory/);
  writeFileSync(`${entry}/source-snapshot/logs/x`, "changed");
  assert.match(await refused(entry), /conflict[\s\S]*entry-of-directory\/source-snapshot[\s\S]*was changed after/);
});

test("a registry entry without its snapshot, or with one that is not JSON, is refused", async () => {
  const entry = fresh("entry-alone");
  writeFileSync(`${entry}/baseline.json`, "{}");
  assert.match(await refused(entry), /not-found[\s\S]*without its source-snapshot/);
  writeFileSync(`${entry}/baseline.json`, "{");
  assert.match(await refused(entry), /damaged[\s\S]*not JSON/);
});

test("a damaged .zip is refused whole, by name", async () => {
  assert.match(await refused(damaged(zip("regressed-1"))), /Error: damaged[\s\S]*damaged-regressed-1\.zip[\s\S]*cannot be unpacked to its end/);
});
test("a .zip that ends early is refused", async () => {
  assert.match(await refused(cut(zip("regressed-1"))), /Error: damaged[\s\S]*cut-regressed-1\.zip/);
});
test("a damaged .tar.gz is refused", async () => {
  assert.match(await refused(damaged(tarball("regressed-1"))), /Error: damaged[\s\S]*damaged-regressed-1\.tar\.gz/);
});
test("a .tar.gz that ends early is refused", async () => {
  assert.match(await refused(cut(tarball("regressed-1"))), /Error: damaged[\s\S]*cut-regressed-1\.tar\.gz/);
});

test("a damaged file inside a folder is named with its line as the component gives it", async () => {
  const folder = fresh("damaged-folder");
  writeFileSync(`${folder}/profile_export_aiperf.json`, '{"a": 1,\n"b": ');
  assert.match(await refused(folder), /damaged[\s\S]*damaged-folder\/profile_export_aiperf\.json:2/);
});

test("a folder without results is not understood", async () => {
  const folder = fresh("nothing");
  writeFileSync(`${folder}/notes.txt`, "nothing here");
  assert.match(await refused(folder), /not-understood[\s\S]*notes\.txt/);
});

test("two models in one bundle: refused by name, read once one is chosen", async () => {
  const bundle = twoModels("base-2", "other-model");
  assert.match(await refused(bundle), /several models: other-model, tinyllama-7m/);
  const { page, done } = await open(browser);
  await page.locator("[data-side=current] summary").click();
  await page.locator("#current-model").fill("tinyllama-7m");
  await drop(page, "current", bundle);
  await page.locator("[data-side=current] li", { hasText: "tinyllama-7m" }).waitFor();
  await done();
});

test("two sides of different models are not comparable until that is declared", async () => {
  const { page, done } = await open(browser);
  const other = otherModel("base-2", "other-model");
  await pick(page, "baseline", data("base-1"));
  await pick(page, "current", other);
  await page.locator("[data-verdict=no-verdict]").waitFor();
  assert.equal(await downloaded(page, "Download verdict.json"), native.judgement(data("base-1"), other));
  await page.getByLabel("model", { exact: true }).check();
  await page.locator("[data-verdict=no-verdict]").waitFor({ state: "detached" });
  assert.equal(await downloaded(page, "Download verdict.json"), native.judgement(data("base-1"), other, "--vary", "model"));
  await done();
});
