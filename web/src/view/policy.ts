// Tolerances, headline and identity, changeable in place; the component judges anew at once.
import type { Row } from "../engine/bridge.ts";
import type { Fault } from "../engine/fault.ts";
import type { Shown } from "../state/judgement.ts";
import { commandLine, policyFile, unchosen } from "../state/chosen.ts";
import type { Model } from "../state/model.ts";
import { breakable, copier, h } from "./dom.ts";
import { faultView } from "./fault.ts";
import { changeUnit, placeOf } from "./words.ts";

/** A tolerance: what is typed, and what is wrong with it. */
interface Field {
  input: HTMLInputElement;
  fault: HTMLElement;
}

/** The form; it stays on the page so that what is typed keeps its focus. */
export class PolicyView {
  readonly element: HTMLElement;
  readonly #model: Model;
  readonly #grid = h("div", { class: "tolerances" });
  readonly #headline = h("select", { id: "headline-place", change: () => this.#choosePlace() });
  readonly #vary = h("fieldset", { hidden: true });
  readonly #tails = h("input", { type: "checkbox", id: "observe-tails", change: () => this.#chooseTails() });
  readonly #error = h("div", {});
  #fields = new Map<string, Field>();
  #offered = "";

  constructor(model: Model) {
    this.#model = model;
    const said = h("span", { role: "status", class: "said" });
    const command = () => {
      const { baseline, current } = model.behind();
      return commandLine(model.policy(), baseline, current);
    };
    this.element = h(
      "section",
      { class: "policy no-print", "aria-labelledby": "policy-title" },
      h("h2", { id: "policy-title" }, "Tolerances"),
      h(
        "p",
        { class: "hint" },
        "How far a number may move for the worse before it counts. An empty field is the default that stands in it.",
      ),
      this.#error,
      this.#grid,
      h(
        "div",
        { class: "judging" },
        h("label", { for: "headline-place" }, "Headline at"),
        this.#headline,
        h(
          "label",
          { class: "check", for: "observe-tails" },
          this.#tails,
          "Keep percentiles of too few requests out of the verdict",
        ),
        h("button", { type: "button", class: "quiet", click: () => this.#reset() }, "Reset"),
      ),
      this.#vary,
      h(
        "p",
        { class: "actions" },
        h("button", { type: "button", click: copier(command, said) }, "Copy as command line"),
        h(
          "button",
          { type: "button", click: copier(() => policyFile(model.policy()), said) },
          "Copy as perfbridge.toml",
        ),
        h(
          "span",
          { class: "hint" },
          "The address of this page keeps what is set here; runs are named, give their paths.",
        ),
        said,
      ),
    );
  }

  /** Brings the form up to date with a judgement; none keeps what is there and shows the error. */
  update(shown: Shown | undefined): void {
    this.#error.replaceChildren(...(this.#model.fault ? [faultView(this.#model.fault)] : []));
    this.#places(shown);
    this.#tails.checked = this.#model.observeTails;
    for (const row of shown?.judgement.rows ?? []) this.#tolerance(row);
    for (const [metric, field] of this.#fields) this.#mark(field, this.#model.refused.get(metric));
    if (shown) this.#identity(shown);
  }

  #tolerance(row: Row): void {
    const typed = this.#model.typed.get(row.metric);
    const { input } = this.#fields.get(row.metric) ?? this.#field(row);
    // The text without its unit, which stands beside the field.
    if (typed === undefined) [input.placeholder = ""] = row.shown.tolerance.split(" ");
    // A link may have brought another one.
    if (input !== document.activeElement) input.value = typed ?? "";
  }

  #mark({ input, fault }: Field, refused: Fault | undefined): void {
    input.setAttribute("aria-invalid", String(refused !== undefined));
    // What is the same is not said again.
    if (fault.dataset.said === refused?.message) return;
    if (refused) fault.dataset.said = refused.message;
    else delete fault.dataset.said;
    fault.replaceChildren(...(refused ? [faultView(refused)] : []));
  }

  #field(row: Row): Field {
    const id = toleranceField(row.metric);
    const input = h("input", {
      id,
      inputmode: "decimal",
      autocomplete: "off",
      "aria-describedby": `${id}-fault`,
      input: () => {
        const value = input.value.trim();
        if (value === "") this.#model.typed.delete(row.metric);
        else this.#model.typed.set(row.metric, value);
        void this.#model.judge();
      },
    });
    const fault = h("div", { id: `${id}-fault`, class: "field-fault" });
    this.#fields.set(row.metric, { input, fault });
    const typed = h("span", { class: "with-unit" }, input, h("span", { class: "unit" }, changeUnit(row)));
    this.#grid.append(
      h("div", { class: "tolerance" }, h("label", { for: id }, ...breakable(row.metric)), typed, fault),
    );
    return { input, fault };
  }

  #places(shown: Shown | undefined): void {
    const offered = this.#model.places.join(",");
    if (offered !== this.#offered) {
      this.#offered = offered;
      this.#headline.replaceChildren(
        h("option", { value: "" }, "c16, or the nearest"),
        ...this.#model.places.map((place) => h("option", { value: place }, placeOf(place))),
      );
    }
    this.#headline.value = this.#model.headline ?? "";
    this.#headline.title = shown ? `now ${shown.judgement.headline.place}` : "";
  }

  #identity({ whole: { identity } }: Shown): void {
    const fields = [...new Set([...identity.mismatched, ...identity.varied, ...this.#model.vary])];
    this.#vary.hidden = fields.length === 0;
    if (this.#vary.contains(document.activeElement)) return;
    this.#vary.replaceChildren(
      h("legend", {}, "What was changed on purpose"),
      ...fields.map((field) => {
        const box = h("input", { type: "checkbox", change: () => this.#varyBy(field, box.checked) });
        box.checked = this.#model.vary.has(field);
        return h("label", { class: "check" }, box, field);
      }),
    );
  }

  #varyBy(field: string, on: boolean): void {
    if (on) this.#model.vary.add(field);
    else this.#model.vary.delete(field);
    void this.#model.judge();
  }

  #choosePlace(): void {
    this.#model.headline = this.#headline.value === "" ? undefined : this.#headline.value;
    void this.#model.judge();
  }

  #chooseTails(): void {
    this.#model.observeTails = this.#tails.checked;
    void this.#model.judge();
  }

  #reset(): void {
    this.#model.choose(unchosen(this.#model.given));
    for (const { input } of this.#fields.values()) input.value = "";
    void this.#model.judge();
  }
}

const toleranceField = (metric: string): string => `tolerance-${metric}`;

/** Says that what is shown is not of what stands in some fields; nothing where every field holds a tolerance. */
export function staleNote({ refused }: Model, rows: Row[]): HTMLElement | null {
  if (refused.size === 0) return null;
  const used = [...refused.keys()].map((metric) => {
    const row = rows.find((row) => row.metric === metric);
    return row ? `${metric} ${row.shown.tolerance}` : metric;
  });
  const [first = ""] = refused.keys();
  const field = () => document.getElementById(toleranceField(first))?.focus();
  return h(
    "p",
    { class: "stale", role: "status" },
    h("strong", {}, "Of the last valid tolerances"),
    ` (${used.join(", ")}): what stands in ${refused.size === 1 ? "that field" : "those fields"} now is refused. `,
    h("button", { type: "button", class: "quiet no-print", click: field }, "Go to the field"),
  );
}
