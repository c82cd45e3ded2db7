// How the page looks: accessibility, widths, themes, paper. Screenshots are kept to be looked at.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { launch, open, pick, verdict } from "./support/browser.mjs";
import { artefacts, data, require } from "./support/paths.mjs";

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
    const widths = () => page.locator(".rows .scroll").evaluate(({ scrollWidth, clientWidth }) => [scrollWidth, clientWidth]);
    assert.deepEqual(await widths(), [672, 672]);
    // The columns that are left out are said elsewhere: the unit behind the name, the direction beside the change.
    const row = page.locator('[data-row="16/throughput_toks_per_s"]');
    assert.equal(await row.locator(".detail").evaluateAll((cells) => cells.filter((cell) => cell.checkVisibility()).length), 0);
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
  assert.equal(await page.locator(".policy, .actions, .filters").evaluateAll((all) => all.filter((one) => one.checkVisibility()).length), 0);
  await page.screenshot({ path: `${artefacts}print.png`, fullPage: true });
  await done();
});
