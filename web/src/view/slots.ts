// The two slots: where runs are dropped, picked, listed and taken out.
import { fromDrop, fromInput } from "../intake/dropped.ts";
import type { Progress, Read } from "../intake/types.ts";
import type { Model, Side } from "../state/model.ts";
import { h } from "./dom.ts";
import { faultView } from "./fault.ts";
import { placeOf } from "./words.ts";

const TITLE: Record<Side, string> = { baseline: "Baseline", current: "Current" };
const ARCHIVES = ".zip,.tar,.tar.gz,.tgz,.gz,.json";

/** A slot that stays on the page; `update` brings it up to date. */
interface SlotView {
  element: HTMLElement;
  update(): void;
}

/** The line into which both slots shrink once they are read, and the button that opens them again. */
export class Inputs {
  readonly element: HTMLElement;
  readonly #model: Model;
  readonly #slots: SlotView[];
  readonly #opener = h(
    "button",
    { type: "button", class: "opener no-print", "aria-controls": "inputs", click: () => this.#toggle() },
    "Inputs",
  );
  #isOpen = false;

  constructor(model: Model, sample: HTMLElement | null) {
    this.#model = model;
    const [baseline, current] = [slotView(model, "baseline"), slotView(model, "current")];
    this.#slots = [baseline, current];
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
    const slots = h("div", { class: "slots", id: "inputs" }, baseline.element, swap, current.element, this.#opener);
    this.element = h("div", {}, slots, sample);
  }

  /** Brings both slots up to date. What went wrong, or still runs, opens them. */
  update(): void {
    for (const slot of this.#slots) slot.update();
    const sides = Object.values(this.#model.slots);
    const isRead = sides.every(({ runs, busy, fault }) => runs.length > 0 && busy === null && fault === null);
    const isLine = isRead && !this.#isOpen && this.#model.fault === null;
    this.element.classList.toggle("read", isLine);
    this.element.classList.toggle(
      "used",
      sides.some(({ runs, busy }) => runs.length > 0 || busy !== null),
    );
    this.#opener.hidden = !isRead;
    this.#opener.setAttribute("aria-expanded", String(!isLine));
  }

  #toggle(): void {
    this.#isOpen = !this.#isOpen;
    this.update();
  }
}

/** Makes the slot of one side. */
function slotView(model: Model, side: Side): SlotView {
  const list = h("ul", { class: "runs" });
  const state = h("div", { class: "state", role: "status" });
  const take = (input: HTMLInputElement): void => {
    if (input.files?.length) void model.add(side, Promise.resolve(fromInput(input.files)));
    input.value = "";
  };
  const picker = (label: string, id: string, attributes: Record<string, string | boolean>) => {
    const input = h("input", { type: "file", id, class: "picker", ...attributes, change: () => take(input) });
    return h("label", { class: "button", for: id }, input, label);
  };
  const element = h(
    "section",
    { class: "slot", "aria-labelledby": `${side}-title`, "data-side": side },
    h("h2", { id: `${side}-title` }, TITLE[side]),
    list,
    state,
    h("p", { class: "hint no-print" }, "Drop a folder, .zip, .tar.gz, document or registry entry here, or choose"),
    h(
      "p",
      { class: "pick no-print" },
      picker("Folder…", `${side}-folder`, { webkitdirectory: true }),
      picker("Files…", `${side}-files`, { multiple: true, accept: `${ARCHIVES},.csv,.jsonl,.log,.txt,.prom,.md` }),
    ),
    stated(model, side),
  );
  accept(element, (transfer) => void model.add(side, fromDrop(transfer)));
  const update = (): void => {
    const { runs, busy, fault } = model.slots[side];
    const refocus = neighbour(list, state, () => element.querySelector<HTMLElement>(".picker"));
    element.classList.toggle("filled", runs.length > 0);
    list.replaceChildren(...runs.map((run, at) => listed(run, () => void model.remove(side, at))));
    if (busy) showBusy(state, busy, () => model.cancel());
    else state.replaceChildren(...(fault ? [faultView(fault)] : []));
    refocus?.();
  };
  return { element, update };
}

const listed = ({ name, document, notes = [] }: Read, remove: () => void): HTMLElement =>
  h(
    "li",
    {},
    h("span", { class: "run-name" }, name),
    h(
      "span",
      { class: "run-about" },
      `${document.model}, ${document.places.map(placeOf).join(" ") || "measured nowhere"}`,
    ),
    h("button", { type: "button", class: "quiet no-print", "aria-label": `Remove ${name}`, click: remove }, "Remove"),
    ...notes.map((note) => h("span", { class: "run-note" }, `Note: ${note}`)),
  );

/**
 * Keeps the focus of a keyboard user near what is drawn anew: on the run that took the place of a removed one, else on
 * the last one, else on the control that adds one.
 */
function neighbour(list: HTMLElement, state: HTMLElement, add: () => HTMLElement | null): (() => void) | undefined {
  const active = document.activeElement;
  if (list.contains(active)) {
    const at = [...list.querySelectorAll("button")].indexOf(active as HTMLButtonElement);
    return () => {
      const left = list.querySelectorAll("button");
      (left[Math.min(at, left.length - 1)] ?? add())?.focus();
    };
  }
  // The button Cancel goes when reading ends.
  if (state.contains(active)) return () => void (state.contains(active) || add()?.focus());
  return undefined;
}

/** Lets an element take drops. Entering a child fires before leaving its parent, hence the count. */
function accept(element: HTMLElement, dropped: (transfer: DataTransfer) => void): void {
  let inside = 0;
  const mark = (change: number): void => {
    inside = Math.max(0, inside + change);
    element.classList.toggle("over", inside > 0);
  };
  element.addEventListener("dragenter", (event) => {
    event.preventDefault();
    mark(1);
  });
  element.addEventListener("dragleave", () => mark(-1));
  element.addEventListener("dragover", (event) => event.preventDefault());
  element.addEventListener("drop", (event) => {
    event.preventDefault();
    mark(-inside);
    if (event.dataTransfer) dropped(event.dataTransfer);
  });
}

function stated(model: Model, side: Side): HTMLElement {
  const slot = () => model.slots[side];
  const name = h("input", {
    id: `${side}-model`,
    placeholder: "as the bundle names it",
    spellcheck: "false",
    input: () => {
      const { model: _, ...rest } = slot().stated;
      slot().stated = name.value.trim() === "" ? rest : { ...rest, model: name.value.trim() };
    },
  });
  const fields = h("textarea", {
    id: `${side}-stated`,
    rows: 2,
    placeholder: "deployment.quantization=NVFP4",
    spellcheck: "false",
    input: () => {
      const lines = fields.value.split("\n").filter((line) => line.trim() !== "");
      const settings = lines.map((line) => {
        const at = line.indexOf("=");
        return at < 0
          ? { path: line.trim(), value: "" }
          : { path: line.slice(0, at).trim(), value: line.slice(at + 1) };
      });
      slot().stated = { ...slot().stated, settings };
    },
  });
  const paired = h("span", { class: "hint", role: "status" });
  const profile = h("input", {
    type: "file",
    id: `${side}-profile`,
    class: "picker",
    webkitdirectory: true,
    change: () => {
      if (!profile.files?.length) return;
      const files = fromInput(profile.files);
      slot().stated = { ...slot().stated, profile: files };
      paired.textContent = `${files[0]?.path.split("/")[0]}, ${files.length} files`;
    },
  });
  return h(
    "details",
    { class: "stated no-print" },
    h("summary", {}, "Model, stated fields and paired profile"),
    h("label", { for: `${side}-model` }, "Model"),
    name,
    h("label", { for: `${side}-stated` }, "Fields, one FIELD=VALUE a line"),
    fields,
    h(
      "p",
      { class: "pick" },
      h("label", { class: "button", for: `${side}-profile` }, profile, "Paired profile…"),
      paired,
    ),
    h("p", { class: "hint" }, "Used for bundles dropped from now on."),
  );
}

function showBusy(state: HTMLElement, busy: Progress | "starting", cancel: () => void): void {
  let bar = state.querySelector("progress");
  let label = state.querySelector<HTMLElement>(".doing");
  if (!bar || !label) {
    bar = h("progress", { "aria-label": "Progress" });
    label = h("span", { class: "doing" });
    state.replaceChildren(bar, label, h("button", { type: "button", class: "quiet", click: cancel }, "Cancel"));
  }
  if (busy === "starting") {
    bar.removeAttribute("value");
    label.textContent = "starting";
    return;
  }
  const { doing, bytes, total } = busy;
  const size = (count: number) => `${Math.round(count / 1e6)} MB`;
  if (total === undefined) bar.removeAttribute("value");
  else {
    bar.max = Math.max(total, 1);
    bar.value = Math.min(bytes, total);
  }
  label.textContent = total === undefined ? `${doing}, ${size(bytes)}` : `${doing}, ${size(bytes)} of ${size(total)}`;
}
