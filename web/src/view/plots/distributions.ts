// Cumulative distribution of one quantity over the requests of a level, both runs, where records exist.
import type { Row } from "../../engine/bridge.ts";
import type { Distribution, Quantiles, Whole } from "../../state/judgement.ts";
import { chooser, h, s } from "../dom.ts";
import { placeOf } from "../words.ts";
import { evidenceList } from "./evidence.ts";
import {
  across,
  type Frame,
  figure,
  frame,
  large,
  linear,
  marker,
  SIDES,
  type Side,
  sidesLegend,
  upwards,
} from "./frame.ts";
import { line } from "./scale.ts";

const TITLES: Record<string, string> = { ttft_ms: "TTFT", itl_ms: "ITL", request_latency_ms: "request latency" };
const TITLE = "Distribution over requests";
/** A marker at every so many quantiles, so that the two lines differ without colour. */
const EVERY = 10;
/** The percentiles that are marked. */
const MARKED = [50, 95, 99];

/**
 * The plot; `choose` is called with another `quantity/level`. None where the judgement says nothing about requests, which
 * is not the same as a run without records.
 */
export function distributionPlot(
  { distributions, evidence, headline }: Pick<Whole, "distributions" | "evidence" | "headline">,
  current: string,
  chosen: string,
  choose: (chosen: string) => void,
  rows: Row[] = [],
): HTMLElement | null {
  if (distributions === undefined) return null;
  const known = (distributions ?? []).filter(({ baseline, current }) => baseline !== null || current !== null);
  const [first] = known;
  if (first === undefined) return figure(TITLE, null, h("p", { class: "hint" }, "no per-request records"));
  const key = ({ quantity, level }: Distribution): string => `${quantity}/${level}`;
  const shown =
    known.find((one) => key(one) === chosen) ?? known.find(({ level }) => level === headline.level) ?? first;
  const quantities = [...new Set(known.map(({ quantity }) => quantity))];
  const levels = known.filter(({ quantity }) => quantity === shown.quantity).map(({ level }) => level);
  const controls = h(
    "p",
    { class: "no-print" },
    ...chooser(
      "distribution-quantity",
      "Quantity ",
      quantities.map((name) => [name, TITLES[name] ?? name]),
      shown.quantity,
      (quantity) => choose(`${quantity}/${shown.level}`),
    ),
    ...chooser(
      "distribution-level",
      " Measured at ",
      levels.map((level) => [level, placeOf(level)]),
      shown.level,
      (level) => choose(`${shown.quantity}/${level}`),
    ),
  );
  const within = evidence
    ? evidenceList(evidence, shown.quantity, shown.level, TITLES[shown.quantity] ?? shown.quantity)
    : null;
  const plot = figure(
    TITLE,
    sidesLegend(current, `${counted("baseline", shown.baseline)}; ${counted("current", shown.current)}`),
    controls,
    drawn(shown),
    ...percentiles(shown, rows),
    ...(within ? [within] : []),
  );
  plot.classList.add("distribution");
  return plot;
}

const counted = (side: string, of: Quantiles | null): string =>
  of === null ? `${side}: no per-request records` : `${side}: ${of.n} of ${of.of} requests`;

function drawn({ quantity, level, baseline, current }: Distribution): SVGElement {
  const sides: [Side, Quantiles | null][] = [
    ["baseline", baseline],
    ["current", current],
  ];
  const name = TITLES[quantity] ?? quantity;
  const spoken = sides.map(([side, of]) =>
    of === null
      ? `${side}: no per-request records`
      : `${side}: median ${of.quantiles[(of.quantiles.length - 1) / 2]} ms, longest ${of.quantiles.at(-1)} ms`,
  );
  const most = Math.max(...sides.flatMap(([, of]) => of?.quantiles ?? []));
  const wide = large();
  // Room behind the plot for the names of percentiles.
  const shape = { ...wide, right: 34 };
  const plot = frame(
    shape,
    `${TITLE}: ${name} at ${placeOf(level)}. ${spoken.join("; ")}`,
    linear(most, across(shape), `${name}, ms (lower is better: further left)`),
    linear(96, upwards(shape), "requests at or below, %"),
  );
  const { svg, x, y } = plot;
  for (const at of MARKED) {
    // Two of them are closer than lines of text are high.
    const text = s(
      "text",
      { class: "percentile", x: shape.width - 30, y: y(at) + (at === 99 ? -1 : at === 95 ? 12 : 4) },
      `p${at}`,
    );
    svg.append(s("line", { class: "percentile", x1: x(0), x2: shape.width - 34, y1: y(at), y2: y(at) }), text);
  }
  for (const [side, of] of sides) {
    if (of === null) continue;
    const step = 100 / (of.quantiles.length - 1);
    svg.append(
      s("path", { class: `line ${side}`, d: line(of.quantiles.map((value, at) => [x(value), y(at * step)])) }),
    );
    of.quantiles.forEach((value, at) => {
      if (at % EVERY === (side === "baseline" ? 0 : EVERY / 2))
        svg.append(
          s(
            "g",
            {},
            s("title", {}, `${side}: ${at * step} % at or below ${value} ms`),
            small(side, x(value), y(at * step)),
          ),
        );
    });
    for (const at of MARKED) svg.append(crossing(plot, side, at, of.quantiles));
  }
  return svg;
}

const small = (side: Side, x: number, y: number): SVGElement =>
  side === "baseline"
    ? s("circle", { class: "point baseline", cx: x, cy: y, r: 2.2 })
    : s("rect", { class: "point current", x: x - 2, y: y - 2, width: 4, height: 4 });

/** The marker where a line crosses a percentile. */
function crossing({ x, y }: Frame, side: Side, percent: number, quantiles: number[]): SVGElement {
  const at = (percent / 100) * (quantiles.length - 1);
  const [low = 0, high = low] = [quantiles[Math.floor(at)], quantiles[Math.ceil(at)]];
  return marker(side, x(low + (high - low) * (at % 1)), y(percent));
}

/** The percentiles that rows of the judgement have, as they have them. */
function percentiles({ quantity, level }: Distribution, rows: Row[]): HTMLElement[] {
  const said = MARKED.flatMap((at) => {
    const metric = quantity.replace(/ms$/, `p${at}_ms`);
    const row = rows.find((row) => row.metric === metric && row.level === level);
    return row ? [`p${at} ${SIDES.map((side) => row.shown[side]).join(" -> ")} ms`] : [];
  });
  return said.length === 0 ? [] : [h("p", { class: "hint" }, said.join(", "))];
}
