// The change of every metric at every level, against the band of its tolerance.
import type { Judgement, Row } from "../../engine/bridge.ts";
import { breakable, h, phone, s } from "../dom.ts";
import { changeUnit, STATUS } from "../words.ts";
import { figure } from "./frame.ts";
import { linearScale } from "./scale.ts";

const WIDTH = 430;
const HEIGHT = 48;
const EDGE = 26;
/** Width of a text in a strip, as the style sheet sizes it. */
const wide = (text: string): number => (phone.matches ? 8.6 : 7) * text.length;

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
  let end = -Infinity;
  for (const { at, text } of x.ticks) {
    const label = `${at > 0 ? "+" : ""}${text}${unit ? ` ${unit}` : ""}`;
    const half = wide(label) / 2;
    // No label on another, and none beyond the edge.
    if (x(at) - half < Math.max(end, 0) || x(at) + half > WIDTH) continue;
    end = x(at) + half;
    svg.append(s("text", { class: "tick", x: x(at), y: 45, "text-anchor": "middle" }, label));
  }
  let last = -Infinity;
  for (const row of rows.toSorted((a, b) => (value(a) ?? 0) - (value(b) ?? 0))) {
    const { symbol, tone, word } = STATUS[row.status];
    const at = x(value(row) ?? 0);
    const text = `${row.place} ${symbol}`;
    const half = wide(text) / 2;
    const label = at - half >= last ? s("text", { x: at, y: 8, "text-anchor": "middle" }, text) : null;
    if (label) last = at + half;
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
