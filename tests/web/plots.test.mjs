// What the plots draw, held against numbers that were worked out without the page.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { compared, fill, launch, open, verdict } from "./support/browser.mjs";
import { artefacts, require, root } from "./support/paths.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

test("the distribution is drawn from the judgement, or said to be missing", async () => {
  const { build } = await import(require.resolve("vite"));
  const entry = `${root}web/src/view/plots/distributions.ts`;
  const built = await build({
    configFile: false,
    logLevel: "silent",
    build: { write: false, lib: { entry, name: "plots", formats: ["iife"] } },
  });
  const { page, done } = await open(browser);
  await page.goto("about:blank");
  await page.addScriptTag({ content: [built].flat()[0].output[0].code });
  const imported = (_, path) => readFileSync(`${root}web/src/${path}`, "utf8");
  const sheet = readFileSync(`${root}web/src/style.css`, "utf8").replace(/@import "(.+)";/g, imported);
  assert.match(sheet, /\.strip/);
  await page.addStyleTag({ content: sheet });
  const headline = { metric: "throughput_toks_per_s", level: "16" };
  const draw = (judgement, chosen) =>
    page.evaluate(
      ([whole, chosen]) =>
        document.body.replaceChildren(
          globalThis.plots.distributionPlot(whole, "current", chosen, (next) => (globalThis.chosen = next)) ?? "",
        ),
      [{ headline, ...judgement }, chosen],
    );
  // A judgement that says nothing about requests, as older components give it, is not one of a run without records.
  await draw({}, "");
  assert.equal(await page.locator("body").innerText(), "");
  await draw({ distributions: null }, "");
  assert.match(await page.locator("figure").innerText(), /no per-request records/);
  // Quantiles 0, 2, 4 .. 100 % of the even spread 0..100 ms, and of 0..200 ms.
  const side = (most) => ({ of: 64, n: 60, quantiles: Array.from({ length: 51 }, (_, at) => (most * at) / 50) });
  const distributions = [
    { quantity: "ttft_ms", level: "4", baseline: side(10), current: null },
    { quantity: "ttft_ms", level: "16", baseline: side(100), current: side(200) },
  ];
  // What nobody chose is the level of the headline.
  await draw({ distributions }, "");
  assert.equal(await page.getByLabel("Measured at", { exact: true }).inputValue(), "16");
  await draw({ distributions }, "ttft_ms/16");
  const label = await page.locator("figure > svg").getAttribute("aria-label");
  assert.match(label, /TTFT at c16\. baseline: median 50 ms, longest 100 ms; current: median 100 ms, longest 200 ms/);
  assert.ok((await page.locator("figure svg title").allTextContents()).includes("current: 10 % at or below 20 ms"));
  await page.getByLabel("Measured at", { exact: true }).selectOption("4");
  assert.equal(await page.evaluate(() => globalThis.chosen), "ttft_ms/4");
  await draw({ distributions }, "ttft_ms/4");
  assert.match(
    await page.locator("figure").innerText(),
    /baseline: 60 of 64 requests; current: no per-request records/,
  );
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
      {
        side: "baseline",
        ...at("ttft_ms"),
        first: 10.2,
        last: 9.9,
        change_percent: -2.94,
        low: -0.8,
        high: 0.2,
        p_value: 0.3,
        drifted: false,
      },
      {
        side: "current",
        ...at("ttft_ms"),
        first: 100,
        last: 150,
        change_percent: 50,
        low: 40,
        high: 61.25,
        p_value: 0.0004,
        drifted: true,
      },
      {
        side: "current",
        ...at("itl_ms"),
        first: 1,
        last: 2,
        change_percent: null,
        low: null,
        high: null,
        p_value: null,
        drifted: true,
      },
    ],
  };
  await draw(
    {
      distributions: [...distributions, { quantity: "itl_ms", level: "16", baseline: side(1), current: side(2) }],
      evidence,
    },
    "ttft_ms/16",
  );
  assert.equal(
    await page.locator(".within-runs p").innerText(),
    "Within these runs only; it does not decide the verdict:",
  );
  assert.deepEqual(await page.locator(".within-runs li").allInnerTexts(), [
    "ttft_p50_ms: current minus baseline +12.5 ms, 95 % interval -0.25 to +1500.4 ms (60 and 58 requests)",
    "ttft_p95_ms: current minus baseline -3 ms, no interval, too few requests (60 and 58 requests)",
    "TTFT: a current request is slower than a baseline one with a chance of 0.7125 (Mann-Whitney, p below 0.001)",
    "TTFT in the course of the baseline run: no drift, median 10.2 ms in the first third and 9.9 ms in the last " +
      "(-2.94 %, 95 % interval -0.8 to +0.2 ms, p 0.3)",
    "TTFT in the course of the current run: drifted, median 100 ms in the first third and 150 ms in the last " +
      "(+50 %, 95 % interval +40 to +61.25 ms, p below 0.001)",
  ]);
  await page.locator("figure").screenshot({ path: `${artefacts}evidence.png` });
  await draw(
    { distributions: [{ quantity: "itl_ms", level: "16", baseline: side(1), current: side(2) }], evidence },
    "itl_ms/16",
  );
  assert.deepEqual(await page.locator(".within-runs li").allInnerTexts(), [
    "ITL: a current request is slower than a baseline one with a chance of 0.11 (Mann-Whitney, p 0.5)",
    "ITL in the course of the current run: drifted, median 1 ms in the first third and 2 ms in the last " +
      "(no interval, too few requests, no p)",
  ]);
  await done();
});

test("no label of the throughput plot covers a marker or another label", async () => {
  // At five levels of a server that is full from 8 on, its points stand close together.
  const { page, done } = await compared(browser, "base-1", "regressed-1");
  for (const axis of ["tps_per_user", "ttft_p50_ms", "ttft_p95_ms"]) {
    await page.getByLabel("Horizontal axis").selectOption(axis);
    const boxes = await page
      .locator("figure", { hasText: "Throughput against latency" })
      .locator("svg[role=img]")
      .evaluate((svg) => {
        const of = (selector, shrink) =>
          [...svg.querySelectorAll(selector)].map((element) => {
            const { left, right, top, bottom } = element.getBoundingClientRect();
            return { name: element.textContent, left, right, top: top + shrink, bottom: bottom - shrink };
          });
        // The box of a text has room for accents above and tails below, which digits have not.
        return { labels: of("text.label", 3), markers: of(".point", 0) };
      });
    assert.equal(boxes.labels.length, 10);
    const covers = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
    const covered = boxes.labels.filter((label, at) =>
      [...boxes.labels.slice(at + 1), ...boxes.markers].some((other) => covers(label, other)),
    );
    assert.deepEqual(
      covered.map(({ name }) => name),
      [],
      axis,
    );
  }
  await done();
});

test("kernel classes are bars as long as their share, on both sides", async () => {
  const { page, done } = await open(browser);
  const paired = (when) => ({
    paths: [`${root}tests/data/bundles/base-2`],
    profile: `${root}tests/data/bundles/zymtrace-${when}`,
    settings: [],
  });
  await fill(page, "baseline", paired("before"));
  await fill(page, "current", paired("after"));
  await verdict(page).waitFor();
  const figure = page.locator("figure", { hasText: "GPU time by kernel class" });
  const bars = await figure
    .locator(".bars")
    .evaluateAll((all) =>
      all.map((bars) =>
        [...bars.querySelectorAll("rect")].map((bar) => [
          bar.getAttribute("class"),
          Number(bar.getAttribute("width")),
          Math.round((1000 * bar.getBoundingClientRect().width) / bar.ownerSVGElement.getBoundingClientRect().width) /
            10,
        ]),
      ),
    );
  const kernels = await figure.locator(".kernel").allInnerTexts();
  const shares = await figure
    .locator(".shares")
    .evaluateAll((all) => all.map((share) => [...share.children].map((side) => side.textContent)));
  // Samples of 1000 in the two profiles, by the kernels of each class.
  const made = { fp8_bmm: [45, 40], moe_routing_finalize: [15, 15], nvjet_tst_64x8: [10, 10], tp_all_reduce: [30, 35] };
  assert.deepEqual(kernels, Object.keys(made));
  assert.deepEqual(
    bars,
    Object.values(made).map(([before, after]) => [
      ["fill baseline", before, before],
      ["fill current", after, after],
    ]),
  );
  assert.deepEqual(
    shares,
    Object.values(made).map((sides) => sides.map((share) => `${share}.00 %`)),
  );
  await figure.screenshot({ path: `${artefacts}kernels.png` });
  await done();
});

test("at 1280 px no side of the plots is left blank beside the distribution", async () => {
  const { page, done } = await open(browser);
  const records = { paths: [`${root}tests/data/bundles/base-1-records`], settings: [] };
  for (const side of ["baseline", "current"]) await fill(page, side, records, "tinyllama-7m");
  await verdict(page).waitFor();
  const chart = await page.locator(".distribution > svg").boundingBox();
  const words = await page.locator(".distribution .within-runs").boundingBox();
  const deltas = await page.locator("figure", { hasText: "Change by metric" }).boundingBox();
  assert.ok(words.x > chart.x + chart.width && words.y < chart.y + chart.height);
  assert.ok(deltas.y >= Math.max(chart.y + chart.height, words.y + words.height));
  assert.equal(deltas.width, words.x + words.width - chart.x);
  await page.locator(".plots").screenshot({ path: `${artefacts}plots.png` });
  await done();
});

/** Numbers of an axis as it is drawn: the pixels of a value, from its lines and their labels. */
const drawn = (figure) =>
  figure.locator("svg[role=img]").evaluate((svg) => {
    const number = (element, name) => Number(element.getAttribute(name));
    const ticks = [...svg.querySelectorAll(".grid text[text-anchor=end]")].map((text) => ({
      value: Number(text.textContent),
      y: number(text, "y") - 4,
    }));
    const marks = [...svg.querySelectorAll(".point, .trial")].map((mark) => ({
      kind: mark.getAttribute("class"),
      said: mark.parentElement.querySelector(":scope > title")?.textContent,
      y: mark.tagName === "circle" ? number(mark, "cy") : number(mark, "y") + number(mark, "height") / 2,
      x: mark.tagName === "circle" ? number(mark, "cx") : number(mark, "x") + number(mark, "width") / 2,
    }));
    return { ticks, marks };
  });

/** Where a value lies on a logarithmic axis through two of its ticks. */
function onAxis([first, ...ticks], value) {
  const last = ticks.at(-1);
  const [low, high, at] = [first.value, last.value, value].map(Math.log);
  return first.y + ((at - low) / (high - low)) * (last.y - first.y);
}

const isClose = (a, b) => assert.ok(Math.abs(a - b) < 0.5, `${a} is not ${b}`);

test("small plots are logarithmic over the concurrency; what is unreliable is hollow and stretches no scale", async () => {
  const { page, done } = await compared(browser, "base-1", "regressed-1");
  assert.deepEqual(
    (await page.locator(".levels h3").allInnerTexts()).map((title) => title.split(" ").slice(0, -4).join(" ")),
    ["Throughput", "TTFT p50", "TTFT p95", "ITL p50", "Request latency p50"],
  );
  const small = (title) => page.locator(".small", { has: page.locator("h3", { hasText: title }) });
  const { ticks, marks } = await drawn(small("Throughput"));
  // Of the exports of AIPerf and the report of the run, in tok/s.
  const before = [95.0, 201.29, 231.9, 259.79, 186.4];
  for (const [at, { y }] of marks.filter(({ kind }) => kind === "point baseline").entries())
    isClose(y, onAxis(ticks, before[at]));
  // c4, c8, c16 and c32 are as far apart as their logarithms.
  const xs = marks.filter(({ kind }) => kind === "point baseline").map(({ x }) => x);
  for (const step of [xs[2] - xs[1], xs[3] - xs[2], xs[4] - xs[3], (xs[1] - xs[0]) / 2]) isClose(step, xs[2] - xs[1]);
  // At c1 streams arrived whole: ITL is 0 and counts nowhere.
  const itl = await drawn(small("ITL p50"));
  const hollow = itl.marks.filter(({ kind }) => kind.endsWith("hollow"));
  assert.deepEqual(
    hollow.map(({ said }) => said),
    ["baseline, c1: 0, unreliable", "current, c1: 0, unreliable"],
  );
  const lowest = Math.max(...itl.marks.map(({ y }) => y));
  for (const { y } of hollow) isClose(y, lowest);
  assert.ok(Math.min(...itl.ticks.map(({ value }) => value)) >= 5);
  const curve = await drawn(page.locator(".curve"));
  assert.deepEqual(
    curve.marks.filter(({ kind }) => kind.endsWith("hollow")).map(({ said }) => said),
    ["baseline, c1: 95.00 at 219.4, unreliable", "current, c1: 58.40 at 147.3, unreliable"],
  );
  await page.locator(".levels").screenshot({ path: `${artefacts}levels.png` });
  await done();
});

test("with trials every run is a dot, where its own export has it", async () => {
  const { page, done } = await open(browser);
  const bundles = (name) => [1, 2, 3].map((at) => `${root}tests/data/bundles/${name}-0${at}`);
  await fill(page, "baseline", { paths: bundles("aa"), settings: [] });
  await fill(page, "current", { paths: bundles("slow"), settings: [] });
  await page.getByLabel(/trials of one configuration/).check();
  // Runs may still be read when this is said, so that a further judgement can be of some of them alone.
  const small = page.locator(".small", { hasText: "Throughput" });
  await small.locator(".trial").nth(11).waitFor({ state: "attached" });
  const { ticks, marks } = await drawn(small);
  for (const [side, name] of [
    ["baseline", "aa"],
    ["current", "slow"],
  ]) {
    const exported = [4, 16].flatMap((level) =>
      bundles(name).map((run) => {
        const path = `${run}/aiperf-c${level}/profile_export_aiperf.json`;
        return JSON.parse(readFileSync(path, "utf8")).output_token_throughput.avg;
      }),
    );
    const dots = marks.filter(({ kind }) => kind === `trial ${side}`);
    assert.equal(dots.length, 6);
    for (const [at, { y }] of dots.entries()) isClose(y, onAxis(ticks, exported[at]));
  }
  assert.equal(await page.locator(".curve .trial").count(), 12);
  await done();
});

test("the distribution marks its percentiles, and says those that the rows have", async () => {
  const { page, done } = await compared(browser, "base-1", "regressed-1");
  const figure = page.locator(".distribution");
  assert.match(await figure.innerText(), /p50 674\.2 -> 4725 ms, p95 1059 -> 5405 ms, p99 1064 -> 5727 ms/);
  assert.deepEqual(await figure.locator("text.percentile").allTextContents(), ["p50", "p95", "p99"]);
  const { ticks, marks } = await drawn(figure);
  const [bottom, top] = [0, 100].map((value) => ticks.find((tick) => tick.value === value).y);
  for (const side of ["baseline", "current"]) {
    const large = marks.filter(({ kind, said }) => kind === `point ${side}` && said === undefined);
    assert.equal(large.length, 3);
    for (const [at, percent] of [50, 95, 99].entries()) isClose(large[at].y, bottom + ((top - bottom) * percent) / 100);
  }
  await done();
});

for (const width of [390, 720, 1280, 1920]) {
  test(`no label of any plot covers another or leaves its plot, ${width} px wide`, async () => {
    for (const [before, after] of [
      ["base-1", "regressed-1"],
      ["base-1", "base-2"],
      ["documents/plain.json", "documents/not-comparable.json"],
      ["documents/steady-1.json", "documents/steady-2.json"],
    ]) {
      const { page, done } = await open(browser, { viewport: { width, height: 900 } });
      await fill(page, "baseline", { paths: [`${root}tests/data/bundles/${before}`], settings: [] });
      await fill(page, "current", { paths: [`${root}tests/data/bundles/${after}`], settings: [] });
      await verdict(page).waitFor();
      const found = await page
        .locator(".curve svg[role=img], .levels svg, .distribution > svg, .strip svg")
        .evaluateAll((all) =>
          all.flatMap((svg) => {
            const frame = svg.getBoundingClientRect();
            // The box of a text has room for accents above and tails below, which digits have not.
            const boxes = [...svg.querySelectorAll("text")].map((text) => {
              const { left, right, top, bottom, height } = text.getBoundingClientRect();
              return { name: text.textContent, left, right, top: top + height * 0.12, bottom: bottom - height * 0.12 };
            });
            const covers = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
            const wrong = boxes.filter(
              (box, at) =>
                box.left < frame.left - 1 ||
                box.right > frame.right + 1 ||
                boxes.slice(at + 1).some((other) => covers(box, other)),
            );
            return wrong.map(({ name }) => `${svg.getAttribute("aria-label").slice(0, 30)}: ${name}`);
          }),
        );
      assert.deepEqual(found, [], `${before} to ${after}`);
      const sizes = await page
        .locator(".curve svg[role=img] text, .levels text, .distribution > svg text")
        .evaluateAll((all) => all.map((text) => text.getBoundingClientRect().height));
      assert.ok(Math.min(...sizes) >= 10, `text of ${Math.min(...sizes)} px`);
      await done();
    }
  });
}
