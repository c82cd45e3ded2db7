// The verdict of the selected run, and the choice between several.
import { Fault } from "../engine/fault.ts";
import type { Shown } from "../state/judgement.ts";
import type { Column, Model } from "../state/model.ts";
import { download, h } from "./dom.ts";
import { faultView } from "./fault.ts";
import { staleNote } from "./policy.ts";
import { ofRun, VERDICT } from "./words.ts";

/** The verdict of the chosen run. */
export function verdictView(model: Model): HTMLElement {
  const column = model.columns[model.selected];
  const several = model.columns.length > 1;
  return h(
    "section",
    { class: "verdict", "aria-labelledby": "verdict-title" },
    h("h2", { id: "verdict-title", class: several ? "" : "hidden" }, `Verdict${ofRun(model)}`),
    column === undefined
      ? null
      : column.result instanceof Fault
        ? faultView(column.result)
        : stated(column.result, staleNote(model, column.result.judgement.rows)),
  );
}

/** A row of buttons to choose of which run things are shown; stays in sight while the page is scrolled. */
export function runChooser(model: Model, select: (at: number) => void): HTMLElement {
  const choice = (column: Column, at: number) =>
    h(
      "button",
      { type: "button", id: `choose-${at}`, "aria-pressed": String(at === model.selected), click: () => select(at) },
      `${column.name}: ${column.result instanceof Fault ? "error" : VERDICT[column.result.judgement.verdict].word}`,
    );
  const title = h("span", { id: "choices-title" }, "Verdict, plots, findings and context of");
  return h(
    "div",
    { class: "choices", role: "group", "aria-labelledby": "choices-title" },
    title,
    ...model.columns.map(choice),
  );
}

function stated({ judgement, json, markdown }: Shown, stale: HTMLElement | null): HTMLElement {
  const { word, symbol, tone, means } = VERDICT[judgement.verdict];
  const said = h("span", { role: "status", class: "said" });
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(markdown);
      said.textContent = "copied";
    } catch {
      said.textContent = "the browser does not let this page copy; download the Markdown instead";
    }
  };
  return h(
    "div",
    { class: `stated-verdict ${tone}` },
    stale,
    h(
      "p",
      { class: "headline" },
      h("span", { class: "mark", "aria-hidden": "true" }, symbol),
      h("strong", { "data-verdict": judgement.verdict }, word),
      h("span", { class: "means" }, means),
      h("span", { class: "rule" }, "rule ", h("code", {}, judgement.rule), `, ${judgement.tier}`),
    ),
    h("p", { class: "reason" }, judgement.reason),
    h("p", {}, h("b", {}, "Headline "), h("code", {}, judgement.headline.metric), ` at ${judgement.headline.place}`),
    h("p", { class: "recommended" }, h("b", {}, "Recommendation "), judgement.recommendation),
    promote(judgement.promote),
    h(
      "p",
      { class: "actions no-print" },
      h("button", { type: "button", click: () => void copy() }, "Copy as Markdown"),
      h(
        "button",
        { type: "button", click: () => download("verdict.json", "application/json", json) },
        "Download verdict.json",
      ),
      h(
        "button",
        { type: "button", click: () => download("verdict.md", "text/markdown", markdown) },
        "Download verdict.md",
      ),
      h("button", { type: "button", click: () => print() }, "Print"),
      said,
    ),
  );
}

const promote = (needed: string[]): HTMLElement | null =>
  needed.length === 0
    ? null
    : h(
        "details",
        { class: "draft" },
        h("summary", {}, `A draft: ${needed.length} things would make it a verdict`),
        h("ul", {}, ...needed.map((need) => h("li", {}, need))),
      );
