// The one-file report and the loopback server, as the command makes them.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, request } from "node:http";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { after, before, test } from "node:test";
import { downloaded, launch, open, verdict } from "./support/browser.mjs";
import { cases } from "./support/cases.mjs";
import { fiveLevels, fresh } from "./support/made.mjs";
import { artefacts, data, perfbridge, root } from "./support/paths.mjs";
import { native, run } from "./support/native.mjs";
import { served } from "./support/view.mjs";

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
  assert.equal(
    await downloaded(page, "Download verdict.json"),
    native.judgement(data("base-1"), data("regressed-1"), ...policy),
  );
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

test("the page of a diff bundle lists what the registry's searches found, for its own pair only", async () => {
  const root = fresh("report-references");
  const source = ["--repo-root", root, "--source", data("base-1"), "--yes"];
  for (const { status, stderr } of [run("init", root), run("record", ...source)]) assert.equal(status, 0, stderr);
  mkdirSync(`${root}/runbooks`);
  writeFileSync(`${root}/runbooks/slow.md`, "Look at <b>ttft_p50_ms</b>\n");
  const done = run("diff", "--repo-root", root, "--model", "tinyllama-7m", "--current", data("regressed-1"));
  assert.equal(done.status, 1, done.stderr);
  const judged = readdirSync(root, { recursive: true }).find((path) => path.endsWith("/verdict.json"));
  const bundle = `${root}/${judged.slice(0, -"/verdict.json".length)}`;
  assert.equal(existsSync(`${bundle}/report.html`), false);
  const made = run("report", bundle);
  assert.equal(made.status, 0, made.stderr);
  const file = `${bundle.slice(root.length + 1)}/report.html`;
  const opened = await open(browser, { url: pathToFileURL(`${root}/${file}`).href });
  const { page } = opened;
  await verdict(page).waitFor();
  assert.deepEqual(await page.getByRole("region", { name: "Runbooks" }).locator("li").allInnerTexts(), [
    "runbooks/slow.md:1 Look at <b>ttft_p50_ms</b>",
  ]);
  const before = await page.getByRole("region", { name: "Seen before" }).locator("li").allInnerTexts();
  assert.equal(before.length, 1);
  assert.match(
    before[0],
    /^experiments\/artifacts\/perf-baselines\/inference\/tinyllama-7m-perfbench-v1\/.*\/SOURCE\.md:1 # SOURCE: /,
  );
  await page.getByRole("button", { name: "Swap baseline and current" }).click();
  await page.getByRole("region", { name: "Runbooks" }).waitFor({ state: "detached" });
  assert.equal(await page.getByRole("region", { name: "Seen before" }).count(), 0);
  await opened.done();
});

test("--out writes report.html beside verdict.json", () => {
  const out = `${fresh("out")}/diff`;
  run("diff", ...sides, "--out", out);
  for (const name of ["verdict.json", "verdict.md", "report.html"]) assert.ok(existsSync(`${out}/${name}`), name);
});

/** Starts `perfbridge view` with this script as the desktop's opener. */
function desktop(name, script) {
  const folder = fresh(name);
  writeFileSync(`${folder}/xdg-open`, script, { mode: 0o755 });
  const child = spawn(perfbridge, ["view", data("base-1"), data("regressed-1")], {
    env: { ...process.env, PATH: `${folder}:${process.env.PATH}` },
  });
  const line = async (stream, pattern) => {
    for await (const line of createInterface(stream)) if (pattern.test(line)) return line;
    throw new Error(`view ended without a line like ${pattern}`);
  };
  return { child, line };
}

test("view opens the browser of the desktop, which may run until the page is read", { timeout: 30_000 }, async () => {
  // The opener tells the test what it was given and what it found there.
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const told = once(server, "request");
  const tell = `http://127.0.0.1:${server.address().port}/`;
  const script = `#!${process.execPath}
fetch(process.argv[2]).then(async (page) => {
  const found = (await page.text()).includes("perfbridge-data");
  await fetch("${tell}?" + new URLSearchParams({ given: process.argv.slice(2), status: page.status, page: found }));
});\n`;
  const { child, line } = desktop("opener", script);
  try {
    const url = await line(child.stdout, /^http:/);
    assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}\/$/);
    const [asked, answer] = await told;
    answer.end();
    assert.deepEqual(Object.fromEntries(new URL(asked.url, tell).searchParams), {
      given: url,
      status: "200",
      page: "true",
    });
  } finally {
    child.kill();
    server.close();
  }
});

test("view without a browser says so and serves all the same", { timeout: 30_000 }, async () => {
  const { child, line } = desktop("no-opener", "#!/bin/sh\nexit 3\n");
  try {
    const [url] = await Promise.all([
      line(child.stdout, /^http:/),
      line(child.stderr, /^no browser could be started; open the address yourself$/),
    ]);
    assert.equal((await get(url)).status, 200);
  } finally {
    child.kill();
  }
});

const get = (url, { method = "GET", headers = {} } = {}) =>
  new Promise((resolve, reject) => {
    const sent = request(url, { method, headers }, (response) => {
      let text = "";
      response
        .setEncoding("latin1")
        .on("data", (piece) => (text += piece))
        .on("end", () => resolve({ status: response.statusCode, headers: response.headers, text }));
    });
    sent.on("error", reject).end();
  });

test("view shows the named directories, judged as the native run judges them", async () => {
  const { url, end } = await served(data("base-1"), data("regressed-1"));
  try {
    const { page, done } = await open(browser, { url, offline: false });
    await verdict(page).waitFor();
    assert.equal(
      await downloaded(page, "Download verdict.json"),
      native.judgement(data("base-1"), data("regressed-1")),
    );
    await done();
  } finally {
    end();
  }
});

test("view of two bundles of five levels, their records included, asks the server for ten things at most", async () => {
  const { url, end } = await served(fiveLevels(), fiveLevels());
  try {
    const context = await browser.newContext();
    const page = await context.newPage();
    const asked = [];
    page.on("request", (request) => /^https?:/.test(request.url()) && asked.push(request.url()));
    await page.goto(url);
    await verdict(page).waitFor();
    assert.ok(asked.length > 0 && asked.length <= 10, asked.join("\n"));
    await context.close();
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

test("view answers GET under its token and its own Host only, with the page alone", async () => {
  const { url, end } = await served(data("base-1"));
  try {
    const { origin, host } = new URL(url);
    const page = await get(url);
    assert.equal(page.status, 200);
    assert.ok(page.text.includes("connect-src 'none'"));
    const statuses = await Promise.all([
      get(`${origin}/`),
      get(`${origin}/${"0".repeat(32)}/`),
      get(`${url}files/0/0`),
      get(`${url}../../../../etc/passwd`),
      get(url, { headers: { Host: `attacker.example:${host.split(":")[1]}` } }),
      get(url, { method: "POST" }),
    ]);
    assert.deepEqual(
      statuses.map(({ status }) => status),
      [404, 404, 404, 404, 403, 405],
    );
  } finally {
    end();
  }
});

/** A copy of a profile whose `sha256sums.txt` states the sums of its files; `wrong` is stated with that of no bytes. */
function summed(name, wrong) {
  const copy = `${fresh(`summed-${name}`)}/profile`;
  cpSync(`${root}tests/data/bundles/${name}`, copy, { recursive: true });
  const sum = (bytes) => createHash("sha256").update(bytes).digest("hex");
  for (const part of ["cpu", "gpu"]) {
    const line = (file) =>
      `${sum(`${part}/${file}` === wrong ? "" : readFileSync(`${copy}/${part}/${file}`))}  /captured/${file}\n`;
    writeFileSync(`${copy}/${part}/sha256sums.txt`, line("query.sql") + line("response.json"));
  }
  return copy;
}

test("view reads the paired profiles that it is given, as diff does", async () => {
  const one = cases().find(({ name }) => name === "case zymtrace-profiles");
  const paths = [one.baseline.paths[0], one.current.paths[0]];
  const { url, end } = await served(
    ...paths,
    "--baseline-profile",
    summed("zymtrace-before"),
    "--profile",
    one.current.profile,
  );
  try {
    const { page, done } = await open(browser, { url, offline: false });
    await page.locator("[data-row^='profile/kernel_class_gpu_pct.']").first().waitFor();
    const { rows } = JSON.parse(await downloaded(page, "Download verdict.json"));
    // The provenance of the baseline names the added sums, so only what was measured is compared.
    const shares = (rows) =>
      rows
        .filter(({ level }) => level === "profile")
        .map(({ metric, baseline, current }) => [metric, baseline, current]);
    const expected = shares(
      JSON.parse(native.judgement(withProfile(one.baseline), paths[1], "--profile", one.current.profile)).rows,
    );
    assert.ok(expected.filter(([, baseline, current]) => baseline !== null && current !== null).length >= 3);
    assert.deepEqual(shares(rows), expected);
    await done();
  } finally {
    end();
  }
});

/** `diff --profile` is that of the current run, so a baseline with one is a document. */
function withProfile({ paths: [source], profile }) {
  const { status, stdout, stderr } = run("ingest", "--source", source, "--profile", profile);
  assert.equal(status, 0, stderr);
  const path = `${fresh("with-profile")}/baseline.json`;
  writeFileSync(path, stdout);
  return path;
}

test("view refuses what cannot be read before it serves anything, as ingest does", async () => {
  const wrong = summed("zymtrace-after", "gpu/response.json");
  const said = run("ingest", "--source", data("base-2"), "--profile", wrong);
  assert.equal(said.status, 2);
  assert.match(said.stderr, /found response\.json with the SHA-256\s.*\s[0-9a-f]{64}; expected e3b0c442/s);
  const serving = served(data("base-1"), data("base-2"), "--profile", wrong);
  await assert.rejects(
    serving.then(({ end }) => end()),
    /view ended with 2/,
  );
});

test("view opens two bundles of five levels with one request, whatever files they have", async () => {
  const bundle = fiveLevels();
  const { url, end } = await served(bundle, bundle);
  try {
    const { page, done } = await open(browser, { url: "about:blank", offline: false });
    const asked = [];
    page.on("request", (request) => /^http/.test(request.url()) && asked.push(request.url()));
    await page.goto(url);
    await verdict(page).waitFor();
    assert.deepEqual(asked, [url]);
    assert.equal(await page.locator("[data-side=baseline] .run-about").innerText(), "tinyllama-7m, c1 c4 c8 c16 c32");
    await done();
  } finally {
    end();
  }
});
