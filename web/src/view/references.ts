// What the registry's searches found when the report was written.
import type { Hit, References } from "../state/model.ts";
import { h } from "./dom.ts";

/** As many as the Markdown of the report shows. */
const SHOWN = 5;

/** A list for runbooks and one for earlier runs; none where nothing was found. */
export function referencesViews({ runbooks, seen_before }: References): HTMLElement[] {
  return [list("Runbooks", "runbooks", runbooks ?? []), list("Seen before", "seen-before", seen_before ?? [])].filter(
    (view) => view !== null,
  );
}

function list(title: string, id: string, hits: Hit[]): HTMLElement | null {
  if (hits.length === 0) return null;
  const item = ({ path, line, text }: Hit): HTMLElement =>
    h("li", {}, h("code", {}, line === null ? path : `${path}:${line}`), " ", text);
  const more = hits.length > SHOWN ? h("li", {}, `and ${hits.length - SHOWN} more`) : null;
  return h(
    "section",
    { class: "references", "aria-labelledby": `${id}-title` },
    h("h2", { id: `${id}-title` }, title),
    h("ul", {}, ...hits.slice(0, SHOWN).map(item), more),
  );
}
