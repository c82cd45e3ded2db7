// The answer of the selected run, and the choice between several.
import { Fault } from "../engine/fault.ts";
import type { Shown } from "../state/judgement.ts";
import type { Column, Model } from "../state/model.ts";
import { copier, download, h } from "./dom.ts";
import { faultView } from "./fault.ts";
import { staleNote } from "./policy.ts";
import { ofRun, unitBehind, VERDICT } from "./words.ts";

/** Verdict, headline, what changed and what to do next: what a reader came for. */
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

/** Verdict and headline in a line, for a tab and for the bar that stays in sight. */
export function inShort({ judgement: { verdict }, said }: Shown): string {
  const { word, symbol } = VERDICT[verdict];
  return `${symbol} ${word}: ${said.headline}`;
}

/** What stands below the answer: how sure it is, and what can be done with it. */
export function adviceView({ judgement, json, markdown }: Shown): HTMLElement {
  const said = h("span", { role: "status", class: "said" });
  const save = (name: string, type: string, text: string) =>
    h("button", { type: "button", click: () => download(name, type, text) }, `Download ${name}`);
  return h(
    "div",
    { class: "advice" },
    h("p", { class: "recommended" }, h("b", {}, "Recommendation "), judgement.recommendation),
    promote(judgement.promote),
    h(
      "p",
      { class: "actions no-print" },
      h(
        "button",
        { type: "button", click: copier(() => markdown, said, "; download the Markdown instead") },
        "Copy as Markdown",
      ),
      save("verdict.json", "application/json", json),
      save("verdict.md", "text/markdown", markdown),
      h("button", { type: "button", click: () => print() }, "Print"),
      said,
    ),
  );
}

function stated(shown: Shown, stale: HTMLElement | null): HTMLElement {
  const { judgement, whole, said } = shown;
  const { word, symbol, tone, means } = VERDICT[judgement.verdict];
  const next = whole.next_lever;
  const [changed = "", ...rest] = said.changed.split(/(?=:)/);
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
    numbers(shown),
    h("p", { class: "sentence" }, said.headline),
    h("p", { class: "reason" }, judgement.reason),
    judgement.gate &&
      h("p", { class: "gate" }, h("b", {}, "Gate "), [judgement.gate.sentence, ...judgement.gate.notes].join("; ")),
    h("p", { class: "changed" }, h("b", {}, changed), rest.join("")),
    next &&
      h(
        "p",
        { class: "next" },
        h("b", {}, "Next "),
        next.lever,
        h("span", { class: "hint" }, `; unlock: ${next.expected_unlock}; gate: ${next.gate}`),
      ),
  );
}

/** The headline in large numbers. */
function numbers({ judgement, rows, beside }: Shown): HTMLElement {
  const { metric, level, place } = judgement.headline;
  const row = rows.find((row) => row.metric === metric && row.level === level);
  const number = (name: string, value: string | undefined, behind: string, more: string | undefined) =>
    h(
      "div",
      { class: name },
      h("dt", {}, name),
      h("dd", {}, h("span", { class: "large" }, value ?? "no value"), behind),
      more ? h("dd", { class: "hint" }, more) : null,
    );
  const side = (name: "baseline" | "current", more: string | undefined) =>
    row?.[name] === undefined
      ? number(name, undefined, "", undefined)
      : number(name, row.shown[name], unitBehind(row), more);
  const about = row && beside(row);
  const changes = [about?.inPairs ? "in pairs" : "", about?.interval ? `99 % interval ${about.interval}` : ""];
  return h(
    "div",
    { class: "numbers" },
    h("p", { class: "hint" }, h("b", {}, "Headline "), h("code", {}, metric), ` at ${place}`),
    h(
      "dl",
      {},
      side("baseline", about?.baseline_trials),
      side("current", about?.current_trials),
      number("change", row?.shown.change, "", changes.filter(Boolean).join(", ")),
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
