// What went wrong, in the words of the component, and what to do on this page.
import type { Fault } from "../engine/fault.ts";
import { adviceFor } from "./advice.ts";
import { h } from "./dom.ts";

/** A fault with its code, its place, its message and the next step. */
export function faultView({ code, subCode, where, message }: Fault): HTMLElement {
  const advice = adviceFor(subCode);
  return h(
    "div",
    { class: "fault", role: "alert" },
    h("strong", {}, `Error: ${code}`),
    where ? h("code", { class: "where" }, where) : null,
    h("p", { class: "message" }, message),
    advice ? h("p", { class: "advice" }, `On this page: ${advice}.`) : null,
  );
}
