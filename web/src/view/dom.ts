// Makes elements. Text is always text: nothing from a file is ever parsed as HTML.

type Child = Node | string | null | undefined | false;
type Attributes = Record<string, string | number | boolean | null | undefined | ((event: Event) => void)>;

/** Whether the page is as narrow as a phone, for what is drawn in pixels. */
export const phone = matchMedia("(max-width: 640px)");

const SVG = "http://www.w3.org/2000/svg";

/** An HTML element. A function is a listener, `true` an empty attribute; null, undefined and false leave it out. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  return fill(document.createElement(tag), attributes, children);
}

/** An SVG element. */
export function s<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill<E extends Element>(element: E, attributes: Attributes, children: Child[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, String(value));
  }
  for (const child of children) if (child) element.append(child);
  return element;
}

/** A dotted or underscored name that may break after a part of it. */
export const breakable = (name: string): Child[] =>
  name.split(/(?<=[_.])(?=[^_.]{3})/).flatMap((part, at) => (at === 0 ? [part] : [h("wbr"), part]));

/** A label and its list of choices, given as value and word; `choose` is called with the value chosen. */
export function chooser(
  id: string,
  title: string,
  values: [value: string, word: string][],
  value: string,
  choose: (value: string) => void,
): [HTMLLabelElement, HTMLSelectElement] {
  const select = h("select", { id, change: () => choose(select.value) });
  select.append(...values.map(([value, word]) => h("option", { value }, word)));
  select.value = value;
  return [h("label", { for: id }, title), select];
}

/** A listener that copies what `text` gives, and says whether it could. */
export const copier =
  (text: () => string, said: HTMLElement, otherwise = "") =>
  (): void => {
    navigator.clipboard.writeText(text()).then(
      () => (said.textContent = "copied"),
      () => (said.textContent = `the browser does not let this page copy${otherwise}`),
    );
  };

/** Offers text as a file. */
export function download(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  h("a", { href: url, download: name }).click();
  URL.revokeObjectURL(url);
}
