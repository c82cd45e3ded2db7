// Cells that the table on the page and the one on paper share.
import type { Row } from "../engine/bridge.ts";
import type { Beside } from "../state/judgement.ts";
import { breakable, h } from "./dom.ts";
import { direction, unit } from "./words.ts";

/** One line: a metric at a level, with the row of each column; a column without it has none. */
export interface Line {
  first: Row;
  rows: (Row | undefined)[];
  /** What stands beside the numbers of each. */
  beside: (Beside | undefined)[];
}

/** The metric of a row, with its unit for where no column has it. */
export const metricCell = ({ metric, unit: name }: Row): HTMLElement =>
  h("th", { scope: "row", "data-unit": unit(name) }, ...breakable(metric));

/** The change with its direction in words, and with repeated runs how sure it is. */
export function changeCell(row: Row, beside?: Beside): HTMLElement {
  const word = direction(row);
  return h(
    "td",
    { class: "number change" },
    row.shown.change,
    beside?.inPairs ? h("span", { class: "pairs" }, " in pairs") : null,
    word ? h("span", { class: "direction" }, ` ${word}`) : null,
    beside?.interval ? h("span", { class: "interval", title: "99 % interval" }, ` ${beside.interval}`) : null,
  );
}

/** Who set the tolerance of a row, in a word. */
export const originOf = ({ toleranceOrigin }: Row): string => toleranceOrigin ?? "default";
