// The policy as it was chosen on the page: in the link, as a command line, and as a policy file.
import type { Policy } from "../engine/bridge.ts";

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
  // The age has no option.
  const said = policy.baselineMaxAgeDays === undefined ? options : ["--policy", "perfbridge.toml"];
  return ["perfbridge", "diff", ...sides, ...said].map(quoted).join(" ");
}

/** The same as a policy file. */
export function policyFile(policy: Policy): string {
  const value = (text: string): string => (/^\d+(\.\d+)?$/.test(text) ? text : JSON.stringify(text));
  const lines = [
    policy.headline === undefined ? "" : `headline_level = ${value(policy.headline)}`,
    policy.vary.length === 0 ? "" : `vary = ${JSON.stringify(policy.vary)}`,
    policy.observeTails ? "observe_tails = true" : "",
    policy.baselineMaxAgeDays === undefined ? "" : `baseline_max_age_days = ${policy.baselineMaxAgeDays}`,
    "[tolerance]",
    ...[...tolerances(policy)].map(([metric, text]) => `${JSON.stringify(metric)} = ${value(text)}`),
  ];
  return `${lines.filter(Boolean).join("\n")}\n`;
}

/** The last one of a metric counts. */
const tolerances = (policy: Policy): Map<string, string> =>
  new Map(policy.tolerances.map(({ metric, value }) => [metric, value]));

/** A word of a shell. */
const quoted = (word: string): string => (/^[\w.,:@%+=/-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);
