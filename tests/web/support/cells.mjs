// The cells of the rows as the page shows them and as the component's Markdown has them, by level and metric.

export function markdownCells(markdown) {
  const cells = {};
  for (const line of markdown.split("\n## Rows")[1].split("\n## ")[0].split("\n")) {
    const [status, level, metric, , better, baseline, current, change, tolerance] = line
      .slice(2, -2)
      .split(" | ")
      .map((cell) => cell.trim());
    if (better !== "higher" && better !== "lower") continue;
    // By the level of the JSON, `16`, where a text for people has the place, `c16`.
    const key = `${level.replace(/^c(?=\d+$)/, "")}/${metric}`.replaceAll("\\", "");
    cells[key] = {
      status: STATUS[status] ?? status,
      better,
      baseline,
      current,
      change,
      tolerance: tolerance.replace(/[()]/g, ""),
    };
  }
  return cells;
}

export async function pageCells(page) {
  const rows = await page.locator("tr[data-row]").evaluateAll((rows) =>
    rows.map((row) => {
      const [status, , , , better, baseline, current, change, tolerance] = [...row.children];
      return [
        row.dataset.row,
        {
          status: status.querySelector("button").lastChild.textContent,
          better: better.textContent,
          baseline: baseline.textContent,
          current: current.textContent,
          change: change.firstChild.textContent,
          tolerance: tolerance.textContent,
        },
      ];
    }),
  );
  return Object.fromEntries(rows);
}

const STATUS = {
  REGRESSED: "regressed",
  UNRESOLVED: "unresolved",
  UNRELIABLE: "unreliable",
  DEFINITION_MISMATCH: "definition mismatch",
  OBSERVED: "observed",
  UNMATCHED_LEVEL: "unmatched level",
  NULL_LEGACY_BASELINE: "no value",
  WITHIN: "within",
  IMPROVED: "improved",
};
