// The directories that AIPerf makes of several runs, by the rule of the command line (host/src/cli/trials.rs, which says
// what they look like). Their summaries are no measurements; nothing is read from them but what was run.
import { Fault } from "../engine/fault.ts";
import type { Member } from "./archive.ts";
import { bytewise, text } from "./text.ts";

const AGGREGATE = "profile_export_aiperf_aggregate.json";
const SWEEP = "profile_export_aiperf_sweep.json";

/** One of several runs; the paths of its members are those of the bundle that it is. */
export interface Run {
  path: string;
  members: Member[];
}

/**
 * The runs in a directory, in order; none where it is one run. `name` stands in messages for the directory.
 *
 * Throws {@link Fault} for runs that the summary counts and that are not there, or the other way round; runs that failed;
 * a list of values of something else than the concurrency; levels with different runs.
 */
export async function runsIn(name: string, members: Member[]): Promise<Run[] | undefined> {
  const inside = new Inside(name, members);
  const below = inside.folders("");
  const step = below.find((folder) => isNumbered(folder, "search_iter_"));
  if (step !== undefined) {
    throw refused(
      `found ${step}, which is one step of a search for the best setting; ` +
        `expected repeated runs of one configuration. Name one run: ${step}/profile_runs/run_0001`,
    );
  }
  const others = inside.combinations("");
  const levels = others.filter((folder) => inside.has(`${folder}/profile_runs/`));
  if (levels.length > 0) return inside.levels(levels, others);
  const home = below.includes("profile_runs") ? "profile_runs/" : "";
  const runs = inside.runs(home);
  if ((home !== "" || below.includes("aggregate")) && runs.length > 0) {
    await inside.checkSummaries("", home, runs);
    await inside.checkSweep(inside.combinations(`${home}${runs[0]}/`).length);
    // What stands beside the only run belongs to it.
    return runs.length === 1
      ? undefined
      : runs.map((run) => ({ path: `${home}${run}`, members: inside.at(`${home}${run}/`) }));
  }
  if (below.includes("sweep_aggregate")) await inside.checkSweep(others.length);
  return undefined;
}

/** The same fault with the name of each trial, which the component knows by number only. */
export const namingTrials = (fault: Fault, names: string[]): Fault =>
  new Fault(
    fault.code,
    `${fault.message} (${names.map((name, at) => `trial ${at + 1} is ${name}`).join(", ")})`,
    fault.where,
  );

/** A directory as its members; a folder is named with a slash behind it, the directory itself with nothing. */
class Inside {
  readonly #name: string;
  readonly #members: Member[];

  constructor(name: string, members: Member[]) {
    this.#name = name;
    this.#members = members;
  }

  has(folder: string): boolean {
    return this.#members.some(({ path }) => path.startsWith(folder));
  }

  /** Names of the folders in one, sorted. */
  folders(folder: string): string[] {
    const deeper = this.#members
      .map(({ path }) => path)
      .filter((path) => path.startsWith(folder) && path.includes("/", folder.length));
    return [...new Set(deeper.map((path) => path.slice(folder.length, path.indexOf("/", folder.length))))].sort(
      bytewise,
    );
  }

  /** Those folders in one that hold the results of one value of a list: beside them stand summaries, `logs` and others. */
  combinations(folder: string): string[] {
    const holds = (name: string): boolean => {
      const inner = `${folder}${name}/`;
      return this.has(`${inner}profile_runs/`) || this.at(inner).some(({ path }) => /^[^/]+\.json$/.test(path));
    };
    return this.folders(folder).filter(
      (name) => name !== "aggregate" && name !== "sweep_aggregate" && name !== "profile_runs" && holds(name),
    );
  }

  runs(home: string): string[] {
    return this.folders(home).filter((name) => isNumbered(name, "run_") || isNumbered(name, "trial_"));
  }

  /** The members of a folder, by their paths in it. */
  at(folder: string): Member[] {
    return this.#members
      .filter(({ path }) => path.startsWith(folder))
      .map(({ path, blob }) => ({ path: path.slice(folder.length), blob }));
  }

  /** `<level>/profile_runs/<run>`: run after run, each with all its levels. */
  async levels(levels: string[], others: string[]): Promise<Run[] | undefined> {
    await this.checkSweep(levels.length);
    const single = others.find((level) =>
      this.#members.some(({ path }) => path === `${level}/profile_export_aiperf.json`),
    );
    if (single !== undefined) {
      throw refused(
        `found one run of ${single} beside the runs in ${levels[0]}/profile_runs; expected as many runs of every level`,
      );
    }
    let first: string[] = [];
    for (const level of levels) {
      const home = `${level}/profile_runs/`;
      const runs = this.runs(home);
      await this.checkSummaries(`${level}/`, home, runs);
      if (first.length === 0) first = runs;
      else if (runs.join() !== first.join()) {
        throw refused(
          `found ${runs.join(", ")}, in ${levels[0]} ${first.join(", ")}; expected the same runs of every level`,
          home.slice(0, -1),
        );
      }
    }
    if (first.length < 2) return undefined;
    const of = (run: string): Member[] =>
      this.#members.filter(({ path }) => levels.some((level) => path.startsWith(`${level}/profile_runs/${run}/`)));
    return first.map((run) => ({ path: run, members: of(run) }));
  }

  /** Holds the runs against `aggregate/` and, for a list of values, against `aggregate/<value>/` of each. */
  async checkSummaries(base: string, home: string, runs: string[]): Promise<void> {
    const folder = `${base}aggregate/`;
    for (const place of ["", ...this.folders(folder).map((name) => `${name}/`)]) {
      const summary = await this.#summary(`${folder}${place}${AGGREGATE}`);
      if (summary) checkRuns(summary, `${this.#name}/${home}`.replace(/\/$/, ""), runs);
    }
  }

  /** Several values of the concurrency are the levels of one bundle; of anything else they are other workloads. */
  async checkSweep(combinations: number): Promise<void> {
    const summary =
      (await this.#summary(`sweep_aggregate/${SWEEP}`)) ?? (await this.#summary(`aggregate/sweep_aggregate/${SWEEP}`));
    if (summary === undefined) return;
    const metadata = field(summary.root, "metadata");
    const listed = field(metadata, "sweep_parameters");
    const names = (Array.isArray(listed) ? listed : [])
      .map((parameter) => field(parameter, "name"))
      .filter((name) => typeof name === "string");
    const varied = [...new Set(names)].sort(bytewise);
    // `phases.profiling.concurrency`.
    if (varied.length === 0 || !varied.every((name) => name.split(".").at(-1) === "concurrency")) {
      throw refused(
        `found the varied parameters: ${varied.join(", ") || "none"}; expected concurrency alone, ` +
          "whose values are the levels of one bundle. Other parameters make other workloads: give the directory of one combination",
        `${summary.path}: metadata.sweep_parameters`,
      );
    }
    const expected = count(field(metadata, "num_combinations"));
    if (expected !== undefined && expected !== combinations) {
      throw refused(
        `found ${expected}, but ${combinations} directories of results; expected one for each value of the concurrency. Copy all of them`,
        `${summary.path}: metadata.num_combinations`,
      );
    }
  }

  async #summary(path: string): Promise<Summary | undefined> {
    const member = this.#members.find((member) => member.path === path);
    if (member === undefined) return undefined;
    const read = await text(path, member.blob);
    try {
      return { path, root: JSON.parse(read) };
    } catch (error) {
      throw refused(
        `found what is no JSON (${(error as Error).message}); expected AIPerf's summary of several runs. Copy the file again`,
        path,
      );
    }
  }
}

/** A summary of AIPerf. */
interface Summary {
  path: string;
  root: unknown;
}

function checkRuns({ path, root }: Summary, home: string, runs: string[]): void {
  const metadata = field(root, "metadata");
  // Older versions put the counts beside `metadata`.
  const stated = (name: string): unknown => field(metadata, name) ?? field(root, name);
  const failed = stated("failed_runs");
  if (Array.isArray(failed) && failed.length > 0) {
    const said = (name: string): string => {
      const value = field(failed[0], name);
      return typeof value === "string" ? value : "unknown";
    };
    throw refused(
      `found ${failed.length} of ${runs.length} runs failed, the first ${said("label")} (${said("error")}); ` +
        "expected none, since a run that failed is no trial. Run again, or give each run that is to count on its own",
      `${path}: metadata.failed_runs`,
    );
  }
  for (const name of ["num_profile_runs", "num_successful_runs"]) {
    const expected = count(stated(name));
    const place = `${path}: metadata.${name}`;
    if (expected === undefined) throw refused("found no number; expected the count of the runs", place);
    if (expected !== runs.length) {
      throw refused(
        `found ${expected}, but ${runs.length} runs in ${home}; ` +
          "expected one directory for each run that the summary counts. Copy all of them, or give each run that is to count on its own",
        place,
      );
    }
  }
}

const field = (value: unknown, name: string): unknown =>
  value !== null && typeof value === "object" && !Array.isArray(value)
    ? (value as Record<string, unknown>)[name]
    : undefined;

const count = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 ? value : undefined;

/** `run_0001`. */
const isNumbered = (name: string, prefix: string): boolean =>
  name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length));

const refused = (message: string, where?: string): Fault => new Fault("conflict", message, where);
