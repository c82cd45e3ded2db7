// How the page looks: accessibility, widths, themes, paper. Screenshots are kept to be looked at.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { launch, open, pick, verdict } from "./support/browser.mjs";
import { artefacts, data, require, root } from "./support/paths.mjs";

const bundle = (name) => `${root}tests/data/bundles/${name}`;
let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

for (const scheme of ["light", "dark"]) {
  test(`axe finds nothing, ${scheme}`, async () => {
    const { page, done } = await open(browser, { colorScheme: scheme });
    await page.evaluate(readFileSync(require.resolve("axe-core/axe.min.js"), "utf8"));
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
    const widths = () =>
      page.locator(".rows .scroll").evaluate(({ scrollWidth, clientWidth }) => [scrollWidth, clientWidth]);
    assert.deepEqual(await widths(), [672, 672]);
    // The columns that are left out are said elsewhere: the unit behind the name, the direction beside the change.
    const row = page.locator('[data-row="16/throughput_toks_per_s"]');
    assert.equal(
      await row.locator(".detail").evaluateAll((cells) => cells.filter((cell) => cell.checkVisibility()).length),
      0,
    );
    assert.equal(await row.locator("th").evaluate((cell) => getComputedStyle(cell, "::after").content), '" tok/s"');
    assert.match(await row.locator(".change").innerText(), /-67\.3 %\s*worse/);
    await page.screenshot({ path: `${artefacts}${scheme}-720.png`, fullPage: true });
    await page.evaluate(readFileSync(require.resolve("axe-core/axe.min.js"), "utf8"));
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
  assert.equal(
    await page
      .locator(".policy, .actions, .filters")
      .evaluateAll((all) => all.filter((one) => one.checkVisibility()).length),
    0,
  );
  await page.screenshot({ path: `${artefacts}print.png`, fullPage: true });
  await done();
});

test("at 1280 px five runs keep their rows on one line, and the page does not scroll sideways", async () => {
  const { page, done } = await open(browser);
  await pick(page, "baseline", data("base-1"));
  for (const [at, run] of ["regressed-1", "base-2", "aa-01", "aa-02", "noisy-1"].entries()) {
    await pick(page, "current", bundle(run));
    await page
      .locator("thead th[scope=colgroup]")
      .nth(Math.max(0, at))
      .waitFor({ state: at === 0 ? "detached" : "attached" });
  }
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 1280);
  const lines = await page
    .locator('tr[data-row$="/throughput_toks_per_s"], tr[data-row$="/request_latency_p50_ms"]')
    .evaluateAll((rows) => rows.map((row) => row.getBoundingClientRect().height));
  assert.equal(lines.length, 10);
  assert.ok(
    lines.every((height) => height < 30),
    lines.join(),
  );
  await page.screenshot({ path: `${artefacts}five-runs.png`, fullPage: true });
  await done();
});

/** A4 upright without its margins of 14 mm, in CSS pixels; Letter is wider. */
const PAPER = 687;
for (const runs of [
  ["regressed-1"],
  ["regressed-1", "base-2"],
  ["regressed-1", "base-2", "aa-01"],
  ["regressed-1", "base-2", "aa-01", "aa-02"],
  ["regressed-1", "base-2", "aa-01", "aa-02", "noisy-1"],
]) {
  test(`on paper nothing runs off, current runs: ${runs.length}`, async () => {
    const { page, done } = await open(browser, { viewport: { width: PAPER, height: 1017 } });
    await pick(page, "baseline", data("base-1"));
    for (const [at, run] of runs.entries()) {
      await pick(page, "current", bundle(run));
      await page.locator("[data-side=current] li").nth(at).waitFor();
    }
    await page.waitForFunction(
      (count) =>
        document.querySelectorAll(".choices button").length === (count > 1 ? count : 0) &&
        document.querySelector("[data-verdict]"),
      runs.length,
    );
    const rows = await page.locator("tr[data-row]").evaluateAll((rows) => rows.map((row) => row.dataset.row));
    await page.emulateMedia({ media: "print" });
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), PAPER);
    // Every run stands in one piece, and every piece has all rows.
    const pieces = await page.locator(".piece").evaluateAll((tables) =>
      tables.map((table) => ({
        runs: [...table.querySelectorAll("thead tr:first-child .run")].map((cell) => cell.textContent),
        rows: [...table.querySelectorAll("tbody tr")].map(
          (row) => `${row.cells[0].textContent.replace(/^c(?=\d+$)/, "")}/${row.cells[1].textContent}`,
        ),
        right: table.getBoundingClientRect().right,
      })),
    );
    assert.deepEqual(
      pieces.flatMap((piece) => piece.runs),
      runs,
    );
    assert.ok(pieces.every((piece) => piece.runs.length <= 2 && piece.right <= PAPER));
    for (const piece of pieces) assert.deepEqual(piece.rows, rows);
    const size = (selector) =>
      page
        .locator(selector)
        .first()
        .evaluate((element) => Number.parseFloat(getComputedStyle(element).fontSize));
    assert.deepEqual([await size(".finding-list"), await size(".recommended")], [10.5, 10.5]);
    await page.pdf({ path: `${artefacts}print-${runs.length}.pdf`, preferCSSPageSize: true, format: "A4" });
    await done();
  });
}
