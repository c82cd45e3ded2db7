// A run that has nothing to be compared with, in the component's words.
import type { Model } from "../state/model.ts";
import { h } from "./dom.ts";

/** The summary of each run, as long as one side alone is filled. */
export function summaryViews({ slots }: Pick<Model, "slots">): HTMLElement[] {
  const { baseline, current } = slots;
  if (baseline.runs.length > 0 && current.runs.length > 0) return [];
  return [...baseline.runs, ...current.runs].map(({ name, document }, at) =>
    h(
      "section",
      { class: "summary", "aria-labelledby": `summary-${at}` },
      h("h2", { id: `summary-${at}` }, `Summary of ${name}`),
      h("pre", { tabindex: 0 }, document.summary),
    ),
  );
}
