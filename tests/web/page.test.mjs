// The viewer in Chromium, from disk, with the network off.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { downloaded, drop, launch, open, pick, verdict } from "./support/browser.mjs";
import { cases } from "./support/paths.mjs";
import { native } from "./support/native.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

for (const { name, baseline, current } of cases()) {
  test(`chromium: ${name}`, async () => {
    const { page, done } = await open(browser);
    await pick(page, "baseline", baseline);
    await pick(page, "current", current);
    await verdict(page).waitFor();
    assert.equal(await downloaded(page, "Download verdict.json"), native.judgement(baseline, current));
    assert.equal(await downloaded(page, "Download verdict.md"), native.markdown(baseline, current));
    await done();
  });
}
