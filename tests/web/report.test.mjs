// The one-file report and the loopback server, as the command makes them.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { request } from "node:http";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { after, before, test } from "node:test";
import { downloaded, launch, open, verdict } from "./support/browser.mjs";
import { fresh } from "./support/made.mjs";
import { artefacts, data, perfbridge } from "./support/paths.mjs";
import { native, run } from "./support/native.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

const sides = ["--baseline", data("base-1"), "--current", data("regressed-1")];

test("report.html opens from disk with the network off, and judges anew with another tolerance", async () => {
  const file = `${fresh("report")}/report.html`;
  const done = run("diff", ...sides, "--tolerance.itl", "200", "--html", file, "--json");
  assert.equal(done.status, 1, done.stderr);
  assert.ok(statSync(file).size < 2_000_000, `${statSync(file).size} bytes`);
  const opened = await open(browser, { url: pathToFileURL(file).href });
  const { page } = opened;
  await verdict(page).waitFor();
  // The policy of the command line came along.
  assert.equal(await downloaded(page, "Download verdict.json"), done.stdout);
  assert.deepEqual(await page.locator(".run-name").allInnerTexts(), ["base-1", "regressed-1"]);
  await page.getByLabel("throughput_toks_per_s", { exact: true }).fill("70");
  await page.locator(".rule code", { hasNotText: "headline" }).waitFor();
  const policy = ["--tolerance.itl", "200", "--tolerance.throughput_toks_per_s", "70"];
  assert.equal(await downloaded(page, "Download verdict.json"), native.judgement(data("base-1"), data("regressed-1"), ...policy));
  await page.screenshot({ path: `${artefacts}report.png`, fullPage: true });
  await opened.done();
});

test("a report names no path of the machine that made it", () => {
  const file = `${fresh("report-paths")}/report.html`;
  run("diff", ...sides, "--html", file);
  const page = readFileSync(file, "utf8");
  assert.ok(!page.includes(data("")), "the folder of the inputs stands in the page");
  assert.match(page, /"name":"regressed-1"/);
});

test("--out writes report.html beside verdict.json", () => {
  const out = `${fresh("out")}/diff`;
  run("diff", ...sides, "--out", out);
  for (const name of ["verdict.json", "verdict.md", "report.html"]) assert.ok(existsSync(`${out}/${name}`), name);
});

/** Starts `perfbridge view`; gives its address once it is said, and a way to end it. */
async function served(...paths) {
  const child = spawn(perfbridge, ["view", "--no-open", ...paths], { stdio: ["ignore", "pipe", "inherit"] });
  const [url] = await Promise.race([
    new Promise((resolve) => createInterface(child.stdout).once("line", (line) => resolve([line]))),
    new Promise((_, reject) => child.once("exit", (code) => reject(new Error(`view ended with ${code}`)))),
  ]);
  return { url, end: () => child.kill() };
}

const get = (url, { method = "GET", headers = {} } = {}) =>
  new Promise((resolve, reject) => {
    const sent = request(url, { method, headers }, (response) => {
      let text = "";
      response.setEncoding("latin1").on("data", (piece) => (text += piece)).on("end", () => resolve({ status: response.statusCode, headers: response.headers, text }));
    });
    sent.on("error", reject).end();
  });

test("view shows the named directories, judged as the native run judges them", async () => {
  const { url, end } = await served(data("base-1"), data("regressed-1"));
  try {
    const { page, done } = await open(browser, { url, offline: false });
    await verdict(page).waitFor();
    assert.equal(await downloaded(page, "Download verdict.json"), native.judgement(data("base-1"), data("regressed-1")));
    await done();
  } finally {
    end();
  }
});

test("view takes a registry entry as the baseline and a document beside a folder", async () => {
  const root = fresh("view-registry");
  const made = [run("init", root), run("record", "--repo-root", root, "--source", data("base-1"), "--yes")];
  for (const { status, stderr } of made) assert.equal(status, 0, stderr);
  const found = readdirSync(root, { recursive: true }).find((path) => path.endsWith("/baseline.json"));
  const document = `${root}/current.json`;
  writeFileSync(document, native.document(data("regressed-1")));
  const { url, end } = await served(dirname(`${root}/${found}`), document, data("base-2"));
  try {
    const { page, done } = await open(browser, { url, offline: false });
    await page.locator("[data-side=current] li").nth(1).waitFor();
    await page.getByRole("button", { name: /^current.*: RED/ }).click();
    const { verdict, rule } = JSON.parse(await downloaded(page, "Download verdict.json"));
    assert.deepEqual([verdict, rule], ["RED", "headline"]);
    await done();
  } finally {
    end();
  }
});

test("view answers GET under its token and its own Host only, and serves no other file", async () => {
  const { url, end } = await served(data("base-1"));
  try {
    const { origin, host } = new URL(url);
    const page = await get(url);
    assert.equal(page.status, 200);
    const [, served] = /"url":"([^"]+)"/.exec(page.text);
    const whole = await get(`${served}0`);
    assert.equal(whole.status, 200);
    const part = await get(`${served}0`, { headers: { Range: "bytes=2-5" } });
    assert.deepEqual([part.status, part.text, part.headers["content-range"]], [206, whole.text.slice(2, 6), `bytes 2-5/${whole.text.length}`]);
    const statuses = await Promise.all([
      get(`${origin}/`),
      get(`${origin}/${"0".repeat(32)}/`),
      get(`${served}../../../../etc/passwd`),
      get(`${served}999`),
      get(`${served}0`, { headers: { Range: "bytes=9999999-" } }),
      get(url, { headers: { Host: `attacker.example:${host.split(":")[1]}` } }),
      get(url, { method: "POST" }),
    ]);
    assert.deepEqual(statuses.map(({ status }) => status), [404, 404, 404, 404, 416, 403, 405]);
  } finally {
    end();
  }
});
