// Throughput against latency over concurrency, both runs, with the tolerance of every baseline point.
import { line } from "d3-shape";
import type { Judgement, Row } from "../../engine/bridge.ts";
import { chooser, h, s } from "../dom.ts";
import { ofUnit } from "../number.ts";
import { figure, frame, marker, sidesLegend } from "./frame.ts";

/** What may stand on the horizontal axis. */
export const AXES: [metric: string, title: string][] = [
  ["tps_per_user", "tok/s/user (higher is better)"],
  ["ttft_p50_ms", "TTFT p50, ms (lower is better)"],
  ["ttft_p95_ms", "TTFT p95, ms (lower is better)"],
];
const Y = "throughput_toks_per_s";

interface Point {
  level: string;
  x: number;
  y: number;
  tolerance: number;
}

/** The plot; `choose` is called with another horizontal axis. */
export function throughputPlot({ rows }: Judgement, axis: string, choose: (axis: string) => void): HTMLElement | null {
  const [metric, xTitle] = AXES.find(([name]) => name === axis) ?? (AXES[0] as [string, string]);
  const before = points(rows, metric, "baseline");
  const after = points(rows, metric, "current");
  const title = "Throughput against latency, by concurrency";
  const control = h("p", { class: "no-print" }, ...chooser("plot-axis", "Horizontal axis ", AXES, metric, choose));
  if (before.length + after.length === 0) return null;
  const all = [...before, ...after];
  const most = (of: (point: Point) => number) => Math.max(...all.map(of));
  const { svg, x, y } = frame(
    `${title}. ${spoken("baseline", before)} ${spoken("current", after)}`,
    xTitle,
    "output throughput, tok/s (higher is better)",
    most((point) => point.x),
    most((point) => point.y),
  );
  for (const { x: px, y: py, tolerance } of before) {
    const band = (py * tolerance) / 100;
    svg.append(s("rect", { class: "band", x: x(px) - 12, width: 24, y: y(py + band), height: Math.max(1, y(py - band) - y(py + band)) }));
  }
  const labels = new Labels();
  const path = line<Point>((point) => x(point.x), (point) => y(point.y));
  for (const [side, list] of [["baseline", before], ["current", after]] as const) {
    svg.append(s("path", { class: `line ${side}`, d: path(list) ?? "" }));
    for (const point of list) {
      const [px, py] = [x(point.x), y(point.y)];
      const [lx, ly] = labels.place(px, py, point.level);
      const name = s("text", { class: `label ${side}`, x: lx, y: ly, "text-anchor": "middle" }, point.level);
      svg.append(s("g", {}, s("title", {}, `${side}, concurrency ${point.level}: ${ofUnit(point.y, "")} tok/s at ${ofUnit(point.x, "")}`), marker(side, px, py), name));
    }
  }
  return figure(title, sidesLegend("numbers are concurrency levels; the bar on a baseline point is its throughput tolerance"), control, svg);
}

function points(rows: Row[], metric: string, side: "baseline" | "current"): Point[] {
  const found: Point[] = [];
  for (const row of rows) {
    const other = row.metric === Y ? rows.find((other) => other.metric === metric && other.level === row.level) : undefined;
    const [x, y] = [other?.[side], row[side]];
    if (x !== undefined && y !== undefined) found.push({ level: row.level, x, y, tolerance: row.toleranceIsPercent ? row.tolerance : 0 });
  }
  return found;
}

const spoken = (side: string, list: Point[]): string =>
  `${side}: ${list.map(({ level, x, y }) => `concurrency ${level} ${ofUnit(y, "")} tok/s at ${ofUnit(x, "")}`).join("; ") || "no points"}.`;

/** Finds a free place beside each point. */
class Labels {
  #taken: [x: number, y: number, halfWidth: number][] = [];

  place(x: number, y: number, text: string): [number, number] {
    const half = 4 * text.length + 2;
    const reach = 8 + half;
    const places: [number, number][] = [[x + reach, y - 5], [x - reach, y - 5], [x, y - 11], [x, y + 20], [x + reach, y + 14], [x - reach, y + 14]];
    const free = places.find(([px, py]) => this.#taken.every(([tx, ty, width]) => Math.abs(px - tx) > half + width || Math.abs(py - ty) > 12));
    const [px, py] = free ?? [x, y - 24];
    this.#taken.push([px, py, half]);
    return [px, py];
  }
}
