// The viewer in Chromium, from disk, with the network off: every pair, and what a reader does with the page.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { downloaded, drop, launch, open, pick, rendererPeak, verdict } from "./support/browser.mjs";
import { large } from "./support/made.mjs";
import { cases, check, everyCase } from "./support/cases.mjs";
import { artefacts, data, require, root } from "./support/paths.mjs";
import { native } from "./support/native.mjs";
import { markdownCells, pageCells } from "./support/cells.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

/** The page with both sides filled. */
async function compared(baseline, ...currents) {
  const opened = await open(browser);
  await pick(opened.page, "baseline", data(baseline));
  for (const current of currents) await pick(opened.page, "current", data(current));
  await verdict(opened.page).waitFor();
  return opened;
}

/** Fills one side as a reader does: what is stated first, since it counts for what is picked after it. */
async function fill(page, name, { paths, profile, settings }, model) {
  const slot = page.locator(`[data-side=${name}]`);
  if (model || profile || settings.length > 0) await slot.locator("summary").click();
  if (model) await slot.locator(`#${name}-model`).fill(model);
  if (settings.length > 0) await slot.locator(`#${name}-stated`).fill(settings.join("\n"));
  if (profile) await slot.locator(`#${name}-profile`).setInputFiles(profile);
  for (const [at, path] of paths.entries()) {
    await pick(page, name, path);
    await slot.locator("li").nth(at).waitFor();
  }
}

/** Counts the answers of the component, so that a change can wait for the judgement it causes. */
const judgements = (page) => page.evaluate(() => Number(document.querySelector(".results").dataset.judgement ?? 0));
async function judgedAnew(page, change) {
  const before = await judgements(page);
  await change();
  await page.waitForFunction((before) => Number(document.querySelector(".results").dataset.judgement ?? 0) > before, before);
}

const ran = new Set();
for (const one of cases()) {
  test(`chromium: ${one.name}`, async () => {
    const { page, done } = await open(browser);
    await fill(page, "baseline", one.baseline, one.model);
    await fill(page, "current", one.current, one.model);
    await verdict(page).waitFor();
    if (one.current.paths.length > 1) await judgedAnew(page, () => page.getByLabel(/trials of one configuration/).check());
    if (one.headlineLevel) await judgedAnew(page, () => page.getByLabel("Headline at concurrency").selectOption(String(one.headlineLevel)));
    if (one.observeTails) await judgedAnew(page, () => page.getByLabel(/percentiles of too few requests/).check());
    for (const field of one.vary) await judgedAnew(page, () => page.getByRole("checkbox", { name: field, exact: true }).check());
    const markdown = await downloaded(page, "Download verdict.md");
    check(one, { judgement: await downloaded(page, "Download verdict.json"), markdown });
    // The page formats what the component formats: no cell may differ.
    assert.deepEqual(await pageCells(page), markdownCells(markdown));
    if (one.name === "case zymtrace-profiles") await page.locator("figure", { hasText: "kernel class" }).screenshot({ path: `${artefacts}kernels.png` });
    // Medians and largest values by Python's statistics.median over the records of either run.
    if (one.name === "case records-of-identical-runs") {
      const label = await page.locator("figure", { hasText: "Distribution over requests" }).locator("> svg").getAttribute("aria-label");
      assert.match(label, /TTFT at concurrency 4\. baseline: median 653\.8 ms, longest 738\.7 ms; current: median 660\.5 ms, longest 693\.9 ms/);
    }
    await done();
    ran.add(one.name);
  });
}
test("chromium: every case of the corpus ran", () => everyCase(ran));

test("a tolerance typed on the page judges anew at once, as --tolerance does", async () => {
  const { page, done } = await compared("base-1", "regressed-1");
  assert.equal(await page.locator(".rule code").textContent(), "headline");
  await page.getByLabel("throughput_toks_per_s", { exact: true }).fill("70");
  await page.locator(".rule code", { hasNotText: "headline" }).waitFor();
  assert.equal(
    await downloaded(page, "Download verdict.json"),
    native.judgement(data("base-1"), data("regressed-1"), "--tolerance.throughput_toks_per_s", "70"),
  );
  await page.getByRole("button", { name: "Reset" }).click();
  await page.locator(".rule code", { hasText: "headline" }).waitFor();
  assert.equal(await downloaded(page, "Download verdict.json"), native.judgement(data("base-1"), data("regressed-1")));
  await done();
});

test("a tolerance that is none is refused in the component's words, and the field keeps what was typed", async () => {
  const { page, done } = await compared("base-1", "regressed-1");
  const field = page.getByLabel("itl_p50_ms", { exact: true });
  await field.fill("three");
  await page.locator(".results .fault").first().waitFor();
  assert.match(await page.locator(".results .fault").first().innerText(), /usage[\s\S]*three/);
  assert.equal(await field.inputValue(), "three");
  await field.fill("3");
  await verdict(page).waitFor();
  await done();
});

test("another headline level judges as --headline-level does", async () => {
  const { page, done } = await compared("base-1", "base-2");
  await page.getByLabel("Headline at concurrency").selectOption("4");
  await page.locator(".stated-verdict", { hasText: "at concurrency 4" }).waitFor();
  assert.equal(await downloaded(page, "Download verdict.json"), native.judgement(data("base-1"), data("base-2"), "--headline-level", "4"));
  await done();
});

test("swap exchanges the sides", async () => {
  const { page, done } = await compared("base-1", "regressed-1");
  await page.getByRole("button", { name: "Swap baseline and current" }).click();
  const swapped = native.judgement(data("regressed-1"), data("base-1"));
  await page.locator(".reason", { hasText: JSON.parse(swapped).reason }).waitFor();
  assert.equal(await downloaded(page, "Download verdict.json"), swapped);
  await done();
});

test("a run that is removed leaves the focus on its neighbour, the last one on the control that adds", async () => {
  const { page, done } = await compared("base-1", "base-2", "regressed-1", "old-vllm");
  await page.locator("[data-side=current] li").nth(2).waitFor();
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.id);
  await page.getByRole("button", { name: "Remove regressed-1" }).press("Enter");
  assert.equal(await focused(), "Remove old-vllm");
  await page.keyboard.press("Enter");
  assert.equal(await focused(), "Remove base-2");
  await judgedAnew(page, () => page.keyboard.press("Enter"));
  assert.equal(await focused(), "current-folder");
  assert.equal(await page.locator("[data-side=current] li").count(), 0);
  await done();
});

test("several current runs get a column each, and can be merged as trials", async () => {
  const { page, done } = await compared("base-1", "base-2", "regressed-1");
  await page.getByRole("button", { name: /^regressed-1: RED/ }).click();
  assert.equal(await page.locator("thead th[scope=colgroup]").count(), 2);
  // The keyboard stays where it was, what was opened stays open, and the run that was chosen is what sorts.
  await page.getByRole("button", { name: /^base-2/ }).press("Enter");
  await page.locator("details.draft summary").click();
  await page.getByRole("button", { name: /^regressed-1: RED/ }).press("Enter");
  assert.match(await page.evaluate(() => document.activeElement?.textContent ?? ""), /^regressed-1: RED/);
  assert.equal(await page.locator("details.draft").getAttribute("open"), "");
  await page.getByRole("button", { name: "Change", exact: true }).press("Enter");
  const changes = await page.locator("tbody tr[data-row] td:nth-of-type(10)").evaluateAll((cells) => cells.map((cell) => Number.parseFloat(cell.textContent)));
  const numbers = changes.filter((change) => !Number.isNaN(change));
  assert.ok(numbers.length > 5);
  assert.deepEqual(numbers, numbers.toSorted((a, b) => a - b));
  assert.equal(await downloaded(page, "Download verdict.json"), native.judgement(data("base-1"), data("regressed-1")));
  await page.getByLabel(/trials of one configuration/).check();
  await page.locator("thead th[scope=colgroup]").first().waitFor({ state: "detached" });
  const trials = ["--current", data("base-2"), "--current", data("regressed-1")];
  const { stdout } = (await import("./support/native.mjs")).run("diff", "--baseline", data("base-1"), ...trials, "--json");
  assert.equal(await downloaded(page, "Download verdict.json"), stdout);
  await done();
});

test("rows are sorted and filtered, and the link keeps it", async () => {
  const { page, done } = await compared("base-1", "regressed-1");
  const metrics = () => page.locator("tbody tr[data-row]").evaluateAll((rows) => rows.map((row) => row.dataset.row));
  const all = await metrics();
  await page.getByLabel("Level", { exact: true }).selectOption("16");
  const some = await metrics();
  assert.deepEqual(some, all.filter((row) => row.startsWith("16/")));
  await page.getByRole("button", { name: "Change", exact: true }).press("Enter");
  assert.equal(await page.locator("th[aria-sort=ascending]").innerText(), "Change ▲".replace(" ", ""));
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("data-sort")), "change");
  const changes = await page.locator("tbody tr[data-row] td.change").evaluateAll((cells) => cells.map((cell) => Number.parseFloat(cell.textContent)));
  const known = changes.filter((change) => !Number.isNaN(change));
  assert.deepEqual(known, known.toSorted((a, b) => a - b));
  assert.ok(known.length > 5);
  assert.equal(new URL(page.url()).hash, "#sort=change&level=16");
  // A link of another comparison may name what no row has; that filters nothing.
  await page.evaluate(() => (location.hash = "#metric=nope&level=99"));
  await page.reload();
  for (const side of ["baseline", "current"]) await pick(page, side, data(side === "baseline" ? "base-1" : "regressed-1"));
  await verdict(page).waitFor();
  assert.equal((await metrics()).length, all.length);
  await done();
});

test("a row explains itself on hover and on focus, and Escape hides it", async () => {
  const { page, done } = await compared("base-1", "regressed-1");
  const status = page.locator('[data-row="16/throughput_toks_per_s"] .status');
  await status.hover();
  const tip = page.locator(".tip");
  assert.match(await tip.innerText(), /throughput_toks_per_s at 16: 259\.\d -> 85\.\d+ is a change of -67\.3 %/);
  await page.mouse.move(0, 0);
  await tip.waitFor({ state: "hidden" });
  await status.focus();
  await tip.waitFor();
  const described = await status.evaluate((element) => document.getElementById(element.getAttribute("aria-describedby")).textContent);
  assert.equal(described, await tip.innerText());
  await page.keyboard.press("Escape");
  await tip.waitFor({ state: "hidden" });
  await done();
});

test("differences of the context are marked in words", async () => {
  const { page, done } = await compared("base-1", "regressed-1");
  const row = page.locator(".context tr", { hasText: "prefix_caching" });
  assert.deepEqual(await row.locator("th, td").allInnerTexts(), ["context.prefix_caching", "on", "off", "differs"]);
  await done();
});

test("copied Markdown is the component's", async () => {
  const { page, done } = await compared("base-1", "regressed-1");
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.getByRole("button", { name: "Copy as Markdown" }).click();
  await page.getByText("copied").waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), native.markdown(data("base-1"), data("regressed-1")));
  await done();
});

test("300 MB of records open with progress and cancel, in bounded memory, as the native run reads them", async () => {
  const run = large(300e6);
  const { page, done } = await open(browser);
  await page.locator("[data-side=baseline]").waitFor();
  const before = await rendererPeak(browser);
  await drop(page, "baseline", run);
  await page.locator("[data-side=baseline] .doing", { hasText: /of 3\d\d MB/ }).waitFor();
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.locator("[data-side=baseline] progress").waitFor({ state: "detached" });
  assert.equal(await page.locator("[data-side=baseline] li, [data-side=baseline] .fault").count(), 0);
  await drop(page, "baseline", run);
  await pick(page, "current", data("base-1"));
  await verdict(page).waitFor({ timeout: 120_000 });
  // This bundle has records: while the judgement says nothing about them, neither does the page.
  assert.equal(await page.getByText("no per-request records").count(), 0);
  const grown = (await rendererPeak(browser)) - before;
  // Measured: 105, 101 and 136 MiB for 100, 300 and 600 MB, most of it pieces that are not yet collected. Half the
  // bundle (286 MiB) leaves room for that and fails whatever holds a file whole.
  assert.ok(grown < 143, `the page and its worker grew by ${grown} MiB for a bundle of 300 MB`);
  assert.equal(await downloaded(page, "Download verdict.json"), native.judgement(run, data("base-1")));
  await done();
});

test("the distribution is drawn from the judgement, or said to be missing", async () => {
  const { build } = await import(require.resolve("vite"));
  const entry = `${root}web/src/view/plots/distributions.ts`;
  const built = await build({ configFile: false, logLevel: "silent", build: { write: false, lib: { entry, name: "plots", formats: ["iife"] } } });
  const { page, done } = await open(browser);
  await page.goto("about:blank");
  await page.addScriptTag({ content: [built].flat()[0].output[0].code });
  await page.addStyleTag({ path: `${root}web/src/style.css` });
  const draw = (judgement, chosen) => page.evaluate(([json, chosen]) => document.body.replaceChildren(globalThis.plots.distributionPlot({ json }, chosen, (next) => (globalThis.chosen = next))), [JSON.stringify(judgement), chosen]);
  await draw({}, "");
  assert.match(await page.locator("figure").innerText(), /no per-request records/);
  // Quantiles 0, 2, 4 .. 100 % of the even spread 0..100 ms, and of 0..200 ms.
  const side = (most) => ({ of: 64, n: 60, quantiles: Array.from({ length: 51 }, (_, at) => (most * at) / 50) });
  const distributions = [
    { quantity: "ttft_ms", level: "4", baseline: side(10), current: null },
    { quantity: "ttft_ms", level: "16", baseline: side(100), current: side(200) },
  ];
  // What nobody chose is the level of the headline.
  await draw({ distributions, headline: { metric: "throughput_toks_per_s", level: "16" } }, "");
  assert.equal(await page.getByLabel("Concurrency", { exact: true }).inputValue(), "16");
  await draw({ distributions }, "ttft_ms/16");
  const label = await page.locator("figure > svg").getAttribute("aria-label");
  assert.match(label, /TTFT at concurrency 16\. baseline: median 50\.00 ms, longest 100\.0 ms; current: median 100\.0 ms, longest 200\.0 ms/);
  assert.ok((await page.locator("figure svg title").allTextContents()).includes("current: 10 % at or below 20.00 ms"));
  await page.getByLabel("Concurrency", { exact: true }).selectOption("4");
  assert.equal(await page.evaluate(() => globalThis.chosen), "ttft_ms/4");
  await draw({ distributions }, "ttft_ms/4");
  assert.match(await page.locator("figure").innerText(), /baseline: 60 of 64 requests; current: no per-request records/);
  // Without evidence nothing is said within the runs.
  assert.equal(await page.locator(".within-runs").count(), 0);
  const at = (quantity, level = "16") => ({ quantity, level });
  const evidence = {
    differences: [
      { metric: "ttft_p50_ms", level: "16", requests: [60, 58], estimate: 12.5, low: -0.25, high: 1500.4 },
      { metric: "ttft_p95_ms", level: "16", requests: [60, 58], estimate: -3, low: null, high: null },
      { metric: "ttft_p50_ms", level: "4", requests: [7, 7], estimate: 99, low: 98, high: 100 },
      { metric: "request_latency_p50_ms", level: "16", requests: [60, 58], estimate: 77, low: 76, high: 78 },
    ],
    locations: [
      { ...at("ttft_ms"), superiority: 0.7125, p_value: 0.00001 },
      { ...at("itl_ms"), superiority: 0.11, p_value: 0.5 },
    ],
    drift: [
      { side: "baseline", ...at("ttft_ms"), first: 10.2, last: 9.9, change_percent: -2.94, low: -0.8, high: 0.2, p_value: 0.3, drifted: false },
      { side: "current", ...at("ttft_ms"), first: 100, last: 150, change_percent: 50, low: 40, high: 61.25, p_value: 0.0004, drifted: true },
      { side: "current", ...at("itl_ms"), first: 1, last: 2, change_percent: null, low: null, high: null, p_value: null, drifted: true },
    ],
  };
  await draw({ distributions: [...distributions, { quantity: "itl_ms", level: "16", baseline: side(1), current: side(2) }], evidence }, "ttft_ms/16");
  assert.equal(await page.locator(".within-runs p").innerText(), "Within these runs only; it does not decide the verdict:");
  assert.deepEqual(await page.locator(".within-runs li").allInnerTexts(), [
    "ttft_p50_ms: current minus baseline +12.50 ms, 95 % interval -0.250 to +1500 ms (60 and 58 requests)",
    "ttft_p95_ms: current minus baseline -3.000 ms, no interval, too few requests (60 and 58 requests)",
    "TTFT: a current request is slower than a baseline one with a chance of 71.25 % (Mann-Whitney, p below 0.001)",
    "TTFT in the course of the baseline run: no drift, median 10.20 ms in the first third and 9.900 ms in the last (-2.9 %, 95 % interval -0.800 to +0.200 ms, p 0.300)",
    "TTFT in the course of the current run: drifted, median 100.0 ms in the first third and 150.0 ms in the last (+50.0 %, 95 % interval +40.00 to +61.25 ms, p below 0.001)",
  ]);
  await page.locator("figure").screenshot({ path: `${artefacts}evidence.png` });
  await draw({ distributions: [{ quantity: "itl_ms", level: "16", baseline: side(1), current: side(2) }], evidence }, "itl_ms/16");
  assert.deepEqual(await page.locator(".within-runs li").allInnerTexts(), [
    "ITL: a current request is slower than a baseline one with a chance of 11.00 % (Mann-Whitney, p 0.500)",
    "ITL in the course of the current run: drifted, median 1.000 ms in the first third and 2.000 ms in the last (no interval, too few requests, no p)",
  ]);
  await done();
});

for (const scheme of ["light", "dark"]) {
  test(`axe finds nothing, ${scheme}`, async () => {
    const { page, done } = await open(browser, { colorScheme: scheme });
    await page.evaluate(require("node:fs").readFileSync(require.resolve("axe-core/axe.min.js"), "utf8"));
    const violations = async () => {
      const { violations } = await page.evaluate(() => globalThis.axe.run());
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`);
    };
    assert.deepEqual(await violations(), []);
    await pick(page, "baseline", data("base-1"));
    await pick(page, "current", data("regressed-1"));
    await verdict(page).waitFor();
    await page.screenshot({ path: `${artefacts}${scheme}.png`, fullPage: true });
    assert.deepEqual(await violations(), []);
    await pick(page, "current", data("base-2"));
    await page.locator("thead th[scope=colgroup]").first().waitFor();
    await page.screenshot({ path: `${artefacts}${scheme}-columns.png`, fullPage: true });
    assert.deepEqual(await violations(), []);
    await done();
  });
}

for (const scheme of ["light", "dark"]) {
  test(`at 720 px the whole table of rows is in sight, ${scheme}`, async () => {
    const { page, done } = await open(browser, { viewport: { width: 720, height: 900 }, colorScheme: scheme });
    await pick(page, "baseline", data("base-1"));
    await pick(page, "current", data("regressed-1"));
    await verdict(page).waitFor();
    const widths = () => page.locator(".rows .scroll").evaluate(({ scrollWidth, clientWidth }) => [scrollWidth, clientWidth]);
    assert.deepEqual(await widths(), [672, 672]);
    // The columns that are left out are said elsewhere: the unit behind the name, the direction beside the change.
    const row = page.locator('[data-row="16/throughput_toks_per_s"]');
    assert.equal(await row.locator(".detail").evaluateAll((cells) => cells.filter((cell) => cell.checkVisibility()).length), 0);
    assert.equal(await row.locator("th").evaluate((cell) => getComputedStyle(cell, "::after").content), '" tok/s"');
    assert.match(await row.locator(".change").innerText(), /-67\.3 %\s*worse/);
    await page.screenshot({ path: `${artefacts}${scheme}-720.png`, fullPage: true });
    await page.evaluate(require("node:fs").readFileSync(require.resolve("axe-core/axe.min.js"), "utf8"));
    const violations = async () => (await page.evaluate(() => globalThis.axe.run())).violations.map(({ id }) => id);
    assert.deepEqual(await violations(), []);
    // Two runs are wider: the name of the row stays where it is while they are scrolled.
    await pick(page, "current", data("base-2"));
    await page.locator("thead th[scope=colgroup]").first().waitFor();
    const [whole, seen] = await widths();
    assert.ok(whole > seen);
    const left = () => row.locator("th").evaluate((cell) => cell.getBoundingClientRect().left);
    const before = await left();
    await page.locator(".rows .scroll").evaluate((box) => (box.scrollLeft = 200));
    assert.equal(await left(), before);
    await page.screenshot({ path: `${artefacts}${scheme}-720-columns.png`, fullPage: true });
    assert.deepEqual(await violations(), []);
    await done();
  });
}

test("a narrow page does not scroll sideways, and prints", async () => {
  const { page, done } = await open(browser, { viewport: { width: 380, height: 800 } });
  await pick(page, "baseline", data("base-1"));
  await pick(page, "current", data("regressed-1"));
  await verdict(page).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 380);
  await page.screenshot({ path: `${artefacts}narrow.png`, fullPage: true });
  await page.pdf({ path: `${artefacts}print.pdf`, format: "A4" });
  await page.setViewportSize({ width: 800, height: 1100 });
  await page.emulateMedia({ media: "print" });
  assert.equal(await page.locator(".policy, .actions, .filters").evaluateAll((all) => all.filter((one) => one.checkVisibility()).length), 0);
  await page.screenshot({ path: `${artefacts}print.png`, fullPage: true });
  await done();
});
