// Drives Debian's Chromium.
import { existsSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { data, report, require } from "./paths.mjs";

const { chromium } = require("playwright-core");
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const FLAGS = [
  ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
];

export async function launch() {
  if (!existsSync(CHROMIUM)) throw new Error(`${CHROMIUM} is missing; install it: apt-get install chromium`);
  return chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
}

/** Opens the viewer from disk with the network off. Whatever the page complains about fails the test at `done`. */
export async function open(browser, { url = pathToFileURL(report).href, offline = true, ...options } = {}) {
  const context = await browser.newContext({
    offline,
    acceptDownloads: true,
    viewport: { width: 1280, height: 900 },
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on(
    "request",
    (request) => offline && /^(https?|wss?):/.test(request.url()) && complaints.push(`asked for ${request.url()}`),
  );
  await page.goto(url);
  const done = async () => {
    await context.close();
    if (complaints.length > 0) throw new Error(`the page complained:\n${complaints.join("\n")}`);
  };
  return { page, done };
}

/** Picks a folder or files with the slot's own inputs. */
export async function pick(page, side, ...paths) {
  const folder = paths.length === 1 && !/\.[a-z]+$/.test(paths[0]);
  await page.locator(`#${side}-${folder ? "folder" : "files"}`).setInputFiles(folder ? paths[0] : paths);
}

/** Drops real paths, folders too, as the system's file manager does. */
export async function drop(page, side, ...files) {
  const box = await page.locator(`[data-side=${side}]`).boundingBox();
  const session = await page.context().newCDPSession(page);
  const at = { x: box.x + box.width / 2, y: box.y + 20 };
  const data = { items: [], files, dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"])
    await session.send("Input.dispatchDragEvent", { type, ...at, data });
  await session.detach();
}

/** The largest resident memory that any page process ever had, with its workers, and the browser's own, in MiB. */
export async function peaks(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  const peak = (kind) =>
    Math.max(
      ...processInfo
        .filter(({ type }) => type === kind)
        .map(({ id }) => Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${id}/status`, "utf8"))[1]) / 1024),
    );
  return { page: peak("renderer"), browser: peak("browser") };
}

/** A browser with a profile on disk, as people have it: without one the browser keeps in memory whatever a page keeps. */
export async function withProfile(folder) {
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: CHROMIUM,
    args: FLAGS,
    offline: true,
    acceptDownloads: true,
  });
  const page = await context.newPage();
  await page.goto(pathToFileURL(report).href);
  await page.locator("[data-side=baseline]").waitFor();
  return { page, browser: context.browser(), done: () => context.close() };
}

/** The verdict, once what is drawn behind it stands too. */
export const verdict = (page) => page.locator(".results:not([aria-busy]) [data-verdict]");

/** The text of a download that a button starts. */
export async function downloaded(page, button) {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: button }).click(),
  ]);
  return readFile(await download.path(), "utf8");
}

/** The page with both sides filled. */
export async function compared(browser, baseline, ...currents) {
  const opened = await open(browser);
  await pick(opened.page, "baseline", data(baseline));
  for (const [at, current] of currents.entries()) {
    await pick(opened.page, "current", data(current));
    // Runs stand in the order in which they were read.
    await opened.page.locator("[data-side=current] li").nth(at).waitFor();
  }
  await verdict(opened.page).waitFor();
  return opened;
}

/** Opens what was shrunk to a line once both sides were read. */
export async function openInputs(page) {
  const opener = page.getByRole("button", { name: "Inputs" });
  if ((await opener.getAttribute("aria-expanded")) === "false") await opener.click();
}

/** Fills one side as a reader does: what is stated first, since it counts for what is picked after it. */
export async function fill(page, name, { paths, profile, settings }, model) {
  const slot = page.locator(`[data-side=${name}]`);
  if (model || profile || settings.length > 0) await slot.locator("summary").click();
  if (model) await slot.locator(`#${name}-model`).fill(model);
  if (settings.length > 0) await slot.locator(`#${name}-stated`).fill(settings.join("\n"));
  if (profile) await slot.locator(`#${name}-profile`).setInputFiles(profile);
  for (const [at, path] of paths.entries()) {
    await pick(page, name, path);
    await slot.locator("li").nth(at).waitFor();
  }
}

/** Counts the answers of the component. */
const judgements = (page) => page.evaluate(() => Number(document.querySelector(".results").dataset.judgement ?? 0));
/** Makes a change and waits for the judgement that it causes, whole. */
export async function judgedAnew(page, change) {
  const before = await judgements(page);
  await change();
  await page.waitForFunction((before) => {
    const results = document.querySelector(".results");
    return Number(results.dataset.judgement ?? 0) > before && !results.ariaBusy;
  }, before);
}
