// Axes and grid that every plot shares. What is drawn are the component's numbers.
import { h, phone, s } from "../dom.ts";
import { linearScale, logarithmicScale, type Scale } from "./scale.ts";

export type Side = "baseline" | "current";
export const SIDES: Side[] = ["baseline", "current"];

/** How large a plot is, in pixels, and how much of it its axes take. */
export interface Shape {
  width: number;
  height: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

const WIDE: Shape = { width: 600, height: 360, left: 50, right: 22, top: 26, bottom: 46 };
const PHONE: Shape = { width: 362, height: 268, left: 46, right: 14, top: 24, bottom: 42 };

/** A plot that stands alone. It is drawn as large as it is shown, so that its text has the size of text. */
export const large = (): Shape => (phone.matches ? PHONE : WIDE);

export interface Axis {
  scale: Scale;
  title: string;
}

/** From 0 to `most`. */
export const linear = (most: number, range: [number, number], title: string): Axis => ({
  scale: linearScale([0, most * 1.04 || 1], range, Math.abs(range[1] - range[0]) < 350 ? 5 : 6),
  title,
});

/** Around numbers above 0, with room on both sides. */
export const logarithmic = (values: number[], range: [number, number], title: string): Axis => ({
  scale: logarithmicScale([Math.min(...values) / 1.25, Math.max(...values) * 1.25], range),
  title,
});

/** Where a plot draws. */
export interface Frame {
  svg: SVGSVGElement;
  /** Pixels of a number: at the edge where it lies outside of the scale. */
  x(value: number): number;
  y(value: number): number;
}

/** The pixels from one edge of a plot to the other. */
export const across = ({ left, width, right }: Shape): [number, number] => [left, width - right];
export const upwards = ({ height, bottom, top }: Shape): [number, number] => [height - bottom, top];

/** An empty plot. */
export function frame(shape: Shape, title: string, x: Axis, y: Axis): Frame {
  const { width, height, left, right } = shape;
  const svg = s("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": title });
  const [[x1, x2], [y1, y2]] = [across(shape), upwards(shape)];
  const grid = s("g", { class: "grid" });
  for (const { at, text } of x.scale.ticks) {
    const px = x.scale(at);
    grid.append(
      s("line", { x1: px, x2: px, y1, y2 }),
      text === "" ? "" : s("text", { x: px, y: y1 + 17, "text-anchor": "middle" }, text),
    );
  }
  for (const { at, text } of y.scale.ticks) {
    const py = y.scale(at);
    grid.append(
      s("line", { x1, x2, y1: py, y2: py }),
      s("text", { x: left - 7, y: py + 4, "text-anchor": "end" }, text),
    );
  }
  svg.append(
    grid,
    s("text", { class: "axis", x: (width + left - right) / 2, y: height - 6, "text-anchor": "middle" }, x.title),
  );
  if (y.title) svg.append(s("text", { class: "axis", x: 2, y: 12 }, y.title));
  const inside = (scale: Scale, a: number, b: number) => (value: number) =>
    Math.max(Math.min(a, b), Math.min(Math.max(a, b), scale(value)));
  return { svg, x: inside(x.scale, x1, x2), y: inside(y.scale, y1, y2) };
}

/** A plot with its title and its legend. */
export const figure = (title: string, legend: Node | null, ...content: Node[]): HTMLElement =>
  h("figure", {}, h("figcaption", {}, h("h3", {}, title), legend), ...content);

/** The marker of a side, round before and square after, so that print and eye tell them apart; hollow where it does not count. */
export function marker(side: Side, x: number, y: number, hollow = false): SVGElement {
  const name = `point ${side}${hollow ? " hollow" : ""}`;
  return side === "baseline"
    ? s("circle", { class: name, cx: x, cy: y, r: 4.5 })
    : s("rect", { class: name, x: x - 4.25, y: y - 4.25, width: 8.5, height: 8.5 });
}

/** The dot of one of several runs, beside the marker of their side. */
export const dot = (side: Side, x: number, y: number): SVGElement =>
  s("circle", { class: `trial ${side}`, cx: x, cy: y, r: 2.2 });

/** What the markers mean; `current` is what the side of the current run is called. */
export function sidesLegend(current: string, extra?: string): HTMLElement {
  const sample = (side: Side, name: string) =>
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
