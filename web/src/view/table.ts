// The table of all rows, worst first: sortable, filterable, a group of columns for each current run.
import type { Row } from "../engine/bridge.ts";
import { Fault } from "../engine/fault.ts";
import type { Beside } from "../state/judgement.ts";
import type { Link } from "../state/link.ts";
import type { Column, Model } from "../state/model.ts";
import { changeCell, type Line, metricCell, originOf } from "./cells.ts";
import { chooser, h } from "./dom.ts";
import { pieces } from "./paper.ts";
import { tip } from "./tip.ts";
import { STATUS, unit, unitBehind } from "./words.ts";

interface Sortable {
  key: string;
  title: string;
  number: boolean;
  of(line: Line): number | string | undefined;
}

const SEVERITY = Object.keys(STATUS);

/** Makes the section with filters and table. `relink` is called when the reader sorts or filters. */
export function tableView(
  { columns, selected }: Pick<Model, "columns" | "selected">,
  given: Link,
  relink: (link: Link) => void,
  select: (at: number) => void,
  stale: HTMLElement | null,
): HTMLElement {
  const lines = linesOf(columns, selected);
  const link = known(lines, selected, given);
  const chosen = sorted(
    lines.filter((line) => passes(line, selected, link)),
    selected,
    link,
  );
  const folded = link.all || link.status !== "" ? [] : chosen.filter(isWithin);
  const shown = { lines: chosen, isFolded: (line: Line) => folded.includes(line) };
  const result = columns[selected]?.result;
  const said = result instanceof Fault ? undefined : result?.said;
  return h(
    "section",
    { class: said?.uncounted ? "rows uncounted" : "rows", "aria-labelledby": "rows-title" },
    h("h2", { id: "rows-title" }, "Rows"),
    stale,
    filters(lines, chosen.length - folded.length, link, relink),
    h(
      "div",
      { class: "scroll no-print", tabindex: 0, role: "region", "aria-label": "Table of rows" },
      columns.length > 1 ? wide({ columns, selected }, shown, link, relink, select) : narrow(shown, link, relink),
    ),
    more(chosen.filter(isWithin).length, link, relink),
    said?.uncounted ? h("p", { class: "hint" }, said.uncounted) : null,
    said?.unmeasured ? h("p", { class: "hint" }, said.unmeasured) : null,
    pieces(columns, chosen),
  );
}

/** The lines that are shown, and which of them only once they are asked for. */
interface Listed {
  lines: Line[];
  isFolded(line: Line): boolean;
}

/** In the order of the chosen run. */
function linesOf(columns: Column[], selected: number): Line[] {
  const lines = new Map<string, Line>();
  const others = columns.map((_, at) => at).filter((at) => at !== selected);
  for (const at of [selected, ...others]) {
    const result = columns[at]?.result;
    if (result === undefined || result instanceof Fault) continue;
    for (const row of result.rows) {
      const key = `${row.level} ${row.metric}`;
      const line = lines.get(key) ?? { first: row, rows: columns.map(() => undefined), beside: [] };
      line.rows[at] = row;
      line.beside[at] = result.beside(row);
      lines.set(key, line);
    }
  }
  return [...lines.values()];
}

const isWithin = ({ rows }: Line): boolean => rows.every((row) => row === undefined || row.status === "within");

/** The rows within tolerance are one click away. */
function more(within: number, link: Link, relink: (link: Link) => void): HTMLElement | null {
  if (within === 0 || link.status !== "") return null;
  return h(
    "p",
    { class: "more no-print" },
    h(
      "button",
      {
        type: "button",
        id: "more-rows",
        "aria-expanded": String(link.all),
        click: () => relink({ ...link, all: !link.all }),
      },
      `${link.all ? "Hide" : "Show"} ${within} within tolerance`,
    ),
  );
}

/** Without filters for what no row has: a link may be of another comparison, and a status may be gone. */
function known(lines: Line[], selected: number, link: Link): Link {
  const some = (name: "level" | "status" | "metric") =>
    lines.some((line) => passes(line, selected, { ...link, level: "", status: "", metric: "", [name]: link[name] }))
      ? link[name]
      : "";
  return { ...link, level: some("level"), status: some("status"), metric: some("metric") };
}

const passes = ({ first, rows }: Line, selected: number, { level, status, metric }: Link): boolean =>
  (level === "" || first.level === level) &&
  (status === "" || (rows[selected] ?? first).status === status) &&
  (metric === "" || first.metric === metric);

const SORTS = (selected: number): Sortable[] => {
  const row = ({ first, rows }: Line) => rows[selected] ?? first;
  return [
    { key: "status", title: "Status", number: false, of: (line) => SEVERITY.indexOf(row(line).status) },
    {
      key: "level",
      title: "Level",
      number: false,
      of: ({ first }) => (Number.isNaN(Number(first.level)) ? Infinity : Number(first.level)),
    },
    { key: "metric", title: "Metric", number: false, of: ({ first }) => first.metric },
    { key: "baseline", title: "Baseline", number: true, of: (line) => row(line).baseline },
    { key: "current", title: "Current", number: true, of: (line) => row(line).current },
    { key: "change", title: "Change", number: true, of: (line) => row(line).deltaPct ?? row(line).delta },
    { key: "tolerance", title: "Tolerance", number: true, of: (line) => row(line).tolerance },
  ];
};

function sorted(lines: Line[], selected: number, { sort, down }: Link): Line[] {
  const by = SORTS(selected).find(({ key }) => key === sort);
  if (by === undefined) return lines;
  const sign = down ? -1 : 1;
  return lines.toSorted((a, b) => {
    const [left, right] = [by.of(a), by.of(b)];
    // Rows without a value stay at the end whichever way it is sorted.
    if (left === undefined || right === undefined) return Number(left === undefined) - Number(right === undefined);
    if (typeof left === "string" || typeof right === "string")
      return sign * (String(left) < String(right) ? -1 : Number(left !== right));
    return left === right ? 0 : sign * (left < right ? -1 : 1);
  });
}

function filters(lines: Line[], shown: number, link: Link, relink: (link: Link) => void): HTMLElement {
  const choice = (name: "level" | "status" | "metric", title: string, values: [string, string][]) => {
    return h(
      "span",
      { class: "filter" },
      ...chooser(`filter-${name}`, title, [["", "all"], ...values], link[name], (value) =>
        relink({ ...link, [name]: value }),
      ),
    );
  };
  const unique = (of: (row: Row) => [value: string, word: string]): [string, string][] => [
    ...new Map(lines.map(({ first }) => of(first))),
  ];
  const statuses = new Set(lines.flatMap(({ rows }) => rows.flatMap((row) => (row ? [row.status] : []))));
  return h(
    "div",
    { class: "filters no-print" },
    choice(
      "level",
      "Level",
      unique(({ level, place }) => [level, place]),
    ),
    choice(
      "status",
      "Status",
      [...statuses].map((status) => [status, STATUS[status].word]),
    ),
    choice(
      "metric",
      "Metric",
      unique(({ metric }) => [metric, metric]),
    ),
    h("span", { class: "hint", role: "status" }, `${shown} of ${lines.length} rows`),
  );
}

function heading({ key, title, number }: Sortable, link: Link, relink: (link: Link) => void, span = 1): HTMLElement {
  const on = link.sort === key;
  const next = on && link.down ? { ...link, sort: "", down: false } : { ...link, sort: key, down: on };
  return h(
    "th",
    {
      scope: "col",
      class: number ? "number" : "",
      "aria-sort": on ? (link.down ? "descending" : "ascending") : "none",
      ...(span > 1 ? { rowspan: span } : {}),
    },
    h(
      "button",
      { type: "button", "data-sort": key, click: () => relink(next) },
      title,
      h("span", { class: "arrow", "aria-hidden": "true" }, on ? (link.down ? "▼" : "▲") : ""),
    ),
  );
}

function narrow({ lines, isFolded }: Listed, link: Link, relink: (link: Link) => void): HTMLElement {
  const [status, level, metric, ...numbers] = SORTS(0).map((sort) => heading(sort, link, relink));
  const plain = (title: string) => h("th", { scope: "col", class: "detail" }, title);
  return h(
    "table",
    {},
    h("caption", { class: "hidden" }, "All compared numbers"),
    h("thead", {}, h("tr", {}, status, level, metric, plain("Unit"), plain("Better"), ...numbers)),
    h(
      "tbody",
      {},
      ...lines.map((line, at) => {
        const { first, beside } = line;
        const { tone } = STATUS[first.status];
        return h(
          "tr",
          { class: tone, "data-row": `${first.level}/${first.metric}`, hidden: isFolded(line) },
          statusCell(first, `why-${at}`),
          h("td", { class: "place" }, first.place),
          metricCell(first),
          h("td", { class: "detail" }, unit(first.unit)),
          h("td", { class: "detail" }, first.higherIsBetter ? "higher" : "lower"),
          numberCell(first, "baseline", beside[0]),
          numberCell(first, "current", beside[0]),
          changeCell(first, beside[0]),
          h(
            "td",
            { class: "number tolerated" },
            first.shown.tolerance,
            h("span", { class: first.toleranceOrigin ? "origin" : "origin usual" }, ` ${originOf(first)}`),
          ),
        );
      }),
    ),
  );
}

/** A number of a side, and with repeated runs their mean and spread. */
function numberCell(row: Row, side: "baseline" | "current", beside: Beside | undefined): HTMLElement {
  const trials = beside?.[`${side}_trials`];
  return h(
    "td",
    { class: `number ${side}`, "data-behind": unitBehind(row) },
    row.shown[side],
    trials ? h("span", { class: "trials" }, ` ${trials}`) : null,
  );
}

function wide(
  { columns, selected }: Pick<Model, "columns" | "selected">,
  { lines, isFolded }: Listed,
  link: Link,
  relink: (link: Link) => void,
  select: (at: number) => void,
): HTMLElement {
  const sorts = SORTS(selected);
  const head = (key: string, span = 2) =>
    heading(sorts.find((sort) => sort.key === key) as Sortable, link, relink, span);
  const top = columns.map(({ name }, at) =>
    h(
      "th",
      { scope: "colgroup", colspan: 3, class: at === selected ? "run selected" : "run" },
      h(
        "button",
        { type: "button", id: `show-${at}`, "aria-pressed": String(at === selected), click: () => select(at) },
        h("span", { class: "hidden" }, "Show "),
        name,
      ),
    ),
  );
  // The rows are sorted by the run that was selected.
  const own = ["current", "change", "status"].map((key) => head(key, 1));
  own[0]?.classList.add("run");
  const below = columns.flatMap((_, at) =>
    at === selected
      ? own
      : [
          h("th", { scope: "col", class: "number run" }, "Current"),
          h("th", { scope: "col", class: "number" }, "Change"),
          h("th", { scope: "col" }, "Status"),
        ],
  );
  const cells = (row: Row | undefined, beside: Beside | undefined, id: string): HTMLElement[] =>
    row === undefined
      ? [h("td", { class: "run" }, "-"), h("td", {}, "-"), h("td", {}, "-")]
      : [h("td", { class: "number run" }, row.shown.current), changeCell(row, beside), statusCell(row, id)];
  return h(
    "table",
    { class: columns.length > 3 ? "columns many" : "columns" },
    h("caption", { class: "hidden" }, "All compared numbers of all current runs"),
    h(
      "thead",
      {},
      h("tr", {}, head("level"), head("metric"), head("baseline"), head("tolerance"), ...top),
      h("tr", {}, ...below),
    ),
    h(
      "tbody",
      {},
      ...lines.map((line, at) => {
        const { first, rows, beside } = line;
        return h(
          "tr",
          { "data-row": `${first.level}/${first.metric}`, hidden: isFolded(line) },
          h("td", {}, first.place),
          metricCell(first),
          h("td", { class: "number" }, first.shown.baseline),
          h("td", { class: "number" }, first.shown.tolerance),
          ...rows.flatMap((row, run) => cells(row, beside[run], `why-${at}-${run}`)),
        );
      }),
    ),
  );
}

function statusCell(row: Row, id: string): HTMLElement {
  const { word, symbol, tone } = STATUS[row.status];
  const label = h(
    "button",
    { type: "button", class: `status ${tone}`, "aria-describedby": id },
    h("span", { class: "mark", "aria-hidden": "true" }, symbol),
    word,
  );
  tip(label, row.explanation);
  return h("td", { class: "status-cell" }, label, h("span", { id, hidden: true }, row.explanation));
}
