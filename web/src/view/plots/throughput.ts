// Throughput against latency over concurrency, both runs, with the tolerance of every baseline point.
import type { Row } from "../../engine/bridge.ts";
import type { Column } from "../../state/model.ts";
import { chooser, h, s } from "../dom.ts";
import { isReliable } from "../words.ts";
import { across, dot, figure, frame, large, linear, marker, type Side, sidesLegend, upwards } from "./frame.ts";
import { Labels } from "./labels.ts";
import { line } from "./scale.ts";

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
  reliable: boolean;
  /** The same of each run, where there are several. */
  runs: [x: number, y: number][];
  /** Both numbers as text. */
  said: string;
}

/** The plot; `choose` is called with another horizontal axis. */
export function throughputPlot(
  rows: Row[],
  trials: Column["trials"],
  current: string,
  axis: string,
  choose: (axis: string) => void,
): HTMLElement | null {
  const [metric, xTitle] = AXES.find(([name]) => name === axis) ?? (AXES[0] as [string, string]);
  const before = points(rows, metric, "baseline", trials);
  const after = points(rows, metric, "current", trials);
  const title = "Throughput against latency, by concurrency";
  const control = h("p", { class: "no-print" }, ...chooser("plot-axis", "Horizontal axis ", AXES, metric, choose));
  const all = [...before, ...after];
  if (all.length === 0) return null;
  const scaled = all.some(({ reliable }) => reliable) ? all.filter(({ reliable }) => reliable) : all;
  const most = (of: 0 | 1) =>
    Math.max(...scaled.flatMap(({ x, y, runs }) => [of ? y : x, ...runs.map((run) => run[of])]));
  const shape = large();
  const { svg, x, y } = frame(
    shape,
    `${title}. ${spoken("baseline", before)} ${spoken(current, after)}`,
    linear(most(0), across(shape), xTitle),
    linear(most(1), upwards(shape), "throughput, tok/s (higher is better)"),
  );
  for (const point of before) {
    const band = (point.y * point.tolerance) / 100;
    const [top, bottom] = [y(point.y + band), y(point.y - band)];
    if (point.reliable)
      svg.append(
        s("rect", { class: "band", x: x(point.x) - 12, width: 24, y: top, height: Math.max(1, bottom - top) }),
      );
  }
  const at = (point: Point): [number, number] => [x(point.x), y(point.y)];
  const counted = (list: Point[]) => list.filter(({ reliable }) => reliable).map(at);
  const labels = new Labels(shape, all.map(at), [before, after].map(counted));
  for (const [side, name, list] of [
    ["baseline", "baseline", before],
    ["current", current, after],
  ] as const) {
    svg.append(s("path", { class: `line ${side}`, d: line(counted(list)) }));
    for (const { runs } of list) svg.append(...runs.map(([rx, ry]) => dot(side, x(rx), y(ry))));
    for (const point of list) {
      const [px, py] = at(point);
      const place = labels.place(px, py, point.place);
      if (place?.[2]) svg.append(s("line", { class: `leader ${side}`, x1: px, y1: py, x2: place[0], y2: place[1] }));
      const doubt = point.reliable ? "" : ", unreliable";
      svg.append(
        s(
          "g",
          {},
          s("title", {}, `${name}, ${point.place}: ${point.said}${doubt}`),
          marker(side, px, py, !point.reliable),
          place &&
            s("text", { class: `label ${side}`, x: place[0], y: place[1] + 4, "text-anchor": "middle" }, point.place),
        ),
      );
    }
  }
  const doubt = scaled.length < all.length ? "; hollow: unreliable, not to scale" : "";
  return figure(title, sidesLegend(current, `c16 is concurrency 16; bar: tolerance${doubt}`), svg, control);
}

function points(rows: Row[], metric: string, side: Side, trials: Column["trials"]): Point[] {
  const found: Point[] = [];
  for (const row of rows) {
    const other =
      row.metric === Y ? rows.find((other) => other.metric === metric && other.level === row.level) : undefined;
    const [x, y] = [other?.[side], row[side]];
    if (other && x !== undefined && y !== undefined) {
      const [xs, ys] = [metric, Y].map((name) => trials[side](row.level, name)) as [number[], number[]];
      found.push({
        place: row.place,
        x,
        y,
        tolerance: row.toleranceIsPercent ? row.tolerance : 0,
        reliable: isReliable(row) && isReliable(other),
        // One run may lack one of the two; then nobody knows which belong together.
        runs: xs.length === ys.length ? xs.map((x, at) => [x, ys[at] as number]) : [],
        said: `${row.shown[side]} at ${other.shown[side]}`,
      });
    }
  }
  return found.toSorted((a, b) => order(a.place) - order(b.place));
}

/** Along the levels: `c16`, `5/s`. */
const order = (place: string): number => Number.parseFloat(place.replace(/^c/, ""));

const spoken = (side: string, list: Point[]): string =>
  `${side}: ${list.map(({ place, said }) => `${place} ${said}`).join("; ") || "no points"}.`;
