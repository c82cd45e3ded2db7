// The numbers of each run of a side that was measured several times.

/** The numbers of the runs, in their order, for a level and a metric. */
export type Trials = (level: string, metric: string) => number[];

interface Document {
  trials?: { runs?: { values?: Record<string, number | null> }[] };
}

/** Finds them in a document; most have none, and are not parsed for it. */
export function trialsIn(json: string): Trials {
  if (!json.includes('"trials"')) return () => [];
  const runs = (JSON.parse(json) as Document).trials?.runs ?? [];
  return (level, metric) =>
    runs.flatMap(({ values }) => {
      const value = values?.[`metrics.${level}.${metric}`];
      return typeof value === "number" ? [value] : [];
    });
}
