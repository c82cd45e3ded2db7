// What a link may carry, in the hash: how things are shown and judged, never data.

/** The state of the view. */
export interface Link {
  sort: string;
  down: boolean;
  level: string;
  status: string;
  metric: string;
  /** Whether rows within tolerance are shown. */
  all: boolean;
  theme: string;
  axis: string;
  distribution: string;
}

const START: Link = {
  sort: "",
  down: false,
  level: "",
  status: "",
  metric: "",
  all: false,
  theme: "",
  axis: "tps_per_user",
  distribution: "",
};

/** The parameters of the page's hash. */
export const parameters = (): URLSearchParams => new URLSearchParams(location.hash.slice(1));

/** Reads the hash of the page. Unknown keys are ignored: a link may come from a later version. */
export function readLink(): Link {
  const given = parameters();
  const text = (name: keyof Link): string => given.get(name) ?? String(START[name]);
  return {
    sort: text("sort"),
    down: given.get("down") === "1",
    level: text("level"),
    status: text("status"),
    metric: text("metric"),
    all: given.get("all") === "1",
    theme: text("theme"),
    axis: text("axis"),
    distribution: text("distribution"),
  };
}

let written = "";

/** Whether the hash is what {@link writeLink} wrote last, and not what a reader typed or pasted. */
export const isOwn = (): boolean => location.hash.slice(1) === written;

/** Writes the state, and more of it, into the hash without a step in the history. */
export function writeLink(link: Link, more: [string, string][]): void {
  const stated = new URLSearchParams(more);
  for (const [name, value] of Object.entries(link)) {
    if (value !== START[name as keyof Link]) stated.set(name, value === true ? "1" : String(value));
  }
  // A page from disk cannot replace its history entry everywhere, but its hash it can always set.
  const hash = stated.toString();
  written = hash;
  if (hash !== location.hash.slice(1)) location.replace(`#${hash}`);
}
