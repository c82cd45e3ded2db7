// The native run that every other host must equal, byte for byte.
import { spawnSync } from "node:child_process";
import { perfbridge } from "./paths.mjs";

/** Runs the command; without an account name, so that a document is the same whoever runs it. */
export function run(...args) {
  const { USER, USERNAME, ...env } = process.env;
  const done = spawnSync(perfbridge, args, { env, encoding: "utf8", maxBuffer: 1 << 28 });
  if (done.error)
    throw new Error(
      `cannot run ${perfbridge} (${done.error.message}); build it first: cargo build --release -p perfbridge`,
    );
  return done;
}

function data(...args) {
  const { status, stdout, stderr } = run(...args);
  if (status === 2 || status === 70 || status === null) throw new Error(stderr);
  return stdout;
}

export const native = {
  document: (source) => data("ingest", "--source", source),
  judgement: (baseline, current, ...policy) =>
    data("diff", "--baseline", baseline, "--current", current, ...policy, "--json"),
  markdown: (baseline, current, ...policy) =>
    data("diff", "--baseline", baseline, "--current", current, ...policy, "--format", "markdown"),
};
