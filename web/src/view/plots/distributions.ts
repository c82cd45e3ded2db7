// Cumulative distribution of one quantity over the requests of a level, both runs, where records exist.
import { line } from "d3-shape";
import type { Distribution, Quantiles, Whole } from "../../state/judgement.ts";
import { chooser, h, s } from "../dom.ts";
import { placeOf } from "../words.ts";
import { evidenceList } from "./evidence.ts";
import { figure, frame, marker, sidesLegend } from "./frame.ts";

const TITLES: Record<string, string> = { ttft_ms: "TTFT", itl_ms: "ITL", request_latency_ms: "request latency" };
const TITLE = "Distribution over requests";
/** A marker at every so many quantiles, so that the two lines differ without colour. */
const EVERY = 10;

/**
 * The plot; `choose` is called with another `quantity/level`. None where the judgement says nothing about requests, which
 * is not the same as a run without records.
 */
export function distributionPlot(
  { distributions, evidence, headline }: Pick<Whole, "distributions" | "evidence" | "headline">,
  current: string,
  chosen: string,
  choose: (chosen: string) => void,
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
  return figure(
    TITLE,
    sidesLegend(current, `${counted("baseline", shown.baseline)}; ${counted("current", shown.current)}`),
    controls,
    drawn(shown),
    ...(within ? [within] : []),
  );
}

const counted = (side: string, of: Quantiles | null): string =>
  of === null ? `${side}: no per-request records` : `${side}: ${of.n} of ${of.of} requests`;

function drawn({ quantity, level, baseline, current }: Distribution): SVGElement {
  const sides = [
    ["baseline", baseline],
    ["current", current],
  ] as const;
  const name = TITLES[quantity] ?? quantity;
  const spoken = sides.map(([side, of]) =>
    of === null
      ? `${side}: no per-request records`
      : `${side}: median ${of.quantiles[(of.quantiles.length - 1) / 2]} ms, longest ${of.quantiles.at(-1)} ms`,
  );
  const most = Math.max(...sides.flatMap(([, of]) => of?.quantiles ?? []));
  const { svg, x, y } = frame(
    `${TITLE}: ${name} at ${placeOf(level)}. ${spoken.join("; ")}`,
    `${name}, ms (lower is better: further left)`,
    "requests at or below, %",
    most,
    92,
  );
  for (const [side, of] of sides) {
    if (of === null) continue;
    const step = 100 / (of.quantiles.length - 1);
    const path = line<number>(
      (value) => x(value),
      (_, at) => y(at * step),
    );
    svg.append(s("path", { class: `line ${side}`, d: path(of.quantiles) ?? "" }));
    of.quantiles.forEach((value, at) => {
      if (at % EVERY === (side === "baseline" ? 0 : EVERY / 2))
        svg.append(
          s(
            "g",
            {},
            s("title", {}, `${side}: ${at * step} % at or below ${value} ms`),
            marker(side, x(value), y(at * step)),
          ),
        );
    });
  }
  return svg;
}
