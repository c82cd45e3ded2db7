// What the component's names are called on the page. A symbol stands beside every word, so colour is never alone.
import type { Row, Status, Verdict } from "../engine/bridge.ts";
import type { Model } from "../state/model.ts";

export const STATUS: Record<Status, { word: string; symbol: string; tone: string }> = {
  regressed: { word: "regressed", symbol: "✕", tone: "bad" },
  unresolved: { word: "unresolved", symbol: "?", tone: "warn" },
  unreliable: { word: "unreliable", symbol: "~", tone: "mute" },
  "definition-mismatch": { word: "definitions differ", symbol: "≠", tone: "mute" },
  observed: { word: "observed", symbol: "○", tone: "mute" },
  "unmatched-level": { word: "one side only", symbol: "∅", tone: "mute" },
  "null-legacy-baseline": { word: "no value", symbol: "–", tone: "mute" },
  within: { word: "within", symbol: "=", tone: "plain" },
  improved: { word: "improved", symbol: "✓", tone: "good" },
};

export const VERDICT: Record<Verdict, { word: string; symbol: string; tone: string; means: string }> = {
  green: { word: "GREEN", symbol: "✓", tone: "good", means: "pass" },
  yellow: { word: "YELLOW", symbol: "!", tone: "warn", means: "pass with notes" },
  red: { word: "RED", symbol: "✕", tone: "bad", means: "fail" },
  "no-verdict": { word: "NO VERDICT", symbol: "–", tone: "mute", means: "nothing can be said" },
};

/** Whether the two numbers of a row can be compared at all. */
export const isReliable = ({ status }: Row): boolean => status !== "unreliable" && status !== "definition-mismatch";

/** Which way a change points, in words. */
export function direction({ delta, higherIsBetter }: Row): string {
  if (delta === undefined) return "";
  if (delta === 0) return "same";
  return delta > 0 === higherIsBetter ? "better" : "worse";
}

/** The unit as it is shown: shares are printed in percent. */
export const unit = (name: string): string => (name === "fraction" || name === "percent" ? "%" : name);

/** The unit behind a printed number; shares carry theirs. */
export const unitBehind = ({ unit: name }: Row): string => (unit(name) === "%" ? "" : ` ${name}`);

/** The unit in which a tolerance is typed and a change is drawn. */
export const changeUnit = ({ unit, toleranceIsPercent }: Row): string =>
  toleranceIsPercent ? "%" : unit === "fraction" || unit === "percent" ? "pt" : "";

/** A place that no row has printed yet, as rows print it: `16` is `c16`. */
export const placeOf = (level: string): string => (/^\d+$/.test(level) ? `c${level}` : level);

type Chosen = Pick<Model, "columns" | "selected">;

/** Behind a heading: of which run it is, where there are several. */
export const ofRun = (model: Chosen): string =>
  model.columns.length > 1 ? ` of ${model.columns[model.selected]?.name}` : "";

/** What the side of the current run is called: by its name too, where there are several. */
export const currentSide = (model: Chosen): string =>
  model.columns.length > 1 ? `${model.columns[model.selected]?.name} (current)` : "current";
