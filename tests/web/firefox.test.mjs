// A shorter pass in Debian's Firefox, driven over WebDriver BiDi.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { after, before, test } from "node:test";
import { fresh, zip } from "./support/made.mjs";
import { data, report, require } from "./support/paths.mjs";
import { native, run } from "./support/native.mjs";

const puppeteer = require("puppeteer-core");
const FIREFOX = process.env.FIREFOX ?? "/usr/bin/firefox-esr";

let browser;
before(async () => {
  if (!existsSync(FIREFOX)) throw new Error(`${FIREFOX} is missing; install it: apt-get install firefox-esr`);
  browser = await puppeteer.launch({ browser: "firefox", executablePath: FIREFOX, headless: true });
});
after(() => browser?.close());

/** Opens a page and keeps what it would download, which a headless Firefox writes nowhere that a test could wait for. */
async function open(file) {
  const page = await browser.newPage();
  await page.goto(pathToFileURL(file).href);
  await page.evaluate(() => {
    const make = URL.createObjectURL.bind(URL);
    URL.createObjectURL = (blob) => {
      if (blob.type === "application/json") globalThis.downloaded = blob.text();
      return make(blob);
    };
  });
  return page;
}

async function judgement(page) {
  await page.waitForSelector("[data-verdict]");
  return page.evaluate(async () => {
    [...document.querySelectorAll("button")].find((button) => button.textContent === "Download verdict.json").click();
    return globalThis.downloaded;
  });
}

test("firefox: two archives give the bytes of the native run, and a tolerance changes them", async () => {
  const page = await open(report);
  const baseline = `${fresh("firefox")}/base-1.zip`;
  const { copyFileSync } = await import("node:fs");
  copyFileSync(zip("base-1"), baseline);
  await (await page.$("#baseline-files")).uploadFile(baseline);
  await (await page.$("#current-files")).uploadFile(zip("regressed-1"));
  assert.equal(await judgement(page), native.judgement(data("base-1"), data("regressed-1")));
  await page.type("#tolerance-throughput_toks_per_s", "70");
  await page.waitForFunction(() => document.querySelector(".rule code").textContent !== "headline");
  assert.equal(await judgement(page), native.judgement(data("base-1"), data("regressed-1"), "--tolerance.throughput_toks_per_s", "70"));
  await page.close();
});

test("firefox: report.html opens from disk", async () => {
  const file = `${fresh("firefox-report")}/report.html`;
  const { stdout } = run("diff", "--baseline", data("base-1"), "--current", data("base-2"), "--html", file, "--json");
  const page = await open(file);
  assert.equal(await judgement(page), stdout);
  await page.close();
});
