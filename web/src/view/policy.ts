// Tolerances, headline and identity, changeable in place; the component judges anew at once.
import type { Judgement, Row } from "../engine/bridge.ts";
import type { Model } from "../model.ts";
import { h } from "./dom.ts";
import { toleranceNumber, toleranceUnit } from "./number.ts";
import { faultView } from "./slots.ts";

/** The form; it stays on the page so that what is typed keeps its focus. */
export class PolicyView {
  readonly element: HTMLElement;
  readonly #model: Model;
  readonly #grid = h("div", { class: "tolerances" });
  readonly #headline = h("select", { id: "headline-level", change: () => this.#chooseLevel() });
  readonly #vary = h("fieldset", { hidden: true });
  readonly #tails = h("input", { type: "checkbox", id: "observe-tails", change: () => this.#chooseTails() });
  readonly #error = h("div", {});
  #inputs = new Map<string, HTMLInputElement>();
  #offered = "";

  constructor(model: Model) {
    this.#model = model;
    this.#tails.checked = model.observeTails;
    this.element = h(
      "section",
      { class: "policy no-print", "aria-labelledby": "policy-title" },
      h("h2", { id: "policy-title" }, "Tolerances"),
      h("p", { class: "hint" }, "How far a number may move for the worse before it counts. An empty field is the default that stands in it."),
      this.#error,
      this.#grid,
      h(
        "div",
        { class: "judging" },
        h("label", { for: "headline-level" }, "Headline at concurrency"),
        this.#headline,
        h("label", { class: "check", for: "observe-tails" }, this.#tails, "Keep percentiles of too few requests out of the verdict"),
        h("button", { type: "button", class: "quiet", click: () => this.#reset() }, "Reset"),
      ),
      this.#vary,
    );
  }

  /** Brings the form up to date with a judgement; none keeps what is there and shows the error. */
  update(judgement: Judgement | undefined): void {
    this.#error.replaceChildren(...(this.#model.fault ? [faultView(this.#model.fault)] : []));
    this.#levels(judgement);
    if (judgement === undefined) return;
    for (const row of judgement.rows) this.#tolerance(row);
    this.#identity(judgement);
  }

  #tolerance(row: Row): void {
    const typed = this.#model.typed.get(row.metric);
    const input = this.#inputs.get(row.metric) ?? this.#field(row);
    if (typed === undefined) input.placeholder = toleranceNumber(row);
  }

  #field(row: Row): HTMLInputElement {
    const id = `tolerance-${row.metric}`;
    const input = h("input", {
      id,
      inputmode: "decimal",
      autocomplete: "off",
      input: () => {
        const value = input.value.trim();
        if (value === "") this.#model.typed.delete(row.metric);
        else this.#model.typed.set(row.metric, value);
        void this.#model.judge();
      },
    });
    this.#inputs.set(row.metric, input);
    this.#grid.append(
      h("label", { for: id }, row.metric),
      h("span", { class: "with-unit" }, input, h("span", { class: "unit" }, toleranceUnit(row))),
    );
    return input;
  }

  #levels(judgement: Judgement | undefined): void {
    const offered = this.#model.levels.join(",");
    if (offered !== this.#offered) {
      this.#offered = offered;
      this.#headline.replaceChildren(
        h("option", { value: "" }, "16, or the nearest"),
        ...this.#model.levels.map((level) => h("option", { value: level }, String(level))),
      );
    }
    this.#headline.value = String(this.#model.headlineLevel ?? "");
    this.#headline.title = judgement ? `now ${judgement.headlineLevel}` : "";
  }

  #identity({ json }: Judgement): void {
    const { identity } = JSON.parse(json) as { identity: { mismatched: string[]; varied: string[] } };
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

  #chooseLevel(): void {
    this.#model.headlineLevel = this.#headline.value === "" ? undefined : Number(this.#headline.value);
    void this.#model.judge();
  }

  #chooseTails(): void {
    this.#model.observeTails = this.#tails.checked;
    void this.#model.judge();
  }

  #reset(): void {
    const { given } = this.#model;
    this.#model.typed.clear();
    for (const input of this.#inputs.values()) input.value = "";
    this.#model.headlineLevel = given.headlineLevel;
    this.#model.vary = new Set(given.vary);
    this.#model.observeTails = given.observeTails;
    this.#tails.checked = given.observeTails;
    void this.#model.judge();
  }
}
