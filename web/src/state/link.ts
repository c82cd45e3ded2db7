// What a link may carry, in the hash: how things are shown, never data.

/** The state of the view. */
export interface Link {
  sort: string;
  down: boolean;
  level: string;
  status: string;
  metric: string;
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
  theme: "",
  axis: "tps_per_user",
  distribution: "",
};

/** Reads the hash of the page. Unknown keys are ignored: a link may come from a later version. */
export function readLink(): Link {
  const given = new URLSearchParams(location.hash.slice(1));
  const text = (name: keyof Link): string => given.get(name) ?? String(START[name]);
  return {
    sort: text("sort"),
    down: given.get("down") === "1",
    level: text("level"),
    status: text("status"),
    metric: text("metric"),
    theme: text("theme"),
    axis: text("axis"),
    distribution: text("distribution"),
  };
}

/** Writes the state into the hash without a step in the history. */
export function writeLink(link: Link): void {
  const stated = new URLSearchParams();
  for (const [name, value] of Object.entries(link)) {
    if (value !== START[name as keyof Link]) stated.set(name, value === true ? "1" : String(value));
  }
  // A page from disk cannot replace its history entry everywhere, but its hash it can always set.
  const hash = stated.toString();
  if (hash !== location.hash.slice(1)) location.replace(`#${hash}`);
}
