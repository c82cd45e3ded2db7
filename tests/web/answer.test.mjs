// The answer comes first: where it stands, what it says, and what a reader can take along.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { after, before, test } from "node:test";
import { compared, downloaded, judgedAnew, launch, open, openInputs, pick, verdict } from "./support/browser.mjs";
import { fresh } from "./support/made.mjs";
import { artefacts, data, report, root } from "./support/paths.mjs";
import { native, run } from "./support/native.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

const bundle = (name) => `${root}tests/data/bundles/${name}`;
const fill = async (page, side, ...paths) => {
  for (const [at, path] of paths.entries()) {
    await pick(page, side, path);
    await page.locator(`[data-side=${side}] li`).nth(at).waitFor();
  }
};
const diff = (...args) => run("diff", "--baseline", data("base-1"), "--current", data("regressed-1"), ...args).stdout;

for (const [width, height] of [
  [1280, 900],
  [390, 844],
]) {
  test(`at ${width} by ${height} the first screen has the verdict, the numbers, what changed, the lever and the curve`, async () => {
    const { page, done } = await open(browser, { viewport: { width, height } });
    await fill(page, "baseline", data("base-1"));
    await fill(page, "current", data("regressed-1"));
    await verdict(page).waitFor();
    const parts = ["[data-verdict]", ".numbers", ".sentence", ".changed", ".next", ".curve svg[role=img]"];
    for (const part of parts) {
      const { x, y, width: wide, height: high } = await page.locator(part).boundingBox();
      assert.ok(y >= 0 && y + high <= height && x >= 0 && x + wide <= width, `${part}: ${y} to ${y + high}`);
    }
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width);
    await page.screenshot({ path: `${artefacts}first-${width}.png` });
    await done();
  });
}

test("the answer is what the component says of it, in the tab too", async () => {
  const { page, done } = await compared(browser, "base-1", "regressed-1");
  // Throughput at c16 in the exports of AIPerf: 259.79 and 85.03 tok/s.
  const large = () => page.locator(".numbers .large").allInnerTexts();
  assert.deepEqual(await large(), ["259.8", "85.03", "-67.3 %"]);
  const said = diff("--format", "answer").split("\n");
  const line = (begin) => said.find((line) => line.startsWith(begin));
  assert.equal(`headline: ${await page.locator(".sentence").innerText()}`, line("headline"));
  assert.equal(await page.locator(".changed").innerText(), line("changed"));
  const { lever, expected_unlock: unlock, gate } = JSON.parse(diff("--json")).next_lever;
  assert.equal(await page.locator(".next").innerText(), `Next ${lever}; unlock: ${unlock}; gate: ${gate}`);
  const title = `✕ RED: ${line("headline").slice("headline: ".length)}`;
  assert.equal(await page.title(), `${title} - Perfbridge`);
  await openInputs(page);
  await judgedAnew(page, () => page.getByRole("button", { name: "Remove regressed-1" }).click());
  assert.equal(await page.title(), "Perfbridge");
  await done();
});

test("inputs that are read are a line, which opens; what goes wrong opens them", async () => {
  const { page, done } = await open(browser);
  const folder = () => page.locator("label[for=current-folder]");
  await fill(page, "baseline", data("base-1"));
  assert.equal(await folder().isVisible(), true);
  await fill(page, "current", data("regressed-1"));
  await verdict(page).waitFor();
  const slots = page.locator(".slots");
  assert.equal(await folder().isVisible(), false);
  assert.ok((await slots.boundingBox()).height < 36);
  assert.match(await slots.innerText(), /base-1[\s\S]*regressed-1/);
  const opener = page.getByRole("button", { name: "Inputs" });
  assert.equal(await opener.getAttribute("aria-expanded"), "false");
  await opener.press("Enter");
  assert.deepEqual([await folder().isVisible(), await opener.getAttribute("aria-expanded")], [true, "true"]);
  await opener.press("Enter");
  assert.equal(await folder().isVisible(), false);
  const torn = `${fresh("torn")}/torn.zip`;
  writeFileSync(torn, "no archive");
  await pick(page, "current", torn);
  await page.locator("[data-side=current] .fault").waitFor();
  assert.equal(await folder().isVisible(), true);
  await done();
});

test("rows stand worst first as in the Markdown, those within tolerance one click away, and as many as it counts", async () => {
  const { page, done } = await compared(browser, "base-1", "regressed-1");
  const rows = (all) =>
    page
      .locator(`tr[data-row]${all ? "" : ":not([hidden])"}`)
      .evaluateAll((rows) => rows.map(({ dataset }) => dataset.row));
  const table = native
    .markdown(data("base-1"), data("regressed-1"))
    .split("## Rows, worst first")[1]
    .split("\n- ")[0]
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .slice(1)
    .map((line) => line.split(" | "))
    .map(([status, place, metric]) => ({ status, row: `${place.replace(/^c/, "")}/${metric}` }));
  const named = (lines) => lines.map(({ row }) => row);
  assert.deepEqual(await rows(true), named(table));
  assert.deepEqual(await rows(false), named(table.filter(({ status }) => status !== "| = within")));
  const counted = /All (\d+) rows/.exec(native.markdown(data("base-1"), data("regressed-1")))[1];
  const within = table.length - (await rows(false)).length;
  assert.ok(within > 0);
  assert.equal(await page.locator(".filters .hint").innerText(), `${table.length - within} of ${counted} rows`);
  await page.getByRole("button", { name: `Show ${within} within tolerance` }).press("Enter");
  assert.equal((await rows(false)).length, table.length);
  assert.equal(new URL(page.url()).hash, "#all=1");
  const hide = page.getByRole("button", { name: `Hide ${within} within tolerance` });
  assert.ok(await hide.evaluate((button) => button === document.activeElement));
  await hide.click();
  assert.equal((await rows(false)).length, table.length - within);
  // A status that is asked for is shown.
  await page.getByLabel("Status", { exact: true }).selectOption("within");
  assert.equal((await rows(false)).length, within);
  assert.match(await page.locator(".rows").innerText(), /not measured on either side: server KV cache peak/);
  await done();
});

test("where all rows are within tolerance the page says so and shows them on demand", async () => {
  const { page, done } = await open(browser);
  const documents = ["steady-1", "steady-2"].map((name) => bundle(`documents/${name}.json`));
  await pick(page, "baseline", documents[0]);
  await page.locator("[data-side=baseline] li").waitFor();
  await pick(page, "current", documents[1]);
  await verdict(page).waitFor();
  const { rows } = JSON.parse(native.judgement(...documents));
  const measured = rows.filter((row) => row.baseline !== null || row.current !== null);
  const outside = measured.filter(({ status }) => status !== "WITHIN").length;
  assert.equal(await page.locator(".filters .hint").innerText(), `${outside} of ${measured.length} rows`);
  await done();
});

test("without a verdict the numbers stand with why they do not count, and no row has the colour of a verdict", async () => {
  const { page, done } = await open(browser);
  const documents = ["plain", "not-comparable"].map((name) => bundle(`documents/${name}.json`));
  await fill(page, "baseline", documents[0]);
  await fill(page, "current", documents[1]);
  await verdict(page).waitFor();
  assert.match(await page.title(), /^– NO VERDICT: c16 throughput 742\.9 -> 371\.4 tok\/s, -50\.0 %, does not count/);
  assert.match(await page.locator(".reason").innerText(), /differ in quantization/);
  assert.equal(await page.locator(".changed").innerText(), "changed (1): quantization BF16 -> NVFP4");
  assert.match(await page.locator(".rows").innerText(), /without a verdict none counts/);
  const colours = (selector) =>
    page.locator(selector).evaluateAll((all) => [...new Set(all.map((one) => getComputedStyle(one).color))]);
  const [soft] = await colours(".rule");
  assert.deepEqual(await colours("tr[data-row] .status, tr[data-row] .status .mark, tr[data-row] .change"), [soft]);
  // Declared on purpose, which the link keeps, the two are judged.
  await judgedAnew(page, () => page.getByRole("checkbox", { name: "quantization", exact: true }).check());
  assert.equal(new URL(page.url()).hash, "#vary=quantization");
  const judged = run("diff", "--baseline", documents[0], "--current", documents[1], "--vary", "quantization", "--json");
  assert.equal(await downloaded(page, "Download verdict.json"), judged.stdout);
  assert.equal(await page.locator("[data-verdict]").innerText(), "RED");
  await done();
});

test("on a phone a row is two lines and nothing scrolls sideways, with repeated runs too", async () => {
  const { page, done } = await open(browser, { viewport: { width: 390, height: 844 } });
  await fill(page, "baseline", bundle("aa-01"), bundle("aa-02"), bundle("aa-03"));
  await fill(page, "current", bundle("slow-01"));
  await verdict(page).waitFor();
  const lines = async () => {
    const rows = await page.locator("tr[data-row]:not([hidden])").evaluateAll((rows) =>
      rows.map((row) => {
        const cells = [...row.cells].filter((cell) => cell.checkVisibility());
        return {
          lines: getComputedStyle(row).gridTemplateRows.split(" ").length,
          highest: Math.max(...cells.map((cell) => cell.getBoundingClientRect().height)),
          height: row.getBoundingClientRect().height,
        };
      }),
    );
    assert.ok(rows.length >= 5);
    for (const row of rows) assert.ok(row.lines === 2 && row.highest < 24 && row.height <= 46, JSON.stringify(row));
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
    assert.equal(await page.locator(".rows .scroll").evaluate((box) => box.scrollWidth - box.clientWidth), 0);
  };
  await lines();
  for (const at of [2, 3]) {
    await pick(page, "current", bundle(`slow-0${at}`));
    await page
      .locator("[data-side=current] li")
      .nth(at - 1)
      .waitFor();
  }
  await page.locator("thead th[scope=colgroup]").nth(2).waitFor();
  await judgedAnew(page, () => page.getByLabel(/trials of one configuration/).check());
  await lines();
  await page.locator(".rows").screenshot({ path: `${artefacts}phone-rows.png` });
  await done();
});

test("with trials rows have their spread and the interval of the change", async () => {
  const { page, done } = await open(browser);
  const [before, after] = ["aa", "slow"].map((name) => [1, 2, 3].map((at) => bundle(`${name}-0${at}`)));
  await fill(page, "baseline", ...before);
  await fill(page, "current", ...after);
  await judgedAnew(page, () => page.getByLabel(/trials of one configuration/).check());
  const { rows } = JSON.parse(await downloaded(page, "Download verdict.json"));
  const { shown } = rows.find(({ metric, level }) => metric === "throughput_toks_per_s" && level === "16");
  const row = page.locator('[data-row="16/throughput_toks_per_s"]');
  const texts = async (selector) => (await row.locator(selector).allInnerTexts()).map((text) => text.trim());
  assert.deepEqual(await texts(".trials"), [shown.baseline_trials, shown.current_trials]);
  assert.deepEqual(await texts(".interval"), [shown.interval]);
  // Throughput at c16 of the three exports on each side, by Python's statistics: means 249.2 and 212.6.
  assert.match(shown.baseline_trials, /^n 3, 249\.2 ± /);
  assert.match(shown.current_trials, /^n 3, 212\.6 ± /);
  assert.deepEqual(await page.locator(".numbers dd.hint").allInnerTexts(), [
    shown.baseline_trials,
    shown.current_trials,
    `in pairs, 99 % interval ${shown.interval}`,
  ]);
  await done();
});

test("the verdict stays in view while tolerances are changed, and changes with them", async () => {
  for (const viewport of [
    { width: 1280, height: 700 },
    { width: 390, height: 844 },
  ]) {
    const { page, done } = await open(browser, { viewport });
    await fill(page, "baseline", data("base-1"));
    await fill(page, "current", data("regressed-1"));
    await verdict(page).waitFor();
    const bar = page.locator(".now");
    assert.equal(await bar.isVisible(), false);
    const field = page.getByLabel("throughput_toks_per_s", { exact: true });
    await field.focus();
    await field.scrollIntoViewIfNeeded();
    await bar.waitFor();
    assert.match(await bar.innerText(), /^✕ RED: c16 throughput 259\.8 -> 85\.03 tok\/s, -67\.3 % \(tolerance 3 %\)/);
    const { x, y, width } = await bar.boundingBox();
    assert.deepEqual([x, y, width], [0, 0, viewport.width]);
    // The field that has the focus is not below it.
    assert.ok((await field.boundingBox()).y >= (await bar.boundingBox()).height);
    await judgedAnew(page, () => field.fill("70"));
    assert.match(await bar.innerText(), /\(tolerance 70 %\)/);
    await page.evaluate(() => scrollTo(0, 0));
    await bar.waitFor({ state: "hidden" });
    await done();
  }
});

test("what was set stands in the link, and a page opened by it judges the same", async () => {
  const { page, done } = await compared(browser, "base-1", "regressed-1");
  await judgedAnew(page, () => page.getByLabel("throughput_toks_per_s", { exact: true }).fill("70"));
  await judgedAnew(page, () => page.getByLabel("Headline at", { exact: true }).selectOption("4"));
  await judgedAnew(page, () => page.getByLabel(/percentiles of too few requests/).check());
  const { hash } = new URL(page.url());
  assert.equal(hash, "#tolerance.throughput_toks_per_s=70&headline=4&tails=observe");
  const judged = await downloaded(page, "Download verdict.json");
  const options = ["--tolerance", "throughput_toks_per_s=70", "--headline-level", "4", "--tails", "observe"];
  assert.equal(judged, diff(...options, "--json"));
  const again = await open(browser, { url: pathToFileURL(report).href + hash });
  await fill(again.page, "baseline", data("base-1"));
  await fill(again.page, "current", data("regressed-1"));
  await verdict(again.page).waitFor();
  assert.equal(await downloaded(again.page, "Download verdict.json"), judged);
  assert.equal(await again.page.getByLabel("throughput_toks_per_s", { exact: true }).inputValue(), "70");
  assert.equal(await again.page.getByLabel("Headline at", { exact: true }).inputValue(), "4");
  assert.equal(await again.page.getByLabel(/percentiles of too few requests/).isChecked(), true);
  // A link that is pasted into the open page counts at once.
  await judgedAnew(again.page, () => again.page.evaluate(() => (location.hash = "#tolerance.itl_p50_ms=9")));
  assert.equal(await downloaded(again.page, "Download verdict.json"), diff("--tolerance", "itl_p50_ms=9", "--json"));
  await judgedAnew(again.page, () => again.page.getByRole("button", { name: "Reset" }).click());
  assert.equal(new URL(again.page.url()).hash, "");
  await again.done();
  await done();
});

test("what was set is copied as a command and as a policy file, which judge the same", async () => {
  const { page, done } = await compared(browser, "base-1", "regressed-1");
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  const copied = async (name) => {
    await page.getByRole("button", { name }).click();
    await page.locator(".policy .said", { hasText: "copied" }).waitFor();
    return page.evaluate(() => navigator.clipboard.readText());
  };
  assert.equal(await copied("Copy as command line"), "perfbridge diff base-1 regressed-1");
  await judgedAnew(page, () => page.getByLabel("throughput_toks_per_s", { exact: true }).fill("70"));
  await judgedAnew(page, () => page.getByLabel("Headline at", { exact: true }).selectOption("4"));
  await judgedAnew(page, () => page.getByLabel(/percentiles of too few requests/).check());
  const judged = await downloaded(page, "Download verdict.json");
  const command = await copied("Copy as command line");
  const [name, verb, ...words] = command.split(" ");
  assert.deepEqual([name, verb, ...words.slice(0, 2)], ["perfbridge", "diff", "base-1", "regressed-1"]);
  assert.equal(run(verb, data(words[0]), data(words[1]), ...words.slice(2), "--json").stdout, judged);
  const policy = `${fresh("policy")}/perfbridge.toml`;
  writeFileSync(policy, await copied("Copy as perfbridge.toml"));
  // The judgement says who set a tolerance: a file did.
  const origin = (json) => json.replaceAll('"command-line"', '"policy"').replaceAll("(command-line)", "(policy)");
  assert.equal(diff("--policy", policy, "--json"), origin(judged));
  await done();
});

test("one run alone shows its summary, in the words of the component", async () => {
  const { directory, load } = await import(`${root}dist/npm/src/engine/node.js`);
  const { page, done } = await open(browser);
  await fill(page, "current", data("regressed-1"));
  const summary = page.locator(".summary");
  await summary.waitFor();
  assert.equal(await summary.locator("h2").innerText(), "Summary of regressed-1");
  const { summary: text } = load().readBundle(directory(data("regressed-1")));
  assert.equal(await summary.locator("pre").textContent(), text);
  await fill(page, "baseline", data("base-1"));
  await verdict(page).waitFor();
  assert.equal(await summary.count(), 0);
  await done();
});

test("the sample is a committed pair, opened without a network, and gone from a page in use", async () => {
  const { page, done } = await open(browser);
  const button = page.getByRole("button", { name: "Open a sample" });
  await button.press("Enter");
  await verdict(page).waitFor();
  assert.equal(await downloaded(page, "Download verdict.json"), native.judgement(data("base-1"), data("regressed-1")));
  assert.equal(await button.isVisible(), false);
  await done();
});

test("the page says that nothing leaves the computer, and its policy sees to it", async () => {
  const { page, done } = await open(browser);
  assert.match(await page.locator("header").innerText(), /Nothing leaves this computer\./);
  assert.match(readFileSync(report, "utf8"), /http-equiv="Content-Security-Policy" content="[^"]*connect-src 'none'/);
  const said = await page.evaluate(() => fetch("https://example.com/").then(String, String));
  assert.match(said, /TypeError: Failed to fetch/);
  await page.close();
  await assert.rejects(done(), /Content Security Policy/);
});
