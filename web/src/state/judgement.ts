// The parts of a judgement that stand in its JSON alone.
import type { Judged } from "../worker/protocol.ts";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export interface Lever {
  lever: string;
  expected_unlock: string;
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

/** `perfbridge_judgement_v1`, as far as the page draws it from the JSON. */
export interface Whole {
  context: { baseline: Json; current: Json };
  provenance: { baseline: Json; current: Json };
  identity: Record<"matched" | "mismatched" | "unknown" | "varied", string[]>;
  next_lever: (Lever & { frontier: Lever[] }) | null;
  headline: { level: string };
  /** Missing where the judgement says nothing about requests. */
  distributions?: Distribution[] | null;
  evidence?: Evidence | null;
}

/** A judgement ready to be drawn. */
export interface Shown extends Judged {
  whole: Whole;
}

/** Parses the JSON of a judgement, once for however often it is drawn. */
export const shown = (judged: Judged): Shown => ({ ...judged, whole: JSON.parse(judged.json) as Whole });
