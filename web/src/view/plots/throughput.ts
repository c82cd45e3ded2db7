// Throughput against latency over concurrency, both runs, with the tolerance of every baseline point.
import { line } from "d3-shape";
import type { Judgement, Row } from "../../engine/bridge.ts";
import { chooser, h, s } from "../dom.ts";
import { EDGE, figure, frame, HEIGHT, marker, sidesLegend, WIDTH } from "./frame.ts";

/** What may stand on the horizontal axis. */
export const AXES: [metric: string, title: string][] = [
  ["tps_per_user", "tok/s/user (higher is better)"],
  ["ttft_p50_ms", "TTFT p50, ms (lower is better)"],
  ["ttft_p95_ms", "TTFT p95, ms (lower is better)"],
];
const Y = "throughput_toks_per_s";

interface Point {
  place: string;
  x: number;
  y: number;
  tolerance: number;
  /** Both numbers as text. */
  said: string;
}

/** The plot; `choose` is called with another horizontal axis. */
export function throughputPlot(
  { rows }: Judgement,
  current: string,
  axis: string,
  choose: (axis: string) => void,
): HTMLElement | null {
  const [metric, xTitle] = AXES.find(([name]) => name === axis) ?? (AXES[0] as [string, string]);
  const before = points(rows, metric, "baseline");
  const after = points(rows, metric, "current");
  const title = "Throughput against latency, by concurrency";
  const control = h("p", { class: "no-print" }, ...chooser("plot-axis", "Horizontal axis ", AXES, metric, choose));
  if (before.length + after.length === 0) return null;
  const all = [...before, ...after];
  const most = (of: (point: Point) => number) => Math.max(...all.map(of));
  const { svg, x, y } = frame(
    `${title}. ${spoken("baseline", before)} ${spoken(current, after)}`,
    xTitle,
    "output throughput, tok/s (higher is better)",
    most((point) => point.x),
    most((point) => point.y),
  );
  for (const { x: px, y: py, tolerance } of before) {
    const band = (py * tolerance) / 100;
    svg.append(
      s("rect", {
        class: "band",
        x: x(px) - 12,
        width: 24,
        y: y(py + band),
        height: Math.max(1, y(py - band) - y(py + band)),
      }),
    );
  }
  const labels = new Labels(all.map((point) => [x(point.x), y(point.y)]));
  const path = line<Point>(
    (point) => x(point.x),
    (point) => y(point.y),
  );
  for (const [side, name, list] of [
    ["baseline", "baseline", before],
    ["current", current, after],
  ] as const) {
    svg.append(s("path", { class: `line ${side}`, d: path(list) ?? "" }));
    for (const point of list) {
      const [px, py] = [x(point.x), y(point.y)];
      const [lx, ly, far] = labels.place(px, py, point.place);
      if (far) svg.append(s("line", { class: `leader ${side}`, x1: px, y1: py, x2: lx, y2: ly }));
      const label = s("text", { class: `label ${side}`, x: lx, y: ly + 4, "text-anchor": "middle" }, point.place);
      svg.append(s("g", {}, s("title", {}, `${name}, ${point.place}: ${point.said}`), marker(side, px, py), label));
    }
  }
  return figure(
    title,
    sidesLegend(current, "c16 is concurrency 16; the bar on a baseline point is its throughput tolerance"),
    control,
    svg,
  );
}

function points(rows: Row[], metric: string, side: "baseline" | "current"): Point[] {
  const found: Point[] = [];
  for (const row of rows) {
    const other =
      row.metric === Y ? rows.find((other) => other.metric === metric && other.level === row.level) : undefined;
    const [x, y] = [other?.[side], row[side]];
    if (other && x !== undefined && y !== undefined) {
      const tolerance = row.toleranceIsPercent ? row.tolerance : 0;
      found.push({ place: row.place, x, y, tolerance, said: `${row.shown[side]} at ${other.shown[side]}` });
    }
  }
  return found;
}

const spoken = (side: string, list: Point[]): string =>
  `${side}: ${list.map(({ place, said }) => `${place} ${said}`).join("; ") || "no points"}.`;

/** A box by its middle and half its width and height. */
type Box = [x: number, y: number, halfWidth: number, halfHeight: number];

/** Directions in the order of preference, and how far out a label may go. */
const AROUND = [-0.125, -0.375, 0.125, 0.375, -0.25, 0.25, 0, 0.5].map((turn) => turn * 2 * Math.PI);
const RINGS = [14, 24, 36, 50, 66];

/** Finds a free place near each point, covering neither a marker nor another label. */
class Labels {
  #taken: Box[];

  constructor(points: [x: number, y: number][]) {
    this.#taken = points.map(([x, y]) => [x, y, 6, 6]);
  }

  /** The middle of the label, and whether it is so far out that a line must lead to it. */
  place(x: number, y: number, text: string): [x: number, y: number, far: boolean] {
    const half = 3.6 * text.length + 1;
    const places = RINGS.flatMap((ring) =>
      AROUND.map((angle): [number, number, boolean] => [
        x + (ring + half - 4) * Math.cos(angle),
        y + ring * Math.sin(angle),
        ring !== RINGS[0],
      ]),
    );
    const [fallback] = places;
    const found = places.find(([px, py]) => this.#isFree([px, py, half, 6])) ?? (fallback as [number, number, boolean]);
    this.#taken.push([found[0], found[1], half, 6]);
    return found;
  }

  #isFree([x, y, width, height]: Box): boolean {
    const inside =
      x - width > EDGE.left &&
      x + width < WIDTH - EDGE.right &&
      y - height > EDGE.top &&
      y + height < HEIGHT - EDGE.bottom;
    return (
      inside && this.#taken.every(([tx, ty, tw, th]) => Math.abs(x - tx) > width + tw || Math.abs(y - ty) > height + th)
    );
  }
}
