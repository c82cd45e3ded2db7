// One line for each test, the whole story of a failure, and the counts last.
export default async function* reporter(events) {
  let [passed, failed] = [0, 0];
  for await (const { type, data } of events) {
    // A file is reported as a test of its own, which is not one.
    if (data?.details?.type === "suite" || (type !== "test:pass" && type !== "test:fail")) continue;
    if (data.skip !== undefined || data.todo !== undefined) yield `SKIPPED ${data.name}\n`;
    if (type === "test:pass" && data.skip === undefined) {
      passed += 1;
      yield `ok      ${data.name} (${Math.round(data.details.duration_ms)} ms)\n`;
    } else {
      failed += 1;
      const { cause } = data.details?.error ?? {};
      yield `FAILED  ${data.name}\n${(cause?.stack ?? String(cause ?? data.details?.error)).replace(/^/gm, "        ")}\n`;
    }
  }
  yield `${passed} passed, ${failed} failed\n`;
}
