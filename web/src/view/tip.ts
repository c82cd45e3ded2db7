// One floating box for explanations, on hover and on focus; Escape hides it.
import { h } from "./dom.ts";

const box = h("div", { class: "tip", "aria-hidden": "true", hidden: true });

/** Puts the box on the page and lets Escape hide it. */
export function installTips(): void {
  document.body.append(box);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") box.hidden = true;
  });
  document.addEventListener("scroll", () => (box.hidden = true), { capture: true, passive: true });
}

/** Shows `text` beside `element` while it is hovered or focused. Screen readers get it from `aria-describedby`. */
export function tip(element: HTMLElement | SVGElement, text: string): void {
  const show = (): void => {
    box.textContent = text;
    box.hidden = false;
    const target = element.getBoundingClientRect();
    const { width, height } = box.getBoundingClientRect();
    const left = Math.max(8, Math.min(target.left, innerWidth - width - 8));
    const below = target.bottom + 6;
    box.style.left = `${left}px`;
    box.style.top = `${below + height > innerHeight ? Math.max(8, target.top - height - 6) : below}px`;
  };
  const hide = (): void => {
    box.hidden = true;
  };
  element.addEventListener("mouseenter", show);
  element.addEventListener("focus", show);
  element.addEventListener("mouseleave", hide);
  element.addEventListener("blur", hide);
}
