// The change of every metric at every level, against the band of its tolerance.
import type { Judgement, Row } from "../../engine/bridge.ts";
import { breakable, h, s } from "../dom.ts";
import { changeUnit, STATUS } from "../words.ts";
import { figure } from "./frame.ts";
import { linearScale } from "./scale.ts";

const WIDTH = 430;
const HEIGHT = 48;
const EDGE = 26;
/** Closer than this, two labels would cover each other. */
const APART = 28;

/** One strip for each metric. */
export function deltaPlot({ rows }: Judgement, current: string): HTMLElement | null {
  const strips = [...new Set(rows.map(({ metric }) => metric))].flatMap((metric) => {
    const known = rows.filter((row) => row.metric === metric && value(row) !== undefined);
    const [first] = known;
    return first
      ? [
          h(
            "div",
            { class: "strip" },
            h(
              "span",
              { class: "strip-name" },
              ...breakable(metric),
              h("span", { class: "hint" }, first.higherIsBetter ? " higher is better" : " lower is better"),
            ),
            strip(known, first),
          ),
        ]
      : [];
  });
  if (strips.length === 0) return null;
  const legend = h(
    "p",
    { class: "legend hint" },
    `each mark is a place with its status, ${current} against baseline; the band is the tolerance`,
  );
  return figure("Change by metric, with tolerance", legend, h("div", { class: "strips" }, ...strips));
}

/** The change in the unit of the tolerance. */
function value(row: Row): number | undefined {
  if (row.toleranceIsPercent) return row.deltaPct;
  return row.delta === undefined ? undefined : scaled(row, row.delta);
}

/** Shares are printed in points. */
const scaled = (row: Row, number: number): number =>
  !row.toleranceIsPercent && row.unit === "fraction" ? 100 * number : number;

function strip(rows: Row[], first: Row): SVGElement {
  const band = scaled(first, first.tolerance);
  const values = rows.map((row) => value(row) ?? 0);
  const room = band * 2 || 1;
  const x = linearScale([Math.min(-room, ...values), Math.max(room, ...values)], [EDGE, WIDTH - EDGE], 5);
  const unit = changeUnit(first);
  const spoken = rows.map((row) => `${row.place} ${row.shown.change} ${STATUS[row.status].word}`).join("; ");
  const svg = s("svg", {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    role: "img",
    "aria-label": `${first.metric}, tolerance ${first.shown.tolerance}: ${spoken}`,
  });
  svg.append(
    s("rect", { class: "band", x: x(-band), width: x(band) - x(-band), y: 12, height: 20 }),
    s("line", { class: "zero", x1: x(0), x2: x(0), y1: 10, y2: 34 }),
    s("line", { class: "base", x1: EDGE, x2: WIDTH - EDGE, y1: 22, y2: 22 }),
  );
  for (const { at, text } of x.ticks) {
    svg.append(
      s(
        "text",
        { class: "tick", x: x(at), y: 45, "text-anchor": "middle" },
        `${at > 0 ? "+" : ""}${text}${unit ? ` ${unit}` : ""}`,
      ),
    );
  }
  let last = -Infinity;
  for (const row of rows.toSorted((a, b) => (value(a) ?? 0) - (value(b) ?? 0))) {
    const { symbol, tone, word } = STATUS[row.status];
    const at = x(value(row) ?? 0);
    const label =
      at - last >= APART ? s("text", { x: at, y: 8, "text-anchor": "middle" }, `${row.place} ${symbol}`) : null;
    if (label) last = at;
    svg.append(
      s(
        "g",
        { class: `delta ${tone}` },
        s("title", {}, `${row.place}: ${row.shown.change}, ${word}`),
        s("line", { x1: at, x2: at, y1: 13, y2: 31 }),
        label,
      ),
    );
  }
  return svg;
}
