// The page of a judgement with a policy file: what the policy decided stands on it, and it judges on by the same file.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { after, before, test } from "node:test";
import { downloaded, launch, open, verdict } from "./support/browser.mjs";
import { fresh } from "./support/made.mjs";
import { artefacts, data } from "./support/paths.mjs";
import { native, run } from "./support/native.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

const sides = [data("base-1"), data("regressed-1")];

/** A policy that tolerates a slower ITL everywhere, and of which somebody waives the headline. */
const policy = ({ owner = "ada", reason = "new sampler" } = {}) => `require_tier = "draft"

[tolerance]
itl = 400

[[rule]]
metric = "ttft"
place = "c16"
tolerance = { percent = 5, floor = 100000 }

[[waiver]]
metric = "tps"
place = "c16"
owner = ${JSON.stringify(owner)}
reason = ${JSON.stringify(reason)}
expires = 2999-01-31

[[waiver]]
metric = "errors"
place = "c16"
owner = "eve"
reason = "in case"
expires = 2999-02-28
`;

/** The report of both sides by that policy: its page, and the judgement that the command printed. */
async function opened(name, text) {
  const folder = fresh(name);
  writeFileSync(`${folder}/p.toml`, text);
  const words = ["--policy", `${folder}/p.toml`];
  const done = run("diff", ...sides, ...words, "--html", `${folder}/report.html`, "--json");
  assert.equal(done.status, 1, done.stderr);
  const { page, done: close } = await open(browser, { url: pathToFileURL(`${folder}/report.html`).href });
  await verdict(page).waitFor();
  return {
    page,
    close,
    words,
    printed: done.stdout,
    judgement: JSON.parse(done.stdout),
    file: `${folder}/report.html`,
  };
}

test("the page shows what the policy decided, and judges on by it", async () => {
  const { page, close, words, printed, judgement } = await opened("policy", policy());
  assert.equal(judgement.verdict, "RED");
  // The verdict is what it is; the gate is beside it, with who answers for what, and what nobody needed.
  const gate = await page.locator(".stated-verdict .gate").innerText();
  assert.equal(gate, `Gate ${[judgement.gate.sentence, ...judgement.gate.notes].join("; ")}`);
  // What is left is RED too, by the other levels.
  assert.match(
    gate,
    /^Gate gate fails: RED by rule severe: .* at c1 .*; throughput_toks_per_s at c16 waived by ada until /,
  );
  assert.match(gate, /; the waiver of errors at c16 by eve until 2999-02-28 was not needed$/);
  assert.equal(await verdict(page).getAttribute("data-verdict"), "red");
  const row = (place, metric) => page.locator(`[data-row="${place}/${metric}"]`);
  const tolerated = async (place, metric) => (await row(place, metric).locator(".tolerated").textContent()).trim();
  assert.equal(await tolerated("8", "itl_p50_ms"), "400 % policy");
  assert.equal(await tolerated("8", "throughput_toks_per_s"), "3 % default");
  // 100 s of how many ms the baseline had.
  const before = judgement.rows.find(({ metric, level }) => metric === "ttft_p50_ms" && level === "16").baseline;
  const shown = await tolerated("16", "ttft_p50_ms");
  const percent = Number(/^([\d.]+) % policy$/.exec(shown.replaceAll(",", ""))?.[1]);
  assert.ok(Math.abs(percent / (10_000_000 / before) - 1) < 0.01, `${shown}, of ${before} ms`);
  assert.equal(await row("16", "ttft_p50_ms").locator(".status").textContent(), "=within");
  assert.equal(await downloaded(page, "Download verdict.json"), printed);
  await page.screenshot({ path: `${artefacts}policy.png`, fullPage: true });
  await page.screenshot({ path: `${artefacts}policy-first.png` });
  // What is typed wins over the file, and the rest of the file stays.
  await page.getByLabel("throughput_toks_per_s", { exact: true }).fill("70");
  await page.locator(".gate", { hasText: "by ada until 2999-01-31 was not needed" }).waitFor();
  assert.equal(
    await downloaded(page, "Download verdict.json"),
    native.judgement(...sides, ...words, "--tolerance.throughput_toks_per_s", "70"),
  );
  await close();
});

test("text of a policy is text on the page", async () => {
  const owner = '</script><img src=x onerror="document.title=1">@all';
  const reason = "\u202e[x](javascript:1) `id` | ::error::";
  const { page, close, judgement, file } = await opened("policy-hostile", policy({ owner, reason }));
  assert.equal(judgement.gate.waived[0].owner, owner);
  assert.equal(readFileSync(file, "utf8").includes(owner), false);
  const gate = page.locator(".stated-verdict .gate");
  assert.ok((await gate.innerText()).includes(owner));
  assert.deepEqual(await gate.evaluate((node) => [...node.children].map(({ tagName }) => tagName)), ["B"]);
  assert.notEqual(await page.title(), "1");
  await close();
});
