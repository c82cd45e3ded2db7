// The policy as it was chosen on the page: in the link, as a command line, and as a policy file.
import type { Policy } from "../engine/bridge.ts";
import { fileOf, type PolicyFile } from "../engine/policy.ts";

/** What a reader can choose. */
export interface Chosen {
  /** Tolerances as typed, by metric. */
  typed: Map<string, string>;
  /** Where the headline is taken; the component chooses where there is none. */
  headline: string | undefined;
  vary: Set<string>;
  observeTails: boolean;
}

/** The parameters of a link in which a choice stands; a tolerance is `tolerance.METRIC`. */
const TOLERANCE = "tolerance.";
const [HEADLINE, VARY, TAILS] = ["headline", "vary", "tails"];

/** Nothing chosen: what the page was opened with. */
export const unchosen = ({ headline, vary, observeTails }: Policy): Chosen => ({
  typed: new Map(),
  headline,
  vary: new Set(vary),
  observeTails,
});

/** Reads a choice from a link; what the link does not say is as the page was opened. */
export function readChosen(link: URLSearchParams, given: Policy): Chosen {
  const chosen = unchosen(given);
  for (const [name, value] of link) {
    if (name.startsWith(TOLERANCE)) chosen.typed.set(name.slice(TOLERANCE.length), value);
  }
  const [headline, vary, tails] = [HEADLINE, VARY, TAILS].map((name) => link.get(name));
  if (headline !== null) chosen.headline = headline || undefined;
  if (vary !== null) chosen.vary = new Set(vary?.split(",").filter(Boolean));
  if (tails !== null) chosen.observeTails = tails === "observe";
  return chosen;
}

/** The parameters of a link for what differs from what the page was opened with. */
export function writeChosen({ typed, headline, vary, observeTails }: Chosen, given: Policy): [string, string][] {
  const [now, before] = [[...vary].join(), given.vary.join()];
  return [
    ...[...typed].map(([metric, value]): [string, string] => [TOLERANCE + metric, value]),
    ...(headline === given.headline ? [] : ([[HEADLINE, headline ?? ""]] as [string, string][])),
    ...(now === before ? [] : ([[VARY, now]] as [string, string][])),
    ...(observeTails === given.observeTails
      ? []
      : ([[TAILS, observeTails ? "observe" : "judge"]] as [string, string][])),
  ];
}

/** The command that judges so, with the names of the runs in place of their paths. */
export function commandLine(policy: Policy, baseline: string[], current: string[]): string {
  const sides =
    baseline.length === 1
      ? [...baseline, ...current]
      : [...baseline.flatMap((run) => ["--baseline", run]), "--current", ...current];
  const options = [
    ...[...tolerances(policy)].flatMap(([metric, value]) => ["--tolerance", `${metric}=${value}`]),
    ...(policy.headline === undefined ? [] : ["--headline-level", policy.headline]),
    ...policy.vary.flatMap((field) => ["--vary", field]),
    ...(policy.observeTails ? ["--tails", "observe"] : []),
  ];
  // The age and what else a file says have no option.
  const said =
    policy.baselineMaxAgeDays === undefined && policy.file === undefined ? options : ["--policy", "perfbridge.toml"];
  return ["perfbridge", "diff", ...sides, ...said].map(quoted).join(" ");
}

/** The same as a policy file. What was typed here wins over the file that the page was opened with, as its last rules. */
export function policyFile(policy: Policy): string {
  const number = (text: string): unknown => (/^\d+(\.\d+)?$/.test(text) ? Number(text) : text);
  const typed = [...tolerances(policy)].map(([metric, text]): [string, unknown] => [metric, number(text)]);
  const file = fileOf(policy);
  const { rule } = file;
  const rules = (rule as PolicyFile[] | undefined) ?? [];
  const isFirst = policy.file === undefined;
  return tomlOf({
    ...(policy.headline === undefined ? {} : { headline_level: number(policy.headline) }),
    ...(policy.vary.length === 0 ? {} : { vary: policy.vary }),
    ...(policy.observeTails ? { observe_tails: true } : {}),
    ...(policy.baselineMaxAgeDays === undefined ? {} : { baseline_max_age_days: policy.baselineMaxAgeDays }),
    ...(isFirst ? { tolerance: Object.fromEntries(typed) } : file),
    ...(isFirst ? {} : { rule: [...rules, ...typed.map(([metric, tolerance]) => ({ metric, tolerance }))] }),
  });
}

const isTable = (value: unknown): value is PolicyFile =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A policy file in TOML: what stands alone, then tables, then lists of tables. */
function tomlOf(file: PolicyFile): string {
  const key = (name: string): string => (/^[\w-]+$/.test(name) ? name : JSON.stringify(name));
  const inline = (value: unknown): string => {
    if (Array.isArray(value)) return `[${value.map(inline).join(", ")}]`;
    if (isTable(value)) return `{ ${Object.entries(value).map(pair).join(", ")} }`;
    return JSON.stringify(value);
  };
  const pair = ([name, value]: [string, unknown]): string => `${key(name)} = ${inline(value)}`;
  const [plain, tables, lists]: [string[], string[], string[]] = [[], [], []];
  for (const [name, value] of Object.entries(file)) {
    if (isTable(value)) tables.push(`[${name}]`, ...Object.entries(value).map(pair));
    else if (Array.isArray(value) && value.every(isTable))
      lists.push(...value.flatMap((table) => [`[[${name}]]`, ...Object.entries(table).map(pair)]));
    else plain.push(pair([name, value]));
  }
  return `${[...plain, ...tables, ...lists].join("\n")}\n`;
}

/** The last one of a metric counts. */
const tolerances = (policy: Policy): Map<string, string> =>
  new Map(policy.tolerances.map(({ metric, value }) => [metric, value]));

/** A word of a shell. */
const quoted = (word: string): string => (/^[\w.,:@%+=/-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);
