// Directories of several runs, dropped on the page: read by the rule of the command line, and refused in its words. They
// are put together from real runs in the layouts of AIPerf's docs/api/sweep-aggregates.md.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { after, before, test } from "node:test";
import { downloaded, judgedAnew, launch, open, pick, verdict } from "./support/browser.mjs";
import { fresh, otherModel, renamed } from "./support/made.mjs";
import { data, root } from "./support/paths.mjs";
import { run } from "./support/native.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

const bundle = (name) => `${root}tests/bundles/${name}`;
const RUNS = ["aa-01", "aa-02", "aa-03"];
const AGGREGATE = "profile_export_aiperf_aggregate.json";
const SWEEP = "profile_export_aiperf_sweep.json";

const copy = (name, level, to) => cpSync(`${bundle(name)}/aiperf-c${level}`, to, { recursive: true });

function write(path, value) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof value === "string" ? value : JSON.stringify(value));
}

/** What AIPerf counts in a summary of so many runs. */
const aggregate = (runs, more = {}) => ({
  metadata: { num_profile_runs: runs, num_successful_runs: runs, failed_runs: [], ...more },
});

const sweep = (names, combinations) => ({
  metadata: { sweep_parameters: names.map((name) => ({ name, values: [1] })), num_combinations: combinations },
});

/** `--num-profile-runs 3 --concurrency 16`. */
function repeated(name, summary = aggregate(3)) {
  const many = `${fresh(name)}/many`;
  for (const [at, run] of RUNS.entries()) copy(run, 16, `${many}/profile_runs/run_000${at + 1}`);
  write(`${many}/aggregate/${AGGREGATE}`, summary);
  return many;
}

/** `--concurrency 4,16 --num-profile-runs 3`, the list repeated. */
function repeatedSweep(name, summary = sweep(["phases.profiling.concurrency"], 2)) {
  const many = `${fresh(name)}/sweep`;
  for (const [at, run] of RUNS.entries()) {
    for (const level of [4, 16]) copy(run, level, `${many}/profile_runs/trial_000${at + 1}/concurrency_${level}`);
  }
  for (const level of [4, 16]) write(`${many}/aggregate/concurrency_${level}/${AGGREGATE}`, aggregate(3));
  write(`${many}/aggregate/sweep_aggregate/${SWEEP}`, summary);
  return many;
}

/** The same with each value repeated. */
function below(name) {
  const many = `${fresh(name)}/each`;
  for (const level of [4, 16]) {
    for (const [at, run] of RUNS.entries())
      copy(run, level, `${many}/concurrency_${level}/profile_runs/trial_000${at + 1}`);
    write(`${many}/concurrency_${level}/aggregate/${AGGREGATE}`, aggregate(3));
  }
  write(`${many}/sweep_aggregate/${SWEEP}`, sweep(["concurrency"], 2));
  return many;
}

function archived(folder) {
  const script = "import shutil, sys; shutil.make_archive(sys.argv[1], 'zip', *sys.argv[2:])";
  execFileSync("python3", ["-c", script, folder, dirname(folder), basename(folder)]);
  return `${folder}.zip`;
}

const diff = (...args) => run("diff", ...args, "--json").stdout;

const made = [
  ["repeated runs", () => repeated("trials-runs")],
  ["a repeated list of concurrencies", () => repeatedSweep("trials-sweep")],
  ["repeated runs of each concurrency", () => below("trials-each")],
];
for (const [what, make] of made) {
  test(`${what} are trials, on either side and in an archive, as the command reads them`, async () => {
    const many = make();
    const { page, done } = await open(browser);
    await pick(page, "baseline", bundle("slow-01"));
    await pick(page, "current", many);
    await verdict(page).waitFor();
    const expected = diff("--baseline", bundle("slow-01"), "--current", many);
    assert.equal(JSON.parse(run("ingest", "--source", many).stdout).trials.n, 3);
    assert.equal(await downloaded(page, "Download verdict.json"), expected);
    assert.match(
      await page.locator("[data-side=current] .run-note").innerText(),
      /^Note: 3 runs, judged together as trials: .*(run|trial)_0001, .*_0002, .*_0003$/,
    );
    await judgedAnew(page, () => page.getByRole("button", { name: `Remove ${basename(many)}` }).click());
    await pick(page, "current", archived(many));
    await verdict(page).waitFor();
    assert.equal(await downloaded(page, "Download verdict.json"), expected);
    await page.getByRole("button", { name: "Swap baseline and current" }).click();
    const swapped = diff("--baseline", many, "--current", bundle("slow-01"));
    await page.locator(".reason", { hasText: JSON.parse(swapped).reason }).waitFor();
    assert.equal(await downloaded(page, "Download verdict.json"), swapped);
    await done();
  });
}

for (const name of ["aiperf-runs", "aiperf-sweep", "aiperf-sweep-runs", "aiperf-sweep-each"]) {
  test(`what AIPerf itself wrote of several runs is read as the command reads it: ${name}`, async () => {
    const { page, done } = await open(browser);
    await pick(page, "baseline", bundle(name));
    await page.locator("[data-side=baseline] li").waitFor();
    await pick(page, "current", data("base-1"));
    await verdict(page).waitFor();
    assert.equal(
      await downloaded(page, "Download verdict.json"),
      diff("--baseline", bundle(name), "--current", data("base-1")),
    );
    await done();
  });
}

test("repeated runs and another run are one configuration more often, as the command merges them", async () => {
  const many = repeated("trials-more");
  const other = `${fresh("trials-other")}/other`;
  copy("aa-04", 16, `${other}/aiperf-c16`);
  const { page, done } = await open(browser);
  await pick(page, "baseline", data("base-1"));
  await pick(page, "current", many);
  // The order of trials is that in which they were read.
  await page.locator("[data-side=current] li").waitFor();
  await pick(page, "current", other);
  await page.locator("thead th[scope=colgroup]").nth(1).waitFor();
  await judgedAnew(page, () => page.getByLabel(/trials of one configuration/).check());
  assert.equal(
    await downloaded(page, "Download verdict.json"),
    diff("--baseline", data("base-1"), "--current", many, "--current", other),
  );
  await done();
});

/** What the page says of a dropped folder: the code, the place, the message. */
async function refused(folder) {
  const { page, done } = await open(browser);
  await pick(page, "current", folder);
  const fault = page.locator("[data-side=current] .fault");
  await fault.waitFor();
  const said = {
    code: (await fault.locator("strong").innerText()).replace("Error: ", ""),
    where: await fault.locator(".where").innerText(),
    message: await fault.locator("p").innerText(),
  };
  await done();
  return said;
}

/** What the command says of it, with the folder named as the page names it. */
function byCommand(folder) {
  const { status, stdout } = run("ingest", "--source", folder, "--json");
  assert.equal(status, 2);
  const { code, message, where } = JSON.parse(stdout).error;
  const short = (text) => text.replaceAll(`${realpathSync(dirname(folder))}/`, "");
  // The command says the path of a file twice.
  return { code, where: short(where).replace(/^(.*): \1/, "$1"), message: short(message) };
}

const refusals = [
  [
    "whose summary counts other runs",
    () => repeated("trials-count", aggregate(5)),
    /^found 5, but 3 runs in many\/profile_runs; expected/,
  ],
  [
    "of which fewer succeeded",
    () => repeated("trials-fewer", aggregate(3, { num_successful_runs: 2 })),
    /^found 2, but 3 runs/,
  ],
  [
    "of which one failed",
    () =>
      repeated("trials-failed", aggregate(3, { failed_runs: [{ label: "run_0003", error: "Connection timeout" }] })),
    /^found 1 of 3 runs failed, the first run_0003 \(Connection timeout\)/,
  ],
  [
    "whose summary counts nothing",
    () => repeated("trials-none", { metadata: {} }),
    /^found no number; expected the count/,
  ],
  [
    "of another parameter",
    () => repeatedSweep("trials-isl", sweep(["concurrency", "isl"], 2)),
    /^found the varied parameters: concurrency, isl; expected concurrency alone/,
  ],
  ["of no parameter", () => repeatedSweep("trials-no", sweep([], 2)), /^found the varied parameters: none/],
  [
    "without the results of one value",
    () => repeatedSweep("trials-value", sweep(["concurrency"], 3)),
    /^found 3, but 2 directories of results/,
  ],
  [
    "of a search",
    () => {
      const search = `${fresh("trials-search")}/search`;
      copy("aa-01", 16, `${search}/search_iter_0000/profile_runs/run_0001`);
      return search;
    },
    /^found search_iter_0000, which is one step of a search/,
  ],
  [
    "with other runs of another level",
    () => {
      const each = below("trials-levels");
      rmSync(`${each}/concurrency_4/aggregate`, { recursive: true });
      renameSync(`${each}/concurrency_4/profile_runs/trial_0003`, `${each}/concurrency_4/profile_runs/trial_0004`);
      return each;
    },
    /^found trial_0001, trial_0002, trial_0004, in concurrency_16 trial_0001, trial_0002, trial_0003; expected the same runs/,
  ],
  [
    "beside one run of another level",
    () => {
      const each = below("trials-single");
      copy("aa-01", 16, `${each}/concurrency_32`);
      return each;
    },
    /^found one run of concurrency_32 beside the runs in concurrency_16\/profile_runs/,
  ],
];
for (const [what, make, pattern] of refusals) {
  test(`repeated runs ${what} are refused in the words of the command`, async () => {
    const folder = make();
    const expected = byCommand(folder);
    assert.match(expected.message, pattern);
    assert.deepEqual(await refused(folder), expected);
  });
}

test("repeated runs of two models are refused in the words of the command, with the name of each trial", async () => {
  const folder = repeated("trials-models");
  renamed(`${folder}/profile_runs/run_0002`, "other-model");
  const { message } = byCommand(folder);
  assert.match(message, /trial 2 is many\/profile_runs\/run_0002, trial 3/);
  assert.equal((await refused(folder)).message, message);
});

test("runs of two models on one side are refused with the name of each trial", async () => {
  const [one, other] = [data("base-2"), otherModel("base-2", "other-model")];
  const { page, done } = await open(browser);
  for (const path of [one, other]) await pick(page, "baseline", path);
  await page.locator("[data-side=baseline] li").nth(1).waitFor();
  await pick(page, "current", data("base-1"));
  const fault = page.locator(".results .fault p");
  await fault.waitFor();
  const said = JSON.parse(
    run("diff", "--baseline", one, "--baseline", other, "--current", data("base-1"), "--json").stdout,
  ).error.message;
  assert.match(said, /\(trial 1 is /);
  assert.equal(await fault.innerText(), said.replace(one, "base-2").replace(other, basename(other)));
  await done();
});

test("a summary of runs that is not JSON is refused by name", async () => {
  const folder = repeated("trials-torn", "{");
  const begins = "found what is no JSON (";
  assert.ok(byCommand(folder).message.startsWith(begins));
  const { code, where, message } = await refused(folder);
  assert.deepEqual([code, where], ["conflict", `many/aggregate/${AGGREGATE}`]);
  // What is wrong with it says each reader of JSON in its own words.
  assert.ok(
    message.startsWith(begins) && message.endsWith("expected AIPerf's summary of several runs. Copy the file again"),
    message,
  );
});

test("a folder around several runs is refused as the command refuses it, and the page says what to do", async () => {
  const folder = `${fresh("trials-beside")}/beside`;
  for (const [at, run] of RUNS.entries()) copy(run, 16, `${folder}/run-${at + 1}`);
  const expected = byCommand(folder);
  const { code, message } = await refused(folder);
  assert.equal(code, expected.code);
  assert.ok(message.startsWith(`${expected.message}. On this page: drop the folders of the runs themselves`), message);
  // What it says works.
  const { page, done } = await open(browser);
  await pick(page, "baseline", data("base-1"));
  const paths = RUNS.map((_, at) => `${folder}/run-${at + 1}`);
  for (const [at, path] of paths.entries()) {
    await pick(page, "current", path);
    await page.locator("[data-side=current] li").nth(at).waitFor();
  }
  await page.locator("thead th[scope=colgroup]").nth(2).waitFor();
  await judgedAnew(page, () => page.getByLabel(/trials of one configuration/).check());
  assert.equal(
    await downloaded(page, "Download verdict.json"),
    diff("--baseline", data("base-1"), ...paths.flatMap((path) => ["--current", path])),
  );
  await done();
});
