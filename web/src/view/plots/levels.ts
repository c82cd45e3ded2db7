// One small plot for each metric over the concurrency, both runs, on logarithmic axes.
import type { Row } from "../../engine/bridge.ts";
import type { Column } from "../../state/model.ts";
import { h, s } from "../dom.ts";
import { isReliable, STATUS, unit } from "../words.ts";
import { across, type Axis, dot, frame, logarithmic, marker, type Shape, SIDES, type Side, upwards } from "./frame.ts";
import { line } from "./scale.ts";

const METRICS: [metric: string, title: string][] = [
  ["throughput_toks_per_s", "Throughput"],
  ["ttft_p50_ms", "TTFT p50"],
  ["ttft_p95_ms", "TTFT p95"],
  ["itl_p50_ms", "ITL p50"],
  ["request_latency_p50_ms", "Request latency p50"],
];
const SHAPE: Shape = { width: 360, height: 216, left: 46, right: 56, top: 10, bottom: 40 };
/** Closer than this, two labels would cover each other: side by side, one above the other. */
const [BESIDE, ABOVE] = [28, 15];

interface Point {
  row: Row;
  /** The concurrency, or the request rate. */
  at: number;
}

/** The plots of the rows that are measured in the way of the headline, at concurrencies or at request rates. */
export function levelPlots(rows: Row[], trials: Column["trials"], headline: string): HTMLElement[] {
  const isRate = (level: string) => level.endsWith("/s");
  return METRICS.flatMap(([metric, title]) => {
    const points = rows
      .filter((row) => row.metric === metric && isRate(row.level) === isRate(headline))
      .map((row) => ({ row, at: Number.parseFloat(row.level) }))
      .toSorted((a, b) => a.at - b.at);
    const drawn = points.length > 0 && plot(title, points, trials);
    return drawn ? [drawn] : [];
  });
}

function plot(title: string, points: Point[], trials: Column["trials"]): HTMLElement | null {
  const [first] = points as [Point];
  const { metric, higherIsBetter } = first.row;
  const runs = (side: Side, level: string) => trials[side](level, metric);
  const values = points.flatMap(({ row }) =>
    isReliable(row)
      ? SIDES.flatMap((side) => [...(row[side] === undefined ? [] : [row[side]]), ...runs(side, row.level)])
      : [],
  );
  const drawable = values.filter((value) => value > 0);
  if (drawable.length === 0) return null;
  const about = `${unit(first.row.unit)}, ${higherIsBetter ? "higher" : "lower"} is better`;
  const spoken = points.map(
    ({ row: { place, shown, status } }) =>
      `${place} ${shown.baseline} to ${shown.current}, ${shown.change}, ${STATUS[status].word}`,
  );
  const { svg, x, y } = frame(
    SHAPE,
    `${title} by concurrency, ${about}: ${spoken.join("; ")}`,
    levels(points),
    logarithmic(drawable, upwards(SHAPE), ""),
  );
  const counted = (side: Side) => points.filter(({ row }) => isReliable(row) && (row[side] ?? 0) > 0);
  const edge = (sign: 1 | -1) => (point: Point) => {
    const { baseline = 0, tolerance, toleranceIsPercent } = point.row;
    return y(baseline * (1 + (sign * (toleranceIsPercent ? tolerance : 0)) / 100));
  };
  const path = (points: Point[], of: (point: Point) => number) =>
    line(points.map((point): [number, number] => [x(point.at), of(point)]));
  const banded = counted("baseline");
  svg.append(
    s("path", { class: "band", d: path(banded, edge(1)) + path(banded.toReversed(), edge(-1)).replace("M", "L") }),
  );
  for (const side of SIDES)
    svg.append(s("path", { class: `line ${side}`, d: path(counted(side), ({ row }) => y(row[side] ?? 0)) }));
  for (const side of SIDES)
    svg.append(...points.flatMap((point) => marks(point, side, runs(side, point.row.level), x, y)));
  svg.append(...names((side) => counted(side).at(-1), y));
  return h(
    "figure",
    { class: "small" },
    h("figcaption", {}, h("h3", {}, title, h("span", { class: "hint" }, ` ${about}`))),
    svg,
  );
}

function levels(points: Point[]): Axis {
  const all = points.map(({ at }) => at);
  const axis = logarithmic(all, across(SHAPE), "concurrency");
  let last = -Infinity;
  axis.scale.ticks = points.map(({ at, row }) => {
    const isClear = axis.scale(at) - last >= BESIDE;
    if (isClear) last = axis.scale(at);
    return { at, text: isClear ? row.place : "" };
  });
  if (points[0]?.row.level.endsWith("/s")) axis.title = "request rate";
  return axis;
}

function marks(
  { row, at }: Point,
  side: Side,
  runs: number[],
  x: (at: number) => number,
  y: (value: number) => number,
): SVGElement[] {
  const value = row[side];
  if (value === undefined) return [];
  const doubt = isReliable(row) ? "" : `, ${STATUS[row.status].word}`;
  return [
    ...runs.map((run) => dot(side, x(at) + (side === "baseline" ? -8 : 8), y(run))),
    s(
      "g",
      {},
      s("title", {}, `${side}, ${row.place}: ${row.shown[side]}${doubt}`),
      marker(side, x(at), y(value), doubt !== ""),
    ),
  ];
}

/** The name of each side behind its last point, apart from one another. */
function names(last: (side: Side) => Point | undefined, y: (value: number) => number): SVGElement[] {
  const ends = SIDES.flatMap((side) => {
    const value = last(side)?.row[side];
    return value === undefined ? [] : [{ side, at: y(value) }];
  }).toSorted((a, b) => a.at - b.at);
  const [upper, lower] = ends;
  if (upper && lower && lower.at - upper.at < ABOVE) {
    const [bottom, top] = upwards(SHAPE);
    const middle = Math.max(top + ABOVE / 2, Math.min(bottom - ABOVE / 2, (upper.at + lower.at) / 2));
    [upper.at, lower.at] = [middle - ABOVE / 2, middle + ABOVE / 2];
  }
  return ends.map(({ side, at }) =>
    s("text", { class: `label ${side}`, x: SHAPE.width - SHAPE.right + 4, y: at + 4 }, side),
  );
}
