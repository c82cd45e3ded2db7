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
import { adviceView, inShort, runChooser, verdictView } from "./view/verdict.ts";
import { currentSide, ofRun } from "./view/words.ts";
import { Engine } from "./worker/engine.ts";
import { embeddedModules, sample } from "./worker/modules.ts";
import EngineWorker from "./worker/worker.ts?worker&inline";

const given = JSON.parse(document.getElementById("perfbridge-data")?.textContent || "null") as Given | null;
const engine = new Engine(() => new EngineWorker(), embeddedModules());
const model = new Model(engine, given ?? {}, () => draw());
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
      ...chooser("theme", "Theme ", themes, link.theme, (theme) => relink({ ...link, theme })),
    ),
  );
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

function relink(next: Link): void {
  link = next;
  theme();
  draw();
}

function theme(): void {
  if (link.theme === "") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = link.theme;
}

function draw(): void {
  writeLink(link, writeChosen(model, model.given));
  inputs.update();
  merging.hidden = model.slots.current.runs.length < 2;
  const focus = focused();
  const opened = advice.querySelector<HTMLDetailsElement>("details.draft")?.open ?? false;
  const scrolled = rows.querySelector(".scroll")?.scrollLeft ?? 0;
  const column = model.columns[model.selected];
  const judged = column === undefined || column.result instanceof Fault ? undefined : column.result;
  results.hidden = model.columns.length === 0 && model.fault === null;
  results.dataset.judgement = String(model.judged);
  policy.update(judged);
  const select = (at: number): void => {
    model.selected = at;
    draw();
  };
  choices.hidden = model.columns.length < 2;
  choices.replaceChildren(...(choices.hidden ? [] : [runChooser(model, select)]));
  announce(judged);
  verdict.replaceChildren(...(model.columns.length > 0 ? [verdictView(model)] : []));
  advice.replaceChildren(...(judged ? [adviceView(judged)] : []));
  summary.replaceChildren(...summaryViews(model));
  rows.replaceChildren(
    ...(judged ? [tableView(model, link, relink, select, staleNote(model, judged.judgement.rows))] : []),
  );
  context.replaceChildren(...(judged ? contextViews(judged, model) : []));
  references.replaceChildren(...(judged ? referencesViews(model.references) : []));
  drawPlots(judged);
  const draft = advice.querySelector<HTMLDetailsElement>("details.draft");
  if (draft) draft.open = opened;
  rows.querySelector(".scroll")?.scrollTo({ left: scrolled });
  focus?.();
}

/** In the tab, and in the bar; the choice between several runs is such a bar. */
function announce(judged: Shown | undefined): void {
  const said = judged ? inShort(judged) : "";
  document.title = said === "" ? "Perfbridge" : `${said} - Perfbridge`;
  bar.hidden = judged === undefined || model.columns.length > 1;
  // What is the same is not said again.
  if (bar.textContent !== said) bar.textContent = said;
}

function drawPlots(judged: Shown | undefined): void {
  const side = currentSide(model);
  const trials = model.columns[model.selected]?.trials;
  if (judged === undefined || trials === undefined) {
    plots.hidden = true;
    curve.replaceChildren();
    return;
  }
  const { judgement, whole } = judged;
  const throughput = throughputPlot(judgement.rows, trials, side, link.axis, (axis) => relink({ ...link, axis }));
  curve.replaceChildren(...(throughput ? [throughput] : []));
  const levels = levelPlots(judgement.rows, trials, judgement.headline.level);
  const choose = (distribution: string) => relink({ ...link, distribution });
  const distribution = distributionPlot(whole, side, link.distribution, choose, judgement.rows);
  const kernels = kernelPlot(judgement, side);
  // Beside the shares of kernels, or alone with its words beside it.
  distribution?.classList.toggle("alone", kernels === null);
  const drawn = [distribution, kernels, deltaPlot(judgement, side)].filter((plot) => plot !== null);
  plots.hidden = drawn.length + levels.length === 0;
  plots.replaceChildren(
    h("h2", { id: "plots-title" }, `Plots${ofRun(model)}`),
    ...(levels.length > 0 ? [h("div", { class: "levels" }, ...levels)] : []),
    ...drawn,
  );
}

/** Remembers what has the focus by what it is, since drawing replaces it. */
function focused(): (() => void) | undefined {
  const active = document.activeElement;
  if (!(active instanceof HTMLElement) || !results.contains(active) || policy.element.contains(active))
    return undefined;
  const sort = active.dataset.sort;
  const selector = active.id ? `#${CSS.escape(active.id)}` : sort ? `[data-sort="${CSS.escape(sort)}"]` : undefined;
  return selector ? () => document.querySelector<HTMLElement>(selector)?.focus() : undefined;
}
