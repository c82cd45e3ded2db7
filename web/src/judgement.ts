// The parts of a judgement that stand in its JSON alone.
import type { Judged } from "./engine/protocol.ts";
import type { Evidence } from "./view/plots/evidence.ts";

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
export const shown = (judged: Judged): Shown => ({ ...judged, whole: JSON.parse(judged.judgement.json) as Whole });
