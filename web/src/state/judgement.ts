// The parts of a judgement that stand in its texts alone.
import type { Row } from "../engine/bridge.ts";
import type { Judged } from "../worker/protocol.ts";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export interface Lever {
  lever: string;
  expected_unlock: string;
  cost: string;
  gate: string;
  because: string;
}

/** One run's quantiles at 0, 2, 4 .. 100 %, of `n` of the `of` requests. */
export interface Quantiles {
  of: number;
  n: number;
  quantiles: number[];
}

/** How one quantity is spread over the requests of a level. */
export interface Distribution {
  quantity: string;
  level: string;
  baseline: Quantiles | null;
  current: Quantiles | null;
}

/** Ends of a 95 % interval. */
export interface Interval {
  /** Both null where too few requests carry an interval. */
  low: number | null;
  high: number | null;
}

/** Current minus baseline of one percentile, in ms. */
export interface Difference extends Interval {
  metric: string;
  level: string;
  requests: [baseline: number, current: number];
  estimate: number;
}

/** Whether the requests of one side are slower than those of the other. */
export interface Location {
  quantity: string;
  level: string;
  /** Chance that a current request is the slower one, 0..1. */
  superiority: number | null;
  p_value: number | null;
}

/** Medians of the first and the last third of a run's requests in ms; the interval is that of their difference in ms. */
export interface Drift extends Interval {
  side: string;
  quantity: string;
  level: string;
  first: number;
  last: number;
  change_percent: number | null;
  p_value: number | null;
  drifted: boolean;
}

/** What the requests inside the runs say. */
export interface Evidence {
  differences: Difference[];
  locations: Location[];
  drift: Drift[];
}

/** What a row says of repeated runs, as text: nothing where there was one run a side. */
export interface Repeated {
  /** The 99 % interval of the change. */
  interval?: string;
  baseline_trials?: string;
  current_trials?: string;
}

/** `perfbridge_judgement_v1`, as far as the page draws it from the JSON. */
export interface Whole {
  context: { baseline: Json; current: Json };
  provenance: { baseline: Json; current: Json };
  identity: Record<"matched" | "mismatched" | "unknown" | "varied", string[]>;
  next_lever: (Lever & { frontier: Lever[] }) | null;
  headline: { level: string };
  rows: { shown: Repeated; paired_change?: number | null }[];
  /** Missing where the judgement says nothing about requests. */
  distributions?: Distribution[] | null;
  evidence?: Evidence | null;
}

/** What a row says beside its numbers. */
export interface Beside extends Repeated {
  /** Whether the change is that inside pairs of runs, and not that of the two numbers. */
  inPairs: boolean;
}

/** Sentences that no record of a judgement holds, and the order of its rows: the form `page`. */
export interface Said {
  /** The headline in one sentence: `c16 throughput 259.8 -> 85.03 tok/s, -67.3 % (tolerance 3 %), n=1+1`. */
  headline: string;
  /** What changed between the runs, with how many things those are: `changed (2): a 1 -> 2; b on -> off`. */
  changed: string;
  /** What was measured on neither side; empty where nothing was left out. */
  unmeasured: string;
  /** That rows do not count, where there is no verdict; else empty. */
  uncounted: string;
  /** Positions in the judgement's rows of those that either side measured, worst first. */
  order: number[];
}

/** A judgement ready to be drawn. */
export interface Shown extends Judged {
  whole: Whole;
  said: Said;
  /** The rows that either side measured, worst first. */
  rows: Row[];
  beside(row: Row): Beside;
}

/** Parses the texts of a judgement, once for however often it is drawn. */
export function shown(judged: Judged): Shown {
  const whole = JSON.parse(judged.json) as Whole;
  // Both lists of rows are one list of the component.
  const beside = new Map(
    judged.judgement.rows.map((row, at) => {
      const { shown, paired_change } = whole.rows[at] ?? { shown: {} };
      return [row, { ...shown, inPairs: typeof paired_change === "number" }];
    }),
  );
  const said = JSON.parse(judged.page) as Said;
  return {
    ...judged,
    whole,
    said,
    rows: said.order.flatMap((at) => judged.judgement.rows[at] ?? []),
    beside: (row) => beside.get(row) ?? { inPairs: false },
  };
}
