// What the requests inside the two runs say about one quantity of a level, in words under its distribution. The component
// rounds these numbers in the judgement itself; they stand here as they stand there.
import type { Difference, Drift, Evidence, Interval, Location } from "../../state/judgement.ts";
import { h } from "../dom.ts";

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

const signed = (value: number): string => `${value < 0 ? "" : "+"}${value}`;

/** Nobody needs the digits of a small p-value. */
const chance = (p: number | null): string => (p === null ? "no p" : p < 0.001 ? "p below 0.001" : `p ${p}`);

const interval = ({ low, high }: Interval): string =>
  low === null || high === null
    ? "no interval, too few requests"
    : `95 % interval ${signed(low)} to ${signed(high)} ms`;

const difference = ({ metric, requests, estimate, ...ends }: Difference): Said => [
  metric,
  `current minus baseline ${signed(estimate)} ms, ${interval(ends)} (${requests[0]} and ${requests[1]} requests)`,
];

const location = ({ superiority, p_value }: Location, name: string): Said => [
  name,
  superiority === null
    ? "no rank test"
    : `a current request is slower than a baseline one with a chance of ${superiority} ` +
      `(Mann-Whitney, ${chance(p_value)})`,
];

const course = ({ side, first, last, change_percent, p_value, drifted, ...ends }: Drift, name: string): Said => [
  `${name} in the course of the ${side} run`,
  `${drifted ? "drifted" : "no drift"}, median ${first} ms in the first third and ${last} ms in the last ` +
    `(${change_percent === null ? "" : `${signed(change_percent)} %, `}${interval(ends)}, ${chance(p_value)})`,
];
