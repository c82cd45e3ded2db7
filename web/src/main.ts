// Puts the page together.
import { Fault } from "./engine/fault.ts";
import type { Shown } from "./state/judgement.ts";
import { type Link, readLink, writeLink } from "./state/link.ts";
import { type Given, Model } from "./state/model.ts";
import { contextViews } from "./view/context.ts";
import { chooser, h } from "./view/dom.ts";
import { deltaPlot } from "./view/plots/deltas.ts";
import { distributionPlot } from "./view/plots/distributions.ts";
import { kernelPlot } from "./view/plots/kernels.ts";
import { referencesViews } from "./view/references.ts";
import { throughputPlot } from "./view/plots/throughput.ts";
import { PolicyView, staleNote } from "./view/policy.ts";
import { slotView } from "./view/slots.ts";
import { tableView } from "./view/table.ts";
import { installTips } from "./view/tip.ts";
import { runChooser, verdictView } from "./view/verdict.ts";
import { currentSide, ofRun } from "./view/words.ts";
import { Engine } from "./worker/engine.ts";
import { embeddedModules } from "./worker/modules.ts";
import EngineWorker from "./worker/worker.ts?worker&inline";

const given = JSON.parse(document.getElementById("perfbridge-data")?.textContent || "null") as Given | null;
const engine = new Engine(() => new EngineWorker(), embeddedModules());
const model = new Model(engine, given ?? {}, () => draw());
let link = readLink();

const slots = [slotView(model, "baseline"), slotView(model, "current")] as const;
const policy = new PolicyView(model);
const choices = h("div", { class: "choosing", hidden: true });
const verdict = h("div", {});
const rows = h("div", {});
const plots = h("section", { class: "plots", "aria-labelledby": "plots-title", hidden: true });
const context = h("div", {});
const references = h("div", {});
const results = h(
  "div",
  { class: "results", hidden: true },
  choices,
  verdict,
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

document.getElementById("app")?.append(header(), main());
installTips();
theme();
draw();
addEventListener("hashchange", () => {
  link = readLink();
  theme();
  draw();
});
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
    h("p", { class: "hint" }, "Is this inference performance regression real? Files stay on this computer."),
    h(
      "p",
      { class: "no-print" },
      ...chooser("theme", "Theme ", themes, link.theme, (theme) => relink({ ...link, theme })),
    ),
  );
}

function main(): HTMLElement {
  const swap = h(
    "button",
    {
      type: "button",
      class: "swap no-print",
      "aria-label": "Swap baseline and current",
      click: () => void model.swap(),
    },
    "⇄",
    h("span", {}, " Swap"),
  );
  return h("main", {}, h("div", { class: "slots" }, slots[0].element, swap, slots[1].element), merging, results);
}

function relink(next: Link): void {
  link = next;
  writeLink(link);
  theme();
  draw();
}

function theme(): void {
  if (link.theme === "") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = link.theme;
}

function draw(): void {
  for (const slot of slots) slot.update();
  merging.hidden = model.slots.current.runs.length < 2;
  const focus = focused();
  const opened = verdict.querySelector<HTMLDetailsElement>("details.draft")?.open ?? false;
  const scrolled = rows.querySelector(".scroll")?.scrollLeft ?? 0;
  const result = model.columns[model.selected]?.result;
  const judged = result instanceof Fault ? undefined : result;
  results.hidden = model.columns.length === 0 && model.fault === null;
  results.dataset.judgement = String(model.judged);
  policy.update(judged);
  const select = (at: number): void => {
    model.selected = at;
    draw();
  };
  choices.hidden = model.columns.length < 2;
  choices.replaceChildren(...(choices.hidden ? [] : [runChooser(model, select)]));
  verdict.replaceChildren(...(model.columns.length > 0 ? [verdictView(model)] : []));
  rows.replaceChildren(
    ...(judged ? [tableView(model, link, relink, select, staleNote(model, judged.judgement.rows))] : []),
  );
  context.replaceChildren(...(judged ? contextViews(judged, model) : []));
  references.replaceChildren(...(judged ? referencesViews(model.references) : []));
  drawPlots(judged);
  const draft = verdict.querySelector<HTMLDetailsElement>("details.draft");
  if (draft) draft.open = opened;
  rows.querySelector(".scroll")?.scrollTo({ left: scrolled });
  focus?.();
}

function drawPlots(judged: Shown | undefined): void {
  const current = currentSide(model);
  const distribution = judged
    ? distributionPlot(judged.whole, current, link.distribution, (distribution) => relink({ ...link, distribution }))
    : null;
  const deltas = judged ? deltaPlot(judged.judgement, current) : null;
  const others = judged
    ? [
        throughputPlot(judged.judgement, current, link.axis, (axis) => relink({ ...link, axis })),
        kernelPlot(judged.judgement, current),
      ]
    : [];
  // The strips are as high as all the rest; with a distribution they go below both sides, so that no side is left blank.
  const isDrawn = distribution?.querySelector("svg[role=img]");
  const sides = isDrawn ? [others, [distribution], [deltas]] : [[...others, distribution], [deltas]];
  const drawn = sides.map((side) => side.filter((plot) => plot !== null)).filter((side) => side.length > 0);
  plots.hidden = drawn.length === 0;
  plots.replaceChildren(
    h("h2", { id: "plots-title" }, `Plots${ofRun(model)}`),
    ...drawn.map((side) => h("div", { class: "plot-side" }, ...side)),
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
