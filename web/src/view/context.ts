// Full context of both sides, and what was noticed.
import type { Finding } from "../engine/bridge.ts";
import type { Json, Lever, Shown, Whole } from "../state/judgement.ts";
import type { Model } from "../state/model.ts";
import { h } from "./dom.ts";
import { currentSide, ofRun } from "./words.ts";

/** Context, findings, the next lever and the hashes of one judgement. */
export function contextViews({ whole, judgement: { findings } }: Shown, model: Model): HTMLElement[] {
  const section = (name: string, title: string, ...content: (Node | null)[]): HTMLElement =>
    h(
      "section",
      { class: name, "aria-labelledby": `${name}-title` },
      h("h2", { id: `${name}-title` }, title + ofRun(model)),
      ...content,
    );
  const current = currentSide(model);
  const lines = both(whole.context);
  const known = lines.filter(([, a, b]) => a !== null || b !== null);
  const unknown = lines.filter(([, a, b]) => a === null && b === null).map(([path]) => path);
  return [
    section("findings", "Findings", findings.length === 0 ? h("p", {}, "None.") : findingList(findings)),
    section(
      "context",
      "Context",
      sides("What was measured, and how, on both sides", current, known, whole.identity),
      unknown.length > 0 ? h("p", { class: "hint" }, `Unrecorded on both sides: ${unknown.join(", ")}.`) : null,
    ),
    ...(whole.next_lever ? [section("lever", "Next lever", levers(whole.next_lever))] : []),
    section("provenance", "Provenance", sides("Hashes and tools", current, both(whole.provenance))),
  ];
}

type Line = [path: string, baseline: string | null, current: string | null];

function both({ baseline, current }: { baseline: Json; current: Json }): Line[] {
  const [before, after] = [flatten(baseline), flatten(current)];
  return [...new Set([...before.keys(), ...after.keys()])].map((path) => [
    path,
    before.get(path) ?? null,
    after.get(path) ?? null,
  ]);
}

function flatten(value: Json, path = "", into = new Map<string, string | null>()): Map<string, string | null> {
  if (value !== null && typeof value === "object" && !Array.isArray(value)) {
    for (const [key, inner] of Object.entries(value)) flatten(inner, path === "" ? key : `${path}.${key}`, into);
  } else {
    into.set(
      path,
      value === null
        ? null
        : Array.isArray(value)
          ? value.map((item) => (typeof item === "object" ? JSON.stringify(item) : String(item))).join(", ")
          : String(value),
    );
  }
  return into;
}

function sides(caption: string, current: string, lines: Line[], identity?: Whole["identity"]): HTMLElement {
  const mark = (path: string, a: string | null, b: string | null): string => {
    const field = path.split(".").at(-1) ?? "";
    if (identity?.mismatched.includes(field)) return "differs: not comparable";
    if (identity?.varied.includes(field)) return "differs on purpose";
    if (a === b) return "";
    return a === null || b === null ? "on one side only" : "differs";
  };
  return h(
    "div",
    { class: "scroll", tabindex: 0, role: "region", "aria-label": caption },
    h(
      "table",
      { class: "sides" },
      h("caption", { class: "hidden" }, caption),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          ...["Field", "Baseline", current === "current" ? "Current" : current, "Difference"].map((title) =>
            h("th", { scope: "col" }, title),
          ),
        ),
      ),
      h(
        "tbody",
        {},
        ...lines.map(([path, a, b]) => {
          const marked = mark(path, a, b);
          return h(
            "tr",
            { class: marked ? "differs" : "" },
            h("th", { scope: "row" }, path),
            h("td", { class: a === null ? "unrecorded" : "" }, a ?? "unrecorded"),
            h("td", { class: b === null ? "unrecorded" : "" }, b ?? "unrecorded"),
            h("td", {}, marked),
          );
        }),
      ),
    ),
  );
}

const findingList = (findings: Finding[]): HTMLElement =>
  h(
    "ul",
    { class: "finding-list" },
    ...findings.map(({ code, severity, message, where }) =>
      h(
        "li",
        { class: severity },
        h("span", { class: "severity" }, severity),
        h("code", {}, code),
        where ? h("code", { class: "where" }, where) : null,
        h("span", {}, message),
      ),
    ),
  );

function levers(next: Lever & { frontier: Lever[] }): HTMLElement {
  const item = ({ lever, expected_unlock, cost, gate, because }: Lever) =>
    h("li", {}, h("b", {}, lever), ` because ${because}. Expected: ${expected_unlock}. Takes ${cost}. Gate: ${gate}.`);
  return h("ol", {}, item(next), ...next.frontier.map(item));
}
