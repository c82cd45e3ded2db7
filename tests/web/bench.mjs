// Time from drop to verdict in Chromium, page opened from disk, baseline already there, and from the start of `view` to
// the verdict in a browser that runs: medians of ROUNDS pages.
//   node tests/web/bench.mjs [ROUNDS]
import { drop, launch, open, verdict } from "./support/browser.mjs";
import { fiveLevels, large } from "./support/made.mjs";
import { data } from "./support/paths.mjs";
import { served } from "./support/view.mjs";

const rounds = Number(process.argv[2] ?? 7);
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

async function once(browser, current) {
  const { page, done } = await open(browser);
  await drop(page, "baseline", data("base-1"));
  await page.locator("[data-side=baseline] li").waitFor();
  await page.evaluate(() => {
    addEventListener("drop", () => (globalThis.dropped = performance.now()), { capture: true });
    globalThis.judged = new Promise((resolve) => {
      new MutationObserver(() => {
        // The frame after the verdict stands in the page is the one that shows it.
        if (document.querySelector("[data-verdict]")) requestAnimationFrame(() => resolve(performance.now()));
      }).observe(document.body, { childList: true, subtree: true });
    });
  });
  await drop(page, "current", current);
  await verdict(page).waitFor({ timeout: 120_000 });
  const took = await page.evaluate(async () => (await globalThis.judged) - globalThis.dropped);
  await done();
  return took;
}

async function viewed(browser, path) {
  const start = performance.now();
  const { url, end } = await served(path, path);
  const { page, done } = await open(browser, { url, offline: false });
  await verdict(page).waitFor();
  const took = performance.now() - start;
  await done();
  end();
  return took;
}

const browser = await launch();
for (const [name, time, path, goal] of [
  ["view of two 5-level bundles", viewed, fiveLevels(), 2000],
  ["5-level bundle", once, fiveLevels(), 300],
  ["200 MB of records, 4 files", once, large(200e6, ["c4", "c8", "c16", "c32"]), 3000],
  ["200 MB of records, 1 file", once, large(200e6), 3000],
]) {
  const times = [];
  for (let round = 0; round < rounds; round += 1) times.push(await time(browser, path));
  const all = times.map((time) => time.toFixed(0)).join(" ");
  console.log(`${name}: median ${median(times).toFixed(0)} ms (goal ${goal} ms) of ${rounds}: ${all}`);
}
await browser.close();
