// The corpus: every directory of tests/data/cases, read whole. A setting that no runner knows is an error, so that a case
// never runs as less than it says.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { run } from "./native.mjs";
import { artefacts, data, root } from "./paths.mjs";

const corpus = `${root}tests/data/cases/`;
/** What a case.toml may hold; the rest is a list of paths or of words. */
const SETTINGS = [
  "baseline",
  "current",
  "model",
  "baseline_profile",
  "profile",
  "set",
  "vary",
  "headline_level",
  "tails",
];

/** The names of all cases: one directory each. */
export const directories = () =>
  readdirSync(corpus, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== "__pycache__")
    .map(({ name }) => name)
    .sort();

/**
 * All cases, and the pairs of tests/data/page after them. A side holds `paths` (several are trials), `profile` and
 * `settings` ("FIELD=VALUE"); `directories` says that these are directories and nothing more, so that one call judges
 * them; `expected` is what was worked out without this code, where there is any.
 */
export function cases() {
  const names = directories();
  // Python has a reader of TOML, Node has none.
  const script =
    "import json, sys, tomllib; print(json.dumps([tomllib.load(open(path, 'rb')) for path in sys.argv[1:]]))";
  const read = JSON.parse(
    execFileSync("python3", ["-c", script, ...names.map((name) => `${corpus}${name}/case.toml`)], { encoding: "utf8" }),
  );
  const pairs = JSON.parse(readFileSync(data("pairs.json"), "utf8"));
  const found = [
    ...names.map((name, at) => fromSettings(name, read[at])),
    ...pairs.map(([a, b]) =>
      plain(`${a} to ${b}`, { paths: [data(a)], settings: [] }, { paths: [data(b)], settings: [] }),
    ),
  ];
  return found.map((one) => ({ ...one, directories: !one.model && [one.baseline, one.current].every(areDirectories) }));
}

const areDirectories = ({ paths, profile, settings }) =>
  !profile && settings.length === 0 && paths.every((path) => statSync(path).isDirectory());

const plain = (name, baseline, current) => ({ name, baseline, current, vary: [], observeTails: false });

function fromSettings(name, settings) {
  const unknown = Object.keys(settings).filter((key) => !SETTINGS.includes(key));
  assert.deepEqual(unknown, [], `case ${name}: settings that these runners do not pass on`);
  assert.ok([undefined, "observe"].includes(settings.tails), `case ${name}: tails = ${settings.tails}`);
  const at = (path) => path && corpus + path;
  return {
    ...plain(
      `case ${name}`,
      { paths: settings.baseline.map(at), profile: at(settings.baseline_profile), settings: [] },
      { paths: settings.current.map(at), profile: at(settings.profile), settings: settings.set ?? [] },
    ),
    model: settings.model,
    vary: settings.vary ?? [],
    headline: settings.headline_level === undefined ? undefined : String(settings.headline_level),
    observeTails: settings.tails === "observe",
    expected: JSON.parse(readFileSync(`${corpus}${name}/expected.json`, "utf8")),
  };
}

/** What the command line says of a case: judgement and Markdown, byte for byte what every host must say. */
export function native(one) {
  const several = (flag, values) => values.flatMap((value) => [flag, String(value)]);
  const args = [
    ...several("--baseline", baselines(one)),
    ...several("--current", one.current.paths),
    ...several("--profile", one.current.profile ? [one.current.profile] : []),
    ...several("--set", one.current.settings),
    ...several("--vary", one.vary),
    ...several("--model", one.model ? [one.model] : []),
    ...several("--headline-level", one.headline === undefined ? [] : [one.headline]),
    ...(one.observeTails ? ["--tails", "observe"] : []),
  ];
  const [judged, markdown] = [["--json"], ["--format", "markdown"]].map((form) => run("diff", ...args, ...form));
  assert.ok([0, 1, 3].includes(judged.status), judged.stderr);
  return { judgement: judged.stdout, markdown: markdown.stdout };
}

/** `--profile` is that of the current run, so a baseline with one is read first, as a person would. */
function baselines({ name, baseline }) {
  if (!baseline.profile) return baseline.paths;
  const { status, stdout, stderr } = run("ingest", "--source", baseline.paths[0], "--profile", baseline.profile);
  assert.equal(status, 0, stderr);
  const folder = `${artefacts}made/baselines`;
  mkdirSync(folder, { recursive: true });
  const path = `${folder}/${name.replaceAll(/[^a-z0-9-]/g, "-")}.json`;
  writeFileSync(path, stdout);
  return [path];
}

/** Holds a host's answer against the native one and against what was worked out by hand. */
export function check(one, { judgement, markdown }) {
  const expected = native(one);
  assert.equal(judgement, expected.judgement);
  assert.equal(markdown, expected.markdown);
  if (!one.expected) return;
  const { verdict, rule, headline, tier } = JSON.parse(judgement);
  const { verdict: v, rule: r, headline_level: l, tier: t } = one.expected;
  assert.deepEqual({ verdict, rule, level: headline.level, tier }, { verdict: v, rule: r, level: l, tier: t });
}

/** Holds the short answer of a host, of a case of directories alone, against the judgement of the command line. */
export function checkSummary(one, { verdict, rule, tier, answer }) {
  const judged = JSON.parse(native(one).judgement);
  const code = (text) => text.toLowerCase().replaceAll("_", "-");
  assert.deepEqual(
    { verdict, rule, tier },
    { verdict: code(judged.verdict), rule: judged.rule, tier: code(judged.tier) },
  );
  const bytes = Buffer.byteLength([verdict, rule, tier, answer].join(""));
  assert.ok(bytes > 0 && bytes <= 2048, `the answer has ${bytes} bytes`);
  assert.ok(answer.includes(judged.reason.slice(0, 60)), answer);
}

/** Fails a host that left a case out. */
export function everyCase(ran) {
  assert.deepEqual(
    [...ran].filter((name) => name.startsWith("case ")).sort(),
    directories().map((name) => `case ${name}`),
  );
}
