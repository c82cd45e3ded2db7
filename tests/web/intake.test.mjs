// What can be dropped, and what is said when it cannot be read.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { after, before, test } from "node:test";
import { downloaded, drop, launch, open, pick, verdict } from "./support/browser.mjs";
import { cut, damaged, fresh, otherModel, tarball, twoModels, zip } from "./support/made.mjs";
import { data, root } from "./support/paths.mjs";
import { native, run } from "./support/native.mjs";

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

const digest = (...pieces) => pieces.reduce((hash, piece) => hash.update(piece), createHash("sha256")).digest("hex");

/** A registry entry; what is not given is as `record` writes it for regressed-1. */
function entryOf(
  name,
  { stated = {}, snapshot = { "source-snapshot.json": native.document(data("regressed-1")) }, source = true } = {},
) {
  const entry = fresh(name);
  const measurement = "tinyllama-7m-perfbench-v1";
  const known = { family: "inference", measurement, source_sha256: digest(Object.values(snapshot)[0] ?? "") };
  for (const [path, text] of Object.entries(snapshot)) {
    mkdirSync(dirname(`${entry}/${path}`), { recursive: true });
    writeFileSync(`${entry}/${path}`, text);
  }
  if (source) writeFileSync(`${entry}/SOURCE.md`, "# Source\n");
  writeFileSync(
    `${entry}/baseline.json`,
    typeof stated === "string" ? stated : JSON.stringify({ ...known, ...stated }),
  );
  return entry;
}

/** What `diff` says of an entry, with the entry named as the page names it. */
function saidByDiff(entry) {
  const { status, stdout } = run("diff", "--baseline", entry, "--current", data("base-1"), "--json");
  assert.equal(status, 2);
  return JSON.parse(stdout).error.message.replaceAll(`${realpathSync(dirname(entry))}/`, "");
}

test("drop a registry entry", async () => assert.equal(await judged(entryOf("entry")), expected()));

const document = () => native.document(data("regressed-1"));
// Sorted by path components, as the registry hashes a directory: `logs/x` before `logs-old`.
const folder = { "source-snapshot/logs/x": "one", "source-snapshot/logs-old": "two", "source-snapshot/a.txt": "three" };
const folderSum = () => digest("a.txt\0three", "logs/x\0one", "logs-old\0two");
const refusals = [
  ["of another family", () => ({ stated: { family: "kernels" } }), /^found the family "kernels"/],
  ["of no family", () => ({ stated: { family: undefined } }), /^found the family "\(none\)"/],
  ["that is a scalar", () => ({ stated: { value: 4.5 } }), /^found a scalar baseline/],
  ["that is a scalar in text", () => ({ stated: { value: " -4_0.5e1 " } }), /^found a scalar baseline/],
  ["without its snapshot", () => ({ snapshot: {} }), /^the source-snapshot is missing: entry-without-its-snapshot$/],
  [
    "that states no hash",
    () => ({ stated: { source_sha256: undefined } }),
    /^baseline\.json states no source_sha256: entry-/,
  ],
  [
    "that was changed after it was registered",
    () => ({
      stated: { source_sha256: digest(document()) },
      snapshot: { "source-snapshot.json": document().replace('"errors": 0', '"errors": 1') },
    }),
    new RegExp(
      "^the snapshot was changed after it was registered: entry-[^/]*/source-snapshot\\.json: " +
        "its SHA-256 is [0-9a-f]{64}, the entry states [0-9a-f]{64}; restore it",
    ),
  ],
  [
    "of a directory",
    () => ({ stated: { source_sha256: folderSum() }, snapshot: folder }),
    /^found a baseline of a directory/,
  ],
  [
    "of a directory that was changed",
    () => ({ stated: { source_sha256: folderSum() }, snapshot: { ...folder, "source-snapshot/logs/x": "changed" } }),
    /^the snapshot was changed after/,
  ],
  [
    "of another measurement",
    () => ({ stated: { measurement: "m" } }),
    /^found the measurement "m" for a document of the model "tinyllama-7m"/,
  ],
  [
    "that is no object",
    () => ({ stated: "[]" }),
    /^baseline\.json is not a JSON object: entry-that-is-no-object\/baseline\.json$/,
  ],
];
for (const [what, made, pattern] of refusals) {
  test(`a registry entry ${what} is refused in the words of diff`, async () => {
    const entry = entryOf(`entry-${what.replaceAll(" ", "-")}`, made());
    const message = saidByDiff(entry);
    assert.match(message, pattern);
    const { page, done } = await open(browser);
    await drop(page, "current", entry);
    const fault = page.locator("[data-side=current] .fault");
    await fault.waitFor();
    assert.equal(await fault.locator(".message").innerText(), message);
    await done();
  });
}

test("a registry entry whose baseline.json is not JSON is refused", async () => {
  const entry = entryOf("entry-torn", { stated: "{" });
  // What is wrong with it says each reader of JSON in its own words.
  const begins = "baseline.json is not valid JSON: entry-torn/baseline.json: ";
  assert.ok(saidByDiff(entry).startsWith(begins));
  const said = await refused(entry);
  assert.ok(said.includes(begins), said);
});

test("an entry without SOURCE.md is judged as diff judges it, with the note that verify gives", async () => {
  const registry = fresh("entry-registry");
  for (const words of [
    ["init", registry],
    ["record", "--repo-root", registry, "--source", data("regressed-1"), "--yes"],
  ])
    assert.equal(run(...words).status, 0);
  const found = readdirSync(registry, { recursive: true }).find((path) => path.endsWith("/baseline.json"));
  const entry = dirname(`${registry}/${found}`);
  const dropped = async () => {
    const { page, done } = await open(browser);
    await pick(page, "baseline", data("base-1"));
    await drop(page, "current", entry);
    await verdict(page).waitFor();
    const answer = {
      notes: await page.locator("[data-side=current] .run-note").allInnerTexts(),
      json: await downloaded(page, "Download verdict.json"),
    };
    await done();
    return answer;
  };
  const whole = await dropped();
  assert.deepEqual(whole.notes, []);
  rmSync(`${entry}/SOURCE.md`);
  const verified = JSON.parse(run("verify", "--repo-root", registry, "--json").stdout);
  assert.ok(JSON.stringify(verified).includes("SOURCE.md is missing"));
  const bare = await dropped();
  assert.deepEqual(bare, { notes: ["Note: SOURCE.md is missing"], json: whole.json });
  assert.equal(bare.json, run("diff", "--baseline", data("base-1"), "--current", entry, "--json").stdout);
});

test("a dropped profile that its own checksums contradict is refused as the command refuses it", async () => {
  const profile = `${fresh("summed-dropped")}/profile`;
  cpSync(`${root}tests/data/bundles/zymtrace-after`, profile, { recursive: true });
  writeFileSync(`${profile}/gpu/sha256sums.txt`, `${digest("")}  response.json\n`);
  const said = JSON.parse(run("ingest", "--source", data("base-2"), "--profile", profile, "--json").stdout).error;
  const { page, done } = await open(browser);
  await page.locator("[data-side=current] summary").click();
  await page.locator("#current-profile").setInputFiles(profile);
  await pick(page, "current", data("base-2"));
  const fault = page.locator("[data-side=current] .fault");
  await fault.waitFor();
  assert.match(said.message, /^found response\.json with the SHA-256/);
  assert.equal(await fault.locator(".message").innerText(), said.message);
  await done();
});

test("a damaged .zip is refused whole, by name", async () => {
  assert.match(
    await refused(damaged(zip("regressed-1"))),
    /Error: damaged[\s\S]*damaged-regressed-1\.zip[\s\S]*cannot be unpacked to its end/,
  );
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
  assert.match(
    await refused(bundle),
    /several models: other-model, tinyllama-7m[\s\S]*On this page: open “Model, stated fields and paired profile” below/,
  );
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
  assert.equal(
    await downloaded(page, "Download verdict.json"),
    native.judgement(data("base-1"), other, "--vary", "model"),
  );
  await done();
});
