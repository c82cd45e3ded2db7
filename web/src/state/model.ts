// The state of the page and what changes it. Every number in it came from the component.
import type { Document, Policy } from "../engine/bridge.ts";
import { Fault } from "../engine/fault.ts";
import { DEFAULT_POLICY, opened } from "../engine/policy.ts";
import { namingTrials } from "../intake/directory.ts";
import type { Picked, Progress, Read, Stated } from "../intake/types.ts";
import { Cancelled, type Engine } from "../worker/engine.ts";
import { type Chosen, unchosen } from "./chosen.ts";
import { type Shown, shown } from "./judgement.ts";
import { type Trials, trialsIn } from "./trials.ts";

export type Side = "baseline" | "current";

/** The runs behind a judgement, by name. */
export interface Behind {
  baseline: string[];
  current: string[];
}

/** One line of a file below the root of the registry. */
export interface Hit {
  path: string;
  line: number | null;
  text: string;
}

/** What the registry's searches found for the verdict of a report. */
export interface References {
  runbooks?: Hit[];
  seen_before?: Hit[];
}

/** What the page was opened with: the documents of a report, of a loopback server, or of the sample. */
export interface Given {
  references?: References;
  baseline?: { name: string; json: string }[];
  current?: { name: string; json: string }[];
  history?: string[];
  policy?: Policy;
}

/** One side: its runs, how far reading is, and what went wrong. */
export interface Slot {
  runs: Read[];
  busy: Progress | "starting" | null;
  fault: Fault | null;
  stated: Stated;
}

/** A judged column: one current run, or all of them merged. */
export interface Column {
  name: string;
  result: Shown | Fault;
  /** The numbers of each run of either side; none where a side has one run. */
  trials: Record<Side, Trials>;
}

/** Who is told of changes. */
export interface Watcher {
  changed(): void;
  /** Nothing but how far reading is. */
  progressed(): void;
}

const slot = (): Slot => ({ runs: [], busy: null, fault: null, stated: {} });

/** The page's state; tells its watcher of every change. */
export class Model implements Chosen {
  readonly slots: Record<Side, Slot> = { baseline: slot(), current: slot() };
  /** Whether several current runs are trials of one configuration. */
  trials = false;
  selected = 0;
  columns: Column[] = [];
  /** How often the columns were judged, for whoever waits for an answer. */
  judged = 0;
  /** Why nothing could be judged although both sides are there. */
  fault: Fault | null = null;
  /** Where the baseline was measured, for choosing the headline. */
  places: string[] = [];
  /** What the page was opened with. */
  readonly given: Policy;
  typed!: Map<string, string>;
  /** Those of them that are no tolerances, with what the component says of each; the last valid one stands for it. */
  refused = new Map<string, Fault>();
  headline: string | undefined;
  vary!: Set<string>;
  observeTails!: boolean;
  /** Of the pair that the page was opened with; gone as soon as another one is judged. */
  references: References;

  readonly #engine: Engine;
  readonly #watcher: Watcher;
  #history: string[];
  #valid = new Map<string, string>();
  #round = 0;

  constructor(engine: Engine, given: Given, watcher: Watcher) {
    this.#engine = engine;
    this.#watcher = watcher;
    this.#history = given.history ?? [];
    this.references = given.references ?? {};
    this.given = opened(given.policy ?? {});
    this.choose(unchosen(this.given));
  }

  /** Takes over a choice; {@link judge} judges by it. */
  choose(chosen: Chosen): void {
    this.typed = chosen.typed;
    this.headline = chosen.headline;
    this.vary = chosen.vary;
    this.observeTails = chosen.observeTails;
  }

  /** Reads what the page was opened with. */
  async open(given: Given): Promise<void> {
    for (const side of ["baseline", "current"] as const) {
      for (const { name, json } of given[side] ?? []) {
        await this.#into(side, async () => [{ name, document: await this.#engine.call("check", { name, json }) }]);
      }
    }
  }

  /**
   * Has two documents judged for nothing but that the component has run, more than once: browsers make their best code of
   * what ran often, beside what runs. What fails here fails again where it counts.
   */
  async rehearse({ baseline: [before] = [], current: [after] = [] }: Given): Promise<void> {
    if (before === undefined || after === undefined) return;
    const given = { baseline: before.json, current: after.json, history: [] };
    for (let round = 0; round < 4; round += 1)
      await this.#engine.call("judge", { given, policy: DEFAULT_POLICY }).catch(() => undefined);
  }

  /** Reads dropped or picked files into a side, beside the runs that are there. */
  async add(side: Side, picked: Promise<Picked[]>): Promise<void> {
    this.references = {};
    const { stated } = this.slots[side];
    await this.#into(side, async (tell) => this.#engine.call("read", { picked: await picked, stated }, tell));
  }

  /** Stops reading. */
  cancel(): void {
    this.#engine.cancel();
  }

  /** Takes a run out. */
  async remove(side: Side, at: number): Promise<void> {
    const slot = this.slots[side];
    slot.runs = slot.runs.filter((_, index) => index !== at);
    if (side === "baseline") this.#history = [];
    this.references = {};
    // At once, so that a second press of a key takes out the next run and not this one again.
    this.#watcher.changed();
    await this.judge();
  }

  /** Exchanges the sides. */
  async swap(): Promise<void> {
    const { baseline, current } = this.slots;
    [this.slots.baseline, this.slots.current] = [current, baseline];
    // Earlier baselines belong to the baseline that was, and what was found to the pair.
    this.#history = [];
    this.references = {};
    await this.judge();
  }

  /** The policy as it stands: the one given, and what was typed here, which wins. */
  policy(): Policy {
    const { baselineMaxAgeDays, choices, file } = this.given;
    return {
      choices,
      ...(file === undefined ? {} : { file }),
      tolerances: [...this.given.tolerances, ...[...this.#valid].map(typedTolerance)],
      vary: [...this.vary],
      observeTails: this.observeTails,
      ...(this.headline === undefined ? {} : { headline: this.headline }),
      ...(baselineMaxAgeDays === undefined ? {} : { baselineMaxAgeDays }),
    };
  }

  /** The runs behind the chosen judgement. */
  behind(): Behind {
    const [baseline, current] = (["baseline", "current"] as const).map((side) =>
      this.slots[side].runs.map(({ name }) => name),
    ) as [string[], string[]];
    const one = current[this.selected];
    return { baseline, current: this.trials || one === undefined ? current : [one] };
  }

  /** Judges anew; an answer that was overtaken by a later question is dropped. */
  async judge(): Promise<void> {
    this.#round += 1;
    const round = this.#round;
    const refused = await this.#check();
    const found = await this.#judged().catch((error: unknown) => asFault(error));
    if (round !== this.#round || found === "cancelled") return;
    this.refused = refused;
    this.fault = found instanceof Fault ? found : null;
    this.columns = found instanceof Fault ? [] : found;
    this.judged += 1;
    this.selected = Math.min(this.selected, Math.max(0, this.columns.length - 1));
    this.#watcher.changed();
  }

  /** Has the component check what was typed, keeps the last valid tolerance of each metric and gives what is refused. */
  async #check(): Promise<Map<string, Fault>> {
    for (const metric of this.#valid.keys()) if (!this.typed.has(metric)) this.#valid.delete(metric);
    const refused = new Map<string, Fault>();
    const check = async ([metric, value]: [string, string]): Promise<void> => {
      if (this.#valid.get(metric) === value) return;
      const policy = { ...DEFAULT_POLICY, tolerances: [typedTolerance([metric, value])] };
      const fault = await this.#engine.call("checkPolicy", { policy }).catch(asFault);
      if (fault instanceof Fault) refused.set(metric, fault);
      else if (fault !== "cancelled" && this.typed.has(metric)) this.#valid.set(metric, value);
    };
    await Promise.all([...this.typed].map(check));
    return refused;
  }

  async #judged(): Promise<Column[]> {
    const { baseline, current } = this.slots;
    if (baseline.runs.length === 0) this.places = [];
    if (baseline.runs.length === 0 || current.runs.length === 0) return [];
    const before = await this.#one(baseline.runs);
    this.places = before.places;
    const merged = this.trials && current.runs.length > 1;
    const sides = merged
      ? [{ name: `${trialsOf(current.runs).length} trials`, json: (await this.#one(current.runs)).json }]
      : current.runs.map(({ name, document }) => ({ name, json: document.json }));
    const policy = this.policy();
    return Promise.all(
      sides.map(async ({ name, json }) => {
        const given = { baseline: before.json, current: json, history: this.#history };
        const result = await this.#engine.call("judge", { given, policy }).then(shown, faultOnly);
        return { name, result, trials: { baseline: trialsIn(before.json), current: trialsIn(json) } };
      }),
    );
  }

  async #one(runs: Read[]): Promise<Document> {
    const [first] = runs;
    if (first && runs.length === 1) return first.document;
    const trials = trialsOf(runs);
    const named = (error: unknown): never => {
      throw error instanceof Fault
        ? namingTrials(
            error,
            trials.map(({ name }) => name),
          )
        : error;
    };
    return this.#engine.call("merge", { documents: trials.map(({ json }) => json) }).catch(named);
  }

  async #into(side: Side, read: (tell: (progress: Progress) => void) => Promise<Read[]>): Promise<void> {
    const slot = this.slots[side];
    slot.busy = "starting";
    slot.fault = null;
    this.#watcher.changed();
    const tell = (progress: Progress): void => {
      slot.busy = progress;
      this.#watcher.progressed();
    };
    const found = await read(tell).catch((error: unknown) => asFault(error));
    slot.busy = null;
    if (found instanceof Fault) slot.fault = found;
    else if (found !== "cancelled") {
      for (const run of found) slot.runs.push({ ...run, name: unused(run.name, slot.runs) });
      if (side === "baseline") this.#history = found.length === slot.runs.length ? this.#history : [];
    }
    this.#watcher.changed();
    if (Array.isArray(found)) await this.judge();
  }
}

/** Each trial of the runs, of which one may be several. */
const trialsOf = (runs: Read[]): { name: string; json: string }[] =>
  runs.flatMap(
    ({ name, document, trials }) =>
      trials?.map((json, at) => ({ name: `${name} ${at + 1}`, json })) ?? [{ name, json: document.json }],
  );

/** The name, counted where another run of the side has it: runs are told apart by their names. */
function unused(name: string, runs: Read[]): string {
  const taken = new Set(runs.map((run) => run.name));
  for (let count = 1; ; count += 1) {
    const tried = count === 1 ? name : `${name} (${count})`;
    if (!taken.has(tried)) return tried;
  }
}

const typedTolerance = ([metric, value]: [string, string]): Policy["tolerances"][number] => ({
  metric,
  value,
  origin: "command-line",
});

function asFault(error: unknown): Fault | "cancelled" {
  if (error instanceof Fault) return error;
  if (error instanceof Cancelled) return "cancelled";
  return new Fault("internal", error instanceof Error ? error.message : String(error));
}

function faultOnly(error: unknown): Fault {
  if (error instanceof Fault) return error;
  throw error;
}
