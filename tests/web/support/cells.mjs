// The cells of the rows as the page shows them and as the component's judgement has them, by level and metric.

/** What the component says of each row, as text. */
export function judgedCells(judgement) {
  // What neither side measured is no row of the page, as it is none of the text.
  const measured = JSON.parse(judgement).rows.filter((row) => row.baseline !== null || row.current !== null);
  const cells = measured.map((row) => [
    `${row.level}/${row.metric}`,
    {
      status: STATUS[row.status],
      better: row.direction.replace("-is-better", ""),
      baseline: row.shown.baseline,
      current: row.shown.current,
      change: row.shown.change,
      tolerance: `${row.shown.tolerance} ${row.tolerance_origin}`,
    },
  ]);
  return Object.fromEntries(cells);
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
          baseline: baseline.firstChild.textContent,
          current: current.firstChild.textContent,
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
  DEFINITION_MISMATCH: "definitions differ",
  OBSERVED: "observed",
  UNMATCHED_LEVEL: "one side only",
  NULL_LEGACY_BASELINE: "no value",
  WITHIN: "within",
  IMPROVED: "improved",
};
