// Time from drop to verdict in Chromium, page opened from disk, baseline already there, the longest task of the page's own
// thread until everything is drawn, and the time from the start of `view` to the verdict in a browser that runs: medians of
// ROUNDS pages.
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
    // The browser names those of 50 ms and more.
    const tasks = new PerformanceObserver((seen) => taken(seen.getEntries()));
    const taken = (entries) => {
      for (const { duration } of entries) globalThis.longest = Math.max(globalThis.longest, duration);
    };
    globalThis.longest = 0;
    tasks.observe({ type: "longtask" });
    globalThis.longestTask = () => {
      taken(tasks.takeRecords());
      return globalThis.longest;
    };
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
  // The frame of the part that was drawn last.
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
  const blocked = await page.evaluate(() => globalThis.longestTask());
  await done();
  return { took, blocked };
}

async function viewed(browser, path) {
  const start = performance.now();
  const { url, end } = await served(path, path);
  const { page, done } = await open(browser, { url, offline: false });
  await verdict(page).waitFor();
  const took = performance.now() - start;
  await done();
  end();
  return { took };
}

const listed = (values) => values.map((value) => value.toFixed(0)).join(" ");

const browser = await launch();
for (const [name, time, path, goal] of [
  ["view of two 5-level bundles", viewed, fiveLevels(), 2000],
  ["5-level bundle", once, fiveLevels(), 100],
  ["200 MB of records, 4 files", once, large(200e6, ["c4", "c8", "c16", "c32"]), 1200],
  ["200 MB of records, 1 file", once, large(200e6), 1200],
]) {
  const found = [];
  for (let round = 0; round < rounds; round += 1) found.push(await time(browser, path));
  const times = found.map(({ took }) => took);
  console.log(`${name}: median ${median(times).toFixed(0)} ms (goal ${goal} ms) of ${rounds}: ${listed(times)}`);
  if (time !== once) continue;
  const longest = found.map(({ blocked }) => blocked);
  console.log(
    `  longest task: median ${median(longest).toFixed(0)} ms (goal 50 ms; 0 is below it): ${listed(longest)}`,
  );
}
await browser.close();
