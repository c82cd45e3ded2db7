// What the requests inside the two runs say about one quantity of a level, in words under its distribution.
import { h } from "../dom.ts";
import { chance, ofUnit, percent, short, signedShort } from "../number.ts";

interface Interval {
  /** Both null where too few requests carry an interval. */
  low: number | null;
  high: number | null;
}

/** Current minus baseline of one percentile, in ms. */
interface Difference extends Interval {
  metric: string;
  level: string;
  requests: [baseline: number, current: number];
  estimate: number;
}

interface Location {
  quantity: string;
  level: string;
  /** Chance that a current request is the slower one, 0..1. */
  superiority: number | null;
  p_value: number | null;
}

/** Medians of the first and the last third of a run's requests in ms; the interval is that of their difference in ms. */
interface Drift extends Interval {
  side: string;
  quantity: string;
  level: string;
  first: number;
  last: number;
  change_percent: number | null;
  p_value: number | null;
  drifted: boolean;
}

/** `evidence` of a judgement. */
export interface Evidence {
  differences: Difference[];
  locations: Location[];
  drift: Drift[];
}

/** The list for one quantity and level; null where nothing is said about it. `name` is what the quantity is called. */
export function evidenceList(
  { differences, locations, drift }: Evidence,
  quantity: string,
  level: string,
  name: string,
): HTMLElement | null {
  const metrics = quantity.replace(/ms$/, "");
  const here = (one: { quantity: string; level: string }): boolean => one.quantity === quantity && one.level === level;
  const said = [
    ...differences.filter((one) => one.level === level && one.metric.startsWith(metrics)).map(difference),
    ...locations.filter(here).map((one) => location(one, name)),
    ...drift.filter(here).map((one) => course(one, name)),
  ];
  if (said.length === 0) return null;
  return h(
    "div",
    { class: "within-runs" },
    h("p", {}, "Within these runs only; it does not decide the verdict:"),
    h("ul", {}, ...said.map(([of, words]) => h("li", {}, h("span", { class: "of" }, of), `: ${words}`))),
  );
}

type Said = [of: string, words: string];

const interval = ({ low, high }: Interval): string =>
  low === null || high === null
    ? "no interval, too few requests"
    : `95 % interval ${signedShort(low)} to ${signedShort(high)} ms`;

const difference = ({ metric, requests, estimate, ...ends }: Difference): Said => [
  metric,
  `current minus baseline ${signedShort(estimate)} ms, ${interval(ends)} (${requests[0]} and ${requests[1]} requests)`,
];

const location = ({ superiority, p_value }: Location, name: string): Said => [
  name,
  superiority === null
    ? "no rank test"
    : `a current request is slower than a baseline one with a chance of ${ofUnit(superiority, "fraction")} ` +
      `(Mann-Whitney, ${chance(p_value)})`,
];

const course = ({ side, first, last, change_percent, p_value, drifted, ...ends }: Drift, name: string): Said => [
  `${name} in the course of the ${side} run`,
  `${drifted ? "drifted" : "no drift"}, median ${short(first)} ms in the first third and ${short(last)} ms in the last ` +
    `(${change_percent === null ? "" : `${percent(change_percent)}, `}${interval(ends)}, ${chance(p_value)})`,
];
