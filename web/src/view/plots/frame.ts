// Axes and grid that every plot shares. Scales and ticks are those of d3-scale; what is drawn are the component's numbers.
import { type ScaleLinear, scaleLinear } from "d3-scale";
import { h, s } from "../dom.ts";

/** Where a plot draws, in the units of its view box. */
export interface Frame {
  svg: SVGSVGElement;
  x: ScaleLinear<number, number>;
  y: ScaleLinear<number, number>;
}

export const WIDTH = 640;
export const HEIGHT = 380;
export const EDGE = { left: 64, right: 24, top: 16, bottom: 48 };

/** An empty plot from 0 to `mostX` and `mostY`. */
export function frame(title: string, xTitle: string, yTitle: string, mostX: number, mostY: number): Frame {
  const x = scaleLinear([0, mostX * 1.08 || 1], [EDGE.left, WIDTH - EDGE.right]).nice();
  const y = scaleLinear([0, mostY * 1.08 || 1], [HEIGHT - EDGE.bottom, EDGE.top]).nice();
  const svg = s("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": title });
  const grid = s("g", { class: "grid" });
  for (const at of x.ticks(6)) {
    grid.append(
      s("line", { x1: x(at), x2: x(at), y1: y.range()[0], y2: y.range()[1] }),
      s("text", { x: x(at), y: HEIGHT - EDGE.bottom + 18, "text-anchor": "middle" }, x.tickFormat(6)(at)),
    );
  }
  for (const at of y.ticks(6)) {
    grid.append(
      s("line", { x1: x.range()[0], x2: x.range()[1], y1: y(at), y2: y(at) }),
      s("text", { x: EDGE.left - 8, y: y(at) + 4, "text-anchor": "end" }, y.tickFormat(6)(at)),
    );
  }
  const middle = (HEIGHT - EDGE.bottom + EDGE.top) / 2;
  svg.append(
    grid,
    s(
      "text",
      { class: "axis", x: (WIDTH + EDGE.left - EDGE.right) / 2, y: HEIGHT - 8, "text-anchor": "middle" },
      xTitle,
    ),
    s("text", { class: "axis", transform: `translate(14 ${middle}) rotate(-90)`, "text-anchor": "middle" }, yTitle),
  );
  return { svg, x, y };
}

/** A plot with its title and its legend. */
export const figure = (title: string, legend: Node | null, ...content: Node[]): HTMLElement =>
  h("figure", {}, h("figcaption", {}, h("h3", {}, title), legend), ...content);

/** The marker of a side: round and hollow before, square and full after, so that print and eye tell them apart. */
export function marker(side: "baseline" | "current", x: number, y: number): SVGElement {
  return side === "baseline"
    ? s("circle", { class: "point baseline", cx: x, cy: y, r: 5 })
    : s("rect", { class: "point current", x: x - 4.5, y: y - 4.5, width: 9, height: 9 });
}

/** What the markers mean; `current` is what the side of the current run is called. */
export function sidesLegend(current: string, extra?: string): HTMLElement {
  const sample = (side: "baseline" | "current", name: string) =>
    h(
      "span",
      { class: "sample" },
      s("svg", { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" }, marker(side, 8, 8)),
      name,
    );
  return h(
    "p",
    { class: "legend" },
    sample("baseline", "baseline"),
    sample("current", current),
    extra ? h("span", { class: "hint" }, extra) : null,
  );
}
