// A shorter pass in Debian's Firefox, driven over WebDriver BiDi.
import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";
import { after, before, test } from "node:test";
import { fresh, zip } from "./support/made.mjs";
import { data, report, require } from "./support/paths.mjs";
import { native, run } from "./support/native.mjs";

const puppeteer = require("puppeteer-core");
const FIREFOX = process.env.FIREFOX ?? "/usr/bin/firefox-esr";

/** Firefox cannot be set offline from outside; instead everything goes to a proxy where nobody listens. */
const NOWHERE = {
  "network.proxy.type": 1,
  ...Object.fromEntries(
    ["http", "ssl", "socks"].flatMap((kind) => [
      [`network.proxy.${kind}`, "127.0.0.1"],
      [`network.proxy.${kind}_port`, 9],
    ]),
  ),
  "network.proxy.no_proxies_on": "",
  "network.proxy.allow_hijacking_localhost": true,
};

let browser;
before(async () => {
  if (!existsSync(FIREFOX)) throw new Error(`${FIREFOX} is missing; install it: apt-get install firefox-esr`);
  browser = await puppeteer.launch({
    browser: "firefox",
    executablePath: FIREFOX,
    headless: true,
    extraPrefsFirefox: NOWHERE,
  });
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
  await page.waitForSelector(".results:not([aria-busy]) [data-verdict]");
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
  assert.equal(
    await judgement(page),
    native.judgement(data("base-1"), data("regressed-1"), "--tolerance.throughput_toks_per_s", "70"),
  );
  await page.close();
});

test("firefox: the network is off", async () => {
  let asked = 0;
  const server = createServer((_, response) => {
    asked++;
    response.end("reached");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${server.address().port}/`;
  const page = await browser.newPage();
  await assert.rejects(page.goto(url), /NS_ERROR_PROXY_CONNECTION_REFUSED|neterror/i);
  // The server itself answers, so it is the browser that is cut off.
  assert.equal(await (await fetch(url)).text(), "reached");
  assert.equal(asked, 1);
  await page.close();
  server.close();
});

test("firefox: report.html opens from disk with the network off, and judges anew", async () => {
  const file = `${fresh("firefox-report")}/report.html`;
  const { stdout } = run("diff", "--baseline", data("base-1"), "--current", data("base-2"), "--html", file, "--json");
  const page = await open(file);
  assert.equal(await judgement(page), stdout);
  await page.type("#tolerance-itl_p50_ms", "200");
  await page.waitForFunction(() =>
    [...document.querySelectorAll("[data-row$='/itl_p50_ms']")].every((row) => row.textContent.includes("200 %")),
  );
  assert.equal(await judgement(page), native.judgement(data("base-1"), data("base-2"), "--tolerance.itl", "200"));
  await page.close();
});
