// The viewer in Chromium, from disk, with the network off: every pair, and what a reader does with the page.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { compared, downloaded, fill, judgedAnew, launch, open, openInputs, pick, verdict } from "./support/browser.mjs";
import { cases, check, everyCase } from "./support/cases.mjs";
import { data } from "./support/paths.mjs";
import { native } from "./support/native.mjs";
import { judgedCells, pageCells } from "./support/cells.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

const ran = new Set();
for (const one of cases()) {
  test(`chromium: ${one.name}`, async () => {
    const { page, done } = await open(browser);
    await fill(page, "baseline", one.baseline, one.model);
    await fill(page, "current", one.current, one.model);
    await verdict(page).waitFor();
    if (one.current.paths.length > 1)
      await judgedAnew(page, () => page.getByLabel(/trials of one configuration/).check());
    if (one.headline)
      await judgedAnew(page, () => page.getByLabel("Headline at", { exact: true }).selectOption(one.headline));
    if (one.observeTails) await judgedAnew(page, () => page.getByLabel(/percentiles of too few requests/).check());
    for (const field of one.vary)
      await judgedAnew(page, () => page.getByRole("checkbox", { name: field, exact: true }).check());
    const markdown = await downloaded(page, "Download verdict.md");
    const judgement = await downloaded(page, "Download verdict.json");
    check(one, { judgement, markdown });
    // The page formats what the component formats: no cell may differ.
    assert.deepEqual(await pageCells(page), judgedCells(judgement));
    // Medians and largest values by Python's statistics.median over the records of either run, to the component's six digits.
    if (one.name === "case records-of-identical-runs") {
      const label = await page
        .locator("figure", { hasText: "Distribution over requests" })
        .locator("> svg")
        .getAttribute("aria-label");
      assert.match(
        label,
        /TTFT at c4\. baseline: median 653\.829 ms, longest 738\.722 ms; current: median 660\.458 ms, longest 693\.892 ms/,
      );
    }
    await done();
    ran.add(one.name);
  });
}
test("chromium: every case of the corpus ran", () => everyCase(ran));

test("a tolerance typed on the page judges anew at once, as --tolerance does", async () => {
  const { page, done } = await compared(browser, "base-1", "regressed-1");
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

test("a tolerance that is none is refused at its field; what is shown stays, and says of what it is", async () => {
  const { page, done } = await compared(browser, "base-1", "regressed-1");
  const field = page.getByLabel("itl_p50_ms", { exact: true });
  const notes = () => page.locator(".stale").allInnerTexts();
  const said = (tolerance) =>
    `Of the last valid tolerances (itl_p50_ms ${tolerance} %): what stands in that field now is refused. Go to the field`;
  await judgedAnew(page, () => field.fill("three"));
  const own = page.locator(".tolerance", { has: field });
  assert.match(await own.locator(".fault").innerText(), /usage[\s\S]*three/);
  assert.equal(await page.locator(".fault").count(), 1);
  assert.deepEqual([await field.inputValue(), await field.getAttribute("aria-invalid")], ["three", "true"]);
  assert.ok(
    await own
      .locator(".fault")
      .evaluate(
        (fault) =>
          fault.parentElement.id ===
          fault.closest(".tolerance").querySelector("input").getAttribute("aria-describedby"),
      ),
  );
  // The verdict, the rows and the download are those of the default, and both say so.
  const byDefault = native.judgement(data("base-1"), data("regressed-1"));
  assert.deepEqual(await notes(), [said(3), said(3)]);
  assert.equal(await page.locator("tr[data-row]").count(), Object.keys(judgedCells(byDefault)).length);
  assert.equal(await downloaded(page, "Download verdict.json"), byDefault);
  // Another field still counts, and so does what this one held last.
  await judgedAnew(page, () => field.fill("200"));
  assert.deepEqual([await notes(), await field.getAttribute("aria-invalid")], [[], "false"]);
  await judgedAnew(page, () => field.fill("200x"));
  await judgedAnew(page, () => page.getByLabel("throughput_toks_per_s", { exact: true }).fill("70"));
  assert.deepEqual(await notes(), [said(200), said(200)]);
  const both = ["--tolerance.itl", "200", "--tolerance.throughput_toks_per_s", "70"];
  assert.equal(
    await downloaded(page, "Download verdict.json"),
    native.judgement(data("base-1"), data("regressed-1"), ...both),
  );
  await page.locator(".stale button").first().press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "tolerance-itl_p50_ms");
  await judgedAnew(page, () => page.getByRole("button", { name: "Reset" }).click());
  assert.deepEqual([await notes(), await page.locator(".fault").count()], [[], 0]);
  assert.equal(await downloaded(page, "Download verdict.json"), byDefault);
  await done();
});

test("a judgement is parsed once, however often it is drawn", async () => {
  const { page, done } = await open(browser);
  await page.evaluate(() => {
    const parse = JSON.parse;
    globalThis.parsed = 0;
    JSON.parse = (text, ...rest) => {
      if (String(text).includes("perfbridge_judgement_v1")) globalThis.parsed += 1;
      return parse(text, ...rest);
    };
  });
  const parsed = () => page.evaluate(() => globalThis.parsed);
  for (const [side, run] of [
    ["baseline", "base-1"],
    ["current", "regressed-1"],
  ])
    await pick(page, side, data(run));
  await verdict(page).waitFor();
  await page.getByRole("button", { name: "Change", exact: true }).press("Enter");
  await page.locator("th[aria-sort=ascending]").waitFor();
  assert.equal(await parsed(), 1);
  await judgedAnew(page, () => page.getByLabel("throughput_toks_per_s", { exact: true }).fill("70"));
  assert.equal(await parsed(), 2);
  await done();
});

test("another headline level judges as --headline-level does", async () => {
  const { page, done } = await compared(browser, "base-1", "base-2");
  await page.getByLabel("Headline at", { exact: true }).selectOption("4");
  await page.locator(".stated-verdict", { hasText: "throughput_toks_per_s at c4" }).waitFor();
  assert.equal(
    await downloaded(page, "Download verdict.json"),
    native.judgement(data("base-1"), data("base-2"), "--headline-level", "4"),
  );
  await done();
});

test("swap exchanges the sides", async () => {
  const { page, done } = await compared(browser, "base-1", "regressed-1");
  await page.getByRole("button", { name: "Swap baseline and current" }).click();
  const swapped = native.judgement(data("regressed-1"), data("base-1"));
  await page.locator(".reason", { hasText: JSON.parse(swapped).reason }).waitFor();
  assert.equal(await downloaded(page, "Download verdict.json"), swapped);
  await done();
});

test("a run that is removed leaves the focus on its neighbour, the last one on the control that adds", async () => {
  const { page, done } = await compared(browser, "base-1", "base-2", "regressed-1", "old-vllm");
  await page.locator("[data-side=current] li").nth(2).waitFor();
  const focused = () =>
    page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.id);
  await openInputs(page);
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
  const { page, done } = await compared(browser, "base-1", "base-2", "regressed-1");
  await page.getByRole("button", { name: /^regressed-1: RED/ }).click();
  assert.equal(await page.locator("thead th[scope=colgroup]").count(), 2);
  // The keyboard stays where it was, what was opened stays open, and the run that was chosen is what sorts.
  await page.getByRole("button", { name: /^base-2/ }).press("Enter");
  await page.locator("details.draft summary").click();
  await page.getByRole("button", { name: /^regressed-1: RED/ }).press("Enter");
  assert.match(await page.evaluate(() => document.activeElement?.textContent ?? ""), /^regressed-1: RED/);
  assert.equal(await page.locator("details.draft").getAttribute("open"), "");
  await page.getByRole("button", { name: "Change", exact: true }).press("Enter");
  const changes = await page
    .locator("tbody tr[data-row] td:nth-of-type(8)")
    .evaluateAll((cells) => cells.map((cell) => Number.parseFloat(cell.textContent)));
  const numbers = changes.filter((change) => !Number.isNaN(change));
  assert.ok(numbers.length > 5);
  assert.deepEqual(
    numbers,
    numbers.toSorted((a, b) => a - b),
  );
  assert.equal(await downloaded(page, "Download verdict.json"), native.judgement(data("base-1"), data("regressed-1")));
  await page.getByLabel(/trials of one configuration/).check();
  await page.locator("thead th[scope=colgroup]").first().waitFor({ state: "detached" });
  const trials = ["--current", data("base-2"), "--current", data("regressed-1")];
  const { stdout } = (await import("./support/native.mjs")).run(
    "diff",
    "--baseline",
    data("base-1"),
    ...trials,
    "--json",
  );
  assert.equal(await downloaded(page, "Download verdict.json"), stdout);
  await done();
});

test("what is drawn of one of several runs is named after it, and another is chosen above it or in the table", async () => {
  const { page, done } = await compared(browser, "base-1", "base-2", "regressed-1", "old-vllm");
  await page.locator("thead th[scope=colgroup]").nth(2).waitFor();
  await verdict(page).waitFor();
  const headings = async () =>
    (await page.locator(".results h2").allInnerTexts()).filter((title) => !/^(Rows|Tolerances)$/.test(title));
  const named = (run) =>
    ["Verdict", "Plots", "Findings", "Context", "Next lever", "Provenance"].map((title) => `${title} of ${run}`);
  const samples = () => page.locator(".sample").allInnerTexts();
  assert.deepEqual(await headings(), named("base-2"));
  await page.getByRole("button", { name: "Show regressed-1", exact: true }).press("Enter");
  await verdict(page).waitFor();
  assert.deepEqual(await headings(), named("regressed-1"));
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Show regressed-1");
  assert.deepEqual([...new Set(await samples())], ["baseline", "regressed-1 (current)"]);
  assert.match(
    await page.locator("figure", { hasText: "Change by metric" }).locator(".legend").innerText(),
    /regressed-1 \(current\) against baseline/,
  );
  assert.match(
    await page
      .locator("figure", { hasText: "Throughput against latency" })
      .locator("svg[role=img]")
      .getAttribute("aria-label"),
    / regressed-1 \(current\): c1 58\.4/,
  );
  assert.deepEqual(await page.locator(".context thead th").allInnerTexts(), [
    "Field",
    "Baseline",
    "regressed-1 (current)",
    "Difference",
  ]);
  // The choice is said and stays in sight at the end of the page.
  const pressed = () => page.locator(".choices [aria-pressed=true]").allInnerTexts();
  assert.deepEqual(await pressed(), ["regressed-1: RED"]);
  await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
  const choice = page.getByRole("button", { name: /^base-2: / });
  assert.ok(
    await choice.evaluate(
      (button) =>
        document.elementFromPoint(...["x", "y"].map((side) => button.getBoundingClientRect()[side] + 4)) === button,
    ),
  );
  await choice.click();
  await verdict(page).waitFor();
  assert.deepEqual([await headings(), await pressed()], [named("base-2"), ["base-2: YELLOW"]]);
  // Of one run alone nothing needs a name.
  await openInputs(page);
  for (const run of ["base-2", "old-vllm"])
    await judgedAnew(page, () => page.getByRole("button", { name: `Remove ${run}` }).click());
  assert.deepEqual(await headings(), ["Verdict", "Plots", "Findings", "Context", "Next lever", "Provenance"]);
  assert.deepEqual([...new Set(await samples())], ["baseline", "current"]);
  await done();
});

test("the answer is drawn first, and every other part in a task of its own behind it", async () => {
  const { page, done } = await open(browser);
  await pick(page, "baseline", data("base-1"));
  await page.locator("[data-side=baseline] li").waitFor();
  await page.evaluate(() => {
    const results = document.querySelector(".results");
    const parts = {
      answer: "[data-verdict]",
      curve: ".curve svg",
      rows: ".rows",
      levels: ".levels",
      context: ".context",
    };
    // A callback for each task that changed something, with what stood there for the first time.
    globalThis.drawn = [];
    const seen = new Set();
    new MutationObserver(() => {
      const found = Object.keys(parts).filter((part) => !seen.has(part) && results.querySelector(parts[part]));
      for (const part of found) seen.add(part);
      if (found.length > 0) globalThis.drawn.push([...found, results.ariaBusy].join(" "));
    }).observe(results, { childList: true, subtree: true });
  });
  await pick(page, "current", data("regressed-1"));
  await verdict(page).waitFor();
  assert.deepEqual(
    await page.evaluate(() => globalThis.drawn),
    ["answer", "curve", "rows", "levels", "context"].map((part) => `${part} true`),
  );
  await done();
});

test("two runs of the same name are told apart", async () => {
  const { page, done } = await compared(browser, "base-1", "base-2", "base-2");
  await page.locator("thead th[scope=colgroup]").nth(1).waitFor();
  assert.deepEqual(await page.locator("[data-side=current] .run-name").allInnerTexts(), ["base-2", "base-2 (2)"]);
  await done();
});

test("rows are sorted and filtered, and the link keeps it", async () => {
  const { page, done } = await compared(browser, "base-1", "regressed-1");
  const metrics = () => page.locator("tbody tr[data-row]").evaluateAll((rows) => rows.map((row) => row.dataset.row));
  const all = await metrics();
  await page.getByLabel("Level", { exact: true }).selectOption("16");
  const some = await metrics();
  assert.deepEqual(
    some,
    all.filter((row) => row.startsWith("16/")),
  );
  await page.getByRole("button", { name: "Change", exact: true }).press("Enter");
  assert.equal(await page.locator("th[aria-sort=ascending]").innerText(), "Change ▲".replace(" ", ""));
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("data-sort")), "change");
  const changes = await page
    .locator("tbody tr[data-row] td.change")
    .evaluateAll((cells) => cells.map((cell) => Number.parseFloat(cell.textContent)));
  const known = changes.filter((change) => !Number.isNaN(change));
  assert.deepEqual(
    known,
    known.toSorted((a, b) => a - b),
  );
  assert.ok(known.length > 5);
  assert.equal(new URL(page.url()).hash, "#sort=change&level=16");
  // A link of another comparison may name what no row has; that filters nothing.
  await page.evaluate(() => (location.hash = "#metric=nope&level=99"));
  await page.reload();
  for (const side of ["baseline", "current"])
    await pick(page, side, data(side === "baseline" ? "base-1" : "regressed-1"));
  await verdict(page).waitFor();
  assert.equal((await metrics()).length, all.length);
  await done();
});

test("a row explains itself on hover and on focus, and Escape hides it", async () => {
  const { page, done } = await compared(browser, "base-1", "regressed-1");
  const status = page.locator('[data-row="16/throughput_toks_per_s"] .status');
  await status.hover();
  const tip = page.locator(".tip");
  assert.match(await tip.innerText(), /throughput_toks_per_s at c16: 259\.\d -> 85\.\d+ is a change of -67\.3 %/);
  await page.mouse.move(0, 0);
  await tip.waitFor({ state: "hidden" });
  await status.focus();
  await tip.waitFor();
  const described = await status.evaluate(
    (element) => document.getElementById(element.getAttribute("aria-describedby")).textContent,
  );
  assert.equal(described, await tip.innerText());
  await page.keyboard.press("Escape");
  await tip.waitFor({ state: "hidden" });
  await done();
});

test("differences of the context are marked in words", async () => {
  const { page, done } = await compared(browser, "base-1", "regressed-1");
  const row = page.locator(".context tr", { hasText: "prefix_caching" });
  assert.deepEqual(await row.locator("th, td").allInnerTexts(), ["context.prefix_caching", "on", "off", "differs"]);
  await done();
});

test("copied Markdown is the component's", async () => {
  const { page, done } = await compared(browser, "base-1", "regressed-1");
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.getByRole("button", { name: "Copy as Markdown" }).click();
  await page.getByText("copied").waitFor();
  assert.equal(
    await page.evaluate(() => navigator.clipboard.readText()),
    native.markdown(data("base-1"), data("regressed-1")),
  );
  await done();
});
