// Share of GPU time by kernel class, both sides.
import type { Judgement } from "../../engine/bridge.ts";
import { h, s } from "../dom.ts";
import { figure, sidesLegend } from "./frame.ts";

const PREFIX = "kernel_class_gpu_pct.";

/** The bars; none where no profile is paired. */
export function kernelPlot({ rows }: Judgement, current: string): HTMLElement | null {
  const classes = rows.filter(({ metric }) => metric.startsWith(PREFIX));
  if (classes.length === 0) return null;
  const bar = (side: string, share: number | undefined) =>
    s(
      "svg",
      { viewBox: "0 0 100 10", preserveAspectRatio: "none", class: "bar", "aria-hidden": "true" },
      s("rect", { class: `fill ${side}`, x: 0, y: 0, height: 10, width: Math.max(0, Math.min(100, share ?? 0)) }),
    );
  const lines = classes.flatMap(({ metric, baseline, current, shown }) => [
    h("span", { class: "kernel" }, metric.slice(PREFIX.length)),
    h("span", { class: "bars" }, bar("baseline", baseline), bar("current", current)),
    h("span", { class: "shares" }, h("span", {}, shown.baseline), h("span", {}, shown.current)),
  ]);
  return figure("GPU time by kernel class", sidesLegend(current), h("div", { class: "kernels" }, ...lines));
}
