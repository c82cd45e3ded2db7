// Sentences and order that the component says in its texts, and nowhere else.

/** What the texts of a judgement say. */
export interface Said {
  /** The headline in one sentence: `c16 throughput 259.8 -> 85.03 tok/s, -67.3 % (tolerance 3 %), n=1+1`. */
  headline: string;
  /** What changed between the runs, with how many things those are: `changed (2): a 1 -> 2; b on -> off`. */
  changed: string;
  /** What was measured on neither side, in a sentence; empty where nothing was left out. */
  unmeasured: string;
  /** That rows do not count, where there is no verdict; else empty. */
  uncounted: string;
  /** The position of each row from the worst on, by `PLACE METRIC`. */
  order: Map<string, number>;
}

/** A row in the table of all rows: status, place, metric and so on. */
const ROW = /^\| [^|]+ \| ([^|]+) \| ((?:\\.|[^|\\])+) \| (?:higher|lower) \|/;

/** Finds them in the forms `answer` and `markdown`. */
export function said(answer: string, markdown: string): Said {
  const lines = answer.split("\n");
  const line = (begin: string): string => lines.find((line) => line.startsWith(begin)) ?? "";
  const order = new Map<string, number>();
  let unmeasured = "";
  for (const text of markdown.split("\n")) {
    const [, place, metric] = ROW.exec(text) ?? [];
    if (place && metric) order.set(`${place} ${plain(metric)}`, order.size);
    if (text.startsWith("- not measured on either side: ")) unmeasured = plain(text.slice(2));
  }
  const [uncounted = ""] = /without a verdict[^.]*/.exec(markdown) ?? [];
  return {
    uncounted,
    headline: line("headline: ").slice("headline: ".length),
    changed: line("changed"),
    unmeasured,
    order,
  };
}

/** Names hold nothing else that the Markdown escapes. */
const plain = (escaped: string): string => escaped.replaceAll(/\\(.)/g, "$1");
