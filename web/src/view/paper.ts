// The table on paper, which cannot be scrolled: in pieces of a few runs, each with all rows. Its headings are plain text,
// since browsers do not repeat buttons on the next page.
import type { Row } from "../engine/bridge.ts";
import type { Column } from "../state/model.ts";
import { changeCell, type Line, metricCell } from "./cells.ts";
import { h } from "./dom.ts";
import { STATUS } from "./words.ts";

/** So many runs fit side by side on A4 and on Letter, upright, in a size that can be read. */
const ABREAST = 2;

/** The pieces of the table of all runs; to be seen on paper only. */
export function pieces(columns: Column[], lines: Line[]): HTMLElement {
  const starts = columns.map((_, at) => at).filter((at) => at % ABREAST === 0);
  return h(
    "div",
    { class: "print-only", "aria-hidden": "true" },
    ...starts.map((at) => piece(columns.slice(at, at + ABREAST), at, lines)),
  );
}

function piece(columns: Column[], from: number, lines: Line[]): HTMLElement {
  const plain = (title: string, kind = ""): HTMLElement => h("th", { class: kind }, title);
  return h(
    "table",
    { class: "columns piece" },
    h(
      "thead",
      {},
      h("tr", {}, h("th", { colspan: 4 }), ...columns.map(({ name }) => h("th", { class: "run", colspan: 3 }, name))),
      h(
        "tr",
        {},
        plain("Level"),
        plain("Metric"),
        plain("Baseline", "number"),
        plain("Tolerance", "number"),
        ...columns.flatMap(() => [
          plain("Current", "number run"),
          plain("Change", "number"),
          plain("Status", "status-cell"),
        ]),
      ),
    ),
    h(
      "tbody",
      {},
      ...lines.map(({ first, rows }) =>
        h(
          "tr",
          { class: columns.length === 1 ? STATUS[first.status].tone : "" },
          h("td", {}, first.place),
          metricCell(first),
          h("td", { class: "number" }, first.shown.baseline),
          h(
            "td",
            { class: "number" },
            first.shown.tolerance,
            first.toleranceOrigin ? ` ${first.toleranceOrigin}` : null,
          ),
          ...rows.slice(from, from + columns.length).flatMap(cells),
        ),
      ),
    ),
  );
}

function cells(row: Row | undefined): HTMLElement[] {
  if (row === undefined) return [h("td", { class: "run" }, "-"), h("td", {}, "-"), h("td", {}, "-")];
  const { word, symbol, tone } = STATUS[row.status];
  return [
    h("td", { class: "number run" }, row.shown.current),
    changeCell(row),
    h("td", { class: "status-cell" }, h("span", { class: `status ${tone}` }, `${symbol} ${word}`)),
  ];
}
