// Puts the page together.
import { Fault } from "./engine/fault.ts";
import { readChosen, writeChosen } from "./state/chosen.ts";
import type { Shown } from "./state/judgement.ts";
import { isOwn, type Link, parameters, readLink, writeLink } from "./state/link.ts";
import { type Given, Model } from "./state/model.ts";
import { contextViews } from "./view/context.ts";
import { chooser, h, phone } from "./view/dom.ts";
import { deltaPlot } from "./view/plots/deltas.ts";
import { distributionPlot } from "./view/plots/distributions.ts";
import { kernelPlot } from "./view/plots/kernels.ts";
import { levelPlots } from "./view/plots/levels.ts";
import { throughputPlot } from "./view/plots/throughput.ts";
import { PolicyView, staleNote } from "./view/policy.ts";
import { referencesViews } from "./view/references.ts";
import { Inputs } from "./view/slots.ts";
import { summaryViews } from "./view/summary.ts";
import { tableView } from "./view/table.ts";
import { installTips } from "./view/tip.ts";
import { Turns } from "./view/turns.ts";
import { adviceView, inShort, runChooser, verdictView } from "./view/verdict.ts";
import { currentSide, ofRun } from "./view/words.ts";
import { Engine } from "./worker/engine.ts";
import { packedModules, sample } from "./worker/modules.ts";
import EngineWorker from "./worker/worker.ts?worker&inline";

const given = JSON.parse(document.getElementById("perfbridge-data")?.textContent || "null") as Given | null;
const engine = new Engine(() => new EngineWorker(), packedModules());
const model = new Model(engine, given ?? {}, { changed: () => draw(), progressed: () => inputs.update() });
const turns = new Turns();
let link = readLink();
model.choose(readChosen(parameters(), model.given));

const inputs = new Inputs(model, given ? null : sampler());
const policy = new PolicyView(model);
const bar = h("div", { class: "now no-print", role: "status", hidden: true });
const choices = h("div", { class: "choosing", hidden: true });
const verdict = h("div", {});
const curve = h("div", { class: "curve" });
const advice = h("div", {});
const answer = h("div", { class: "answer" }, verdict, curve, advice);
const rows = h("div", {});
/** The plots behind those of the levels. */
const others: HTMLElement[] = [];
const plots = h("section", { class: "plots", "aria-labelledby": "plots-title", hidden: true });
const context = h("div", {});
const references = h("div", {});
const summary = h("div", {});
const results = h(
  "div",
  { class: "results", hidden: true },
  choices,
  answer,
  rows,
  policy.element,
  plots,
  context,
  references,
);
const trials = h("input", {
  type: "checkbox",
  id: "trials",
  change: () => {
    model.trials = trials.checked;
    void model.judge();
  },
});
const merging = h(
  "label",
  { class: "check merging no-print", for: "trials", hidden: true },
  trials,
  "These runs are trials of one configuration: judge them together",
);

document.getElementById("app")?.append(bar, header(), h("main", {}, inputs.element, merging, summary, results));
installTips();
theme();
draw();
addEventListener("hashchange", () => {
  if (isOwn()) return;
  link = readLink();
  theme();
  model.choose(readChosen(parameters(), model.given));
  void model.judge();
});
phone.addEventListener("change", () => draw());
// The bar says what the verdict says once that is out of sight.
new IntersectionObserver(([entry]) => bar.classList.toggle("out", entry?.isIntersecting !== true)).observe(verdict);
// A file dropped beside a slot must not replace the page.
for (const name of ["dragover", "drop"]) addEventListener(name, (event) => event.preventDefault());
if (given) void model.open(given);
else void rehearse();

function header(): HTMLElement {
  const themes: [string, string][] = [
    ["", "system"],
    ["light", "light"],
    ["dark", "dark"],
  ];
  return h(
    "header",
    {},
    h("h1", {}, "Perfbridge"),
    h("p", { class: "hint" }, "Is this inference performance regression real? Nothing leaves this computer."),
    h(
      "p",
      { class: "no-print" },
      ...chooser("theme", "Theme ", themes, link.theme, (name) => relink({ ...link, theme: name }, theme)),
    ),
  );
}

/** Judges the sample, of which nothing is shown: browsers compile code when it first runs, and so not while somebody waits. */
async function rehearse(): Promise<void> {
  await model.rehearse(JSON.parse(await sample()) as Given);
}

/** Offers two runs for whoever has none at hand. */
function sampler(): HTMLElement {
  const open = async (): Promise<void> => model.open(JSON.parse(await sample()) as Given);
  return h(
    "p",
    { class: "sample-pair no-print" },
    h("button", { type: "button", click: () => void open() }, "Open a sample"),
    h("span", { class: "hint" }, " two real runs of one small model, the second with other settings"),
  );
}

/** Shows what is there otherwise, in the one part that this is about. */
function relink(next: Link, part: () => void): void {
  link = next;
  writeLink(link, writeChosen(model, model.given));
  part();
}

function theme(): void {
  if (link.theme === "") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = link.theme;
}

/** The chosen column, where it is judged. */
function chosen(): Shown | undefined {
  const result = model.columns[model.selected]?.result;
  return result instanceof Fault ? undefined : result;
}

/** Draws the answer at once, and what stands around and below it behind it, part by part. */
function draw(): void {
  writeLink(link, writeChosen(model, model.given));
  inputs.update();
  merging.hidden = model.slots.current.runs.length < 2;
  const judged = chosen();
  results.hidden = model.columns.length === 0 && model.fault === null;
  results.dataset.judgement = String(model.judged);
  policy.update(judged);
  choices.hidden = model.columns.length < 2;
  replace(choices, choices.hidden ? [] : [runChooser(model, select)]);
  announce(judged);
  replace(verdict, model.columns.length > 0 ? [verdictView(model)] : []);
  const opened = advice.querySelector<HTMLDetailsElement>("details.draft")?.open ?? false;
  replace(advice, judged ? [adviceView(judged)] : []);
  const draft = advice.querySelector<HTMLDetailsElement>("details.draft");
  if (draft) draft.open = opened;
  const parts = [drawCurve, drawRows, drawLevels, drawPlots, drawAround];
  if (judged === undefined) {
    turns.none();
    for (const part of parts) part();
    results.removeAttribute("aria-busy");
  } else {
    results.setAttribute("aria-busy", "true");
    turns.run([...parts, () => results.removeAttribute("aria-busy")]);
  }
}

function select(at: number): void {
  model.selected = at;
  draw();
}

function drawRows(): void {
  const judged = chosen();
  const scrolled = rows.querySelector(".scroll")?.scrollLeft ?? 0;
  const relinked = (next: Link): void => relink(next, drawRows);
  replace(rows, judged ? [tableView(model, link, relinked, select, staleNote(model, judged.judgement.rows))] : []);
  // Only where there is something to restore: it makes the browser lay out the page at once.
  if (scrolled > 0) rows.querySelector(".scroll")?.scrollTo({ left: scrolled });
}

function drawAround(): void {
  const judged = chosen();
  summary.replaceChildren(...summaryViews(model));
  replace(context, judged ? contextViews(judged, model) : []);
  replace(references, judged ? referencesViews(model.references) : []);
}

/** In the tab, and in the bar; the choice between several runs is such a bar. */
function announce(judged: Shown | undefined): void {
  const said = judged ? inShort(judged) : "";
  document.title = said === "" ? "Perfbridge" : `${said} - Perfbridge`;
  bar.hidden = judged === undefined || model.columns.length > 1;
  // What is the same is not said again.
  if (bar.textContent !== said) bar.textContent = said;
}

function drawCurve(): void {
  const [judged, trials] = [chosen(), model.columns[model.selected]?.trials];
  const relinked = (axis: string): void => relink({ ...link, axis }, drawCurve);
  const plot =
    judged && trials ? throughputPlot(judged.judgement.rows, trials, currentSide(model), link.axis, relinked) : null;
  replace(curve, plot ? [plot] : []);
}

function drawLevels(): void {
  const [judged, trials] = [chosen(), model.columns[model.selected]?.trials];
  const { rows = [], headline } = judged?.judgement ?? {};
  const levels = headline && trials ? levelPlots(rows, trials, headline.level) : [];
  plots.hidden = levels.length === 0;
  const title = h("h2", { id: "plots-title" }, `Plots${ofRun(model)}`);
  replace(plots, [title, ...(levels.length > 0 ? [h("div", { class: "levels" }, ...levels)] : [])]);
}

/** Behind those of the levels. */
function drawPlots(): void {
  const judged = chosen();
  for (const plot of others.splice(0)) plot.remove();
  if (judged === undefined) return;
  const { judgement, whole } = judged;
  const side = currentSide(model);
  const choose = (distribution: string) => relink({ ...link, distribution }, drawPlots);
  const distribution = distributionPlot(whole, side, link.distribution, choose, judgement.rows);
  const kernels = kernelPlot(judgement, side);
  // Beside the shares of kernels, or alone with its words beside it.
  distribution?.classList.toggle("alone", kernels === null);
  others.push(...[distribution, kernels, deltaPlot(judgement, side)].filter((plot) => plot !== null));
  plots.hidden &&= others.length === 0;
  plots.append(...others);
}

/** Draws a part anew; what had the focus in it has it again. */
function replace(part: HTMLElement, by: Node[]): void {
  const focus = focused(part);
  part.replaceChildren(...by);
  focus?.();
}

/** Remembers what has the focus by what it is, since drawing replaces it. */
function focused(part: HTMLElement): (() => void) | undefined {
  const active = document.activeElement;
  if (!(active instanceof HTMLElement) || !part.contains(active)) return undefined;
  const sort = active.dataset.sort;
  const selector = active.id ? `#${CSS.escape(active.id)}` : sort ? `[data-sort="${CSS.escape(sort)}"]` : undefined;
  return selector ? () => document.querySelector<HTMLElement>(selector)?.focus() : undefined;
}
