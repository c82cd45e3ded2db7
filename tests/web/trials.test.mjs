// Directories of several runs, dropped on the page: read as trials, and refused in the component's words. Which runs a
// directory holds decides the component, whose tests are guest/tests/runs. They are put together from real runs in the
// layouts of AIPerf's docs/api/sweep-aggregates.md.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { after, before, test } from "node:test";
import { downloaded, judgedAnew, launch, open, openInputs, pick, verdict } from "./support/browser.mjs";
import { fresh, otherModel, renamed } from "./support/made.mjs";
import { data, root } from "./support/paths.mjs";
import { run } from "./support/native.mjs";

const { directory, load } = await import(`${root}dist/npm/src/engine/node.js`);
const bridge = load();

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

const bundle = (name) => `${root}tests/data/bundles/${name}`;
const RUNS = ["aa-01", "aa-02", "aa-03"];
const AGGREGATE = "profile_export_aiperf_aggregate.json";
const SWEEP = "profile_export_aiperf_sweep.json";

const copy = (name, level, to) => cpSync(`${bundle(name)}/aiperf-c${level}`, to, { recursive: true });

function write(path, value) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof value === "string" ? value : JSON.stringify(value));
}

/** What AIPerf counts in a summary of so many runs. */
const aggregate = (runs) => ({ metadata: { num_profile_runs: runs, num_successful_runs: runs, failed_runs: [] } });

/** `--num-profile-runs 3 --concurrency 16`. */
function repeated(name, summary = aggregate(3)) {
  const many = `${fresh(name)}/many`;
  for (const [at, run] of RUNS.entries()) copy(run, 16, `${many}/profile_runs/run_000${at + 1}`);
  write(`${many}/aggregate/${AGGREGATE}`, summary);
  return many;
}

/** `--concurrency 4,16 --num-profile-runs 3`, each value repeated: the runs are parts of one directory. */
function below(name) {
  const many = `${fresh(name)}/each`;
  for (const level of [4, 16]) {
    for (const [at, run] of RUNS.entries())
      copy(run, level, `${many}/concurrency_${level}/profile_runs/trial_000${at + 1}`);
    write(`${many}/concurrency_${level}/aggregate/${AGGREGATE}`, aggregate(3));
  }
  const varied = [{ name: "concurrency", values: [4, 16] }];
  write(`${many}/sweep_aggregate/${SWEEP}`, { metadata: { sweep_parameters: varied, num_combinations: 2 } });
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
    await openInputs(page);
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

/** What the page says of a dropped folder: the code, the place, the message, and what to do. */
async function refused(folder) {
  const { page, done } = await open(browser);
  await pick(page, "current", folder);
  const fault = page.locator("[data-side=current] .fault");
  await fault.waitFor();
  const said = {
    code: (await fault.locator("strong").innerText()).replace("Error: ", ""),
    where: await fault.locator(".where").innerText(),
    message: await fault.locator(".message").innerText(),
    advice: await fault.locator(".advice").allInnerTexts(),
  };
  await done();
  return said;
}

/** The component's own fault, from the package of the same bytes. */
function faultOf(ask) {
  try {
    ask();
  } catch ({ code, where, message }) {
    return { code, where, message };
  }
  throw new Error(`${ask} was not refused`);
}

const ADVICE = {
  runs: "On this page: drop the folders of the runs that are to count, all at once if you like.",
  beside:
    "On this page: drop the folders of the runs themselves, all at once if you like; " +
    "the page then asks whether several current runs are trials.",
  differ:
    "On this page: leave out the run that differs; several current runs are judged one by one unless you tick that they are trials.",
};

test("runs that are not those of their summary are refused in the component's words, and the page says what to do", async () => {
  for (const [folder, begins] of [
    [repeated("trials-count", aggregate(5)), "found 5, but 3 runs in profile_runs; expected"],
    [repeated("trials-torn", "{"), "found what is no JSON ("],
  ]) {
    const { code, where, message } = faultOf(() => bridge.findRuns(directory(folder)));
    assert.ok(message.startsWith(begins), message);
    assert.deepEqual(await refused(folder), { code, where: `many/${where}`, message, advice: [ADVICE.runs] });
  }
});

test("repeated runs of two models are refused with the name of each trial", async () => {
  const folder = repeated("trials-models");
  renamed(`${folder}/profile_runs/run_0002`, "other-model");
  const runs = [1, 2, 3].map((run) => `profile_runs/run_000${run}`);
  const documents = runs.map((run) => bridge.readBundle(directory(`${folder}/${run}`)).json);
  const { message } = faultOf(() => bridge.mergeTrials(documents));
  const names = runs.map((run, at) => `trial ${at + 1} is many/${run}`).join(", ");
  const said = await refused(folder);
  assert.equal(said.message, `${message} (${names})`);
  assert.deepEqual(said.advice, [ADVICE.differ]);
});

test("runs of two models on one side are refused with the name of each trial", async () => {
  const [one, other] = [data("base-2"), otherModel("base-2", "other-model")];
  const { page, done } = await open(browser);
  for (const path of [one, other]) await pick(page, "baseline", path);
  await page.locator("[data-side=baseline] li").nth(1).waitFor();
  await pick(page, "current", data("base-1"));
  const said = page.locator(".results .fault .message");
  await said.waitFor();
  const documents = [one, other].map((path) => bridge.readBundle(directory(path)).json);
  const { message } = faultOf(() => bridge.mergeTrials(documents));
  assert.equal(await said.innerText(), `${message} (trial 1 is base-2, trial 2 is ${basename(other)})`);
  await done();
});

test("a folder around several runs is refused in the component's words, and what the page says to do works", async () => {
  const folder = `${fresh("trials-beside")}/beside`;
  for (const [at, run] of RUNS.entries()) copy(run, 16, `${folder}/run-${at + 1}`);
  const { code, message } = faultOf(() => bridge.readBundle(directory(folder)));
  const said = await refused(folder);
  assert.deepEqual([said.code, said.message, said.advice], [code, message, [ADVICE.beside]]);
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
