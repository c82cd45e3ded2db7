// Reads a directory: the component says which runs it holds, and reads each of them.
import type { Bridge, Document, FileDigest, Run } from "../engine/bridge.ts";
import { Fault } from "../engine/fault.ts";
import { type Folder, within } from "../engine/filesystem.ts";
import { counter, type OnProgress, type Read, type Stated } from "./types.ts";

/** A file with its hash, which is begun when it is asked for; `hashed` is told of every piece. */
interface File {
  path: string;
  size: number;
  sha256(hashed: (bytes: number) => void): Promise<string>;
}

/** A directory as the component sees it, and its files. */
export interface Mounted {
  folder: Folder;
  files: File[];
}

/** Reads all runs of a directory, several of them as trials of one configuration. Throws {@link Fault}. */
export async function readDirectory(
  bridge: Bridge,
  name: string,
  { folder, files }: Mounted,
  { model, settings = [], profile }: Pick<Stated, "model" | "settings"> & { profile: Mounted | undefined },
  onProgress: OnProgress,
): Promise<Omit<Read, "name">> {
  const options = {
    ...(model === undefined ? {} : { model }),
    settings,
    ...(profile ? { profile: profile.folder } : {}),
  };
  const paired = digests(profile?.files ?? [], counter("hashing", onProgress));
  const read = async (run: Run): Promise<Document> => {
    const own = filesOf(run, files);
    const total = sizeOf(own);
    // Begun here and made by other threads, while this one reads.
    const hashed = Promise.all([digests(own, counter("hashing", onProgress, total)), paired]);
    const unhashed = await meanwhile(hashed, () =>
      bridge.readUnhashed(
        within(folder, run.dir),
        { ...options, folders: run.folders },
        counter("reading", onProgress, total + sizeOf(profile?.files ?? [])),
      ),
    );
    return unhashed.document(...(await hashed));
  };
  const runs = await meanwhile(paired, () => bridge.findRuns(folder));
  const documents: Document[] = [];
  for (const run of runs) documents.push(await inInput(run.dir, () => read(run)));
  const [document] = documents;
  if (document && documents.length === 1) return { document };
  const trials = documents.map(({ json }) => json);
  return {
    document: merged(
      bridge,
      trials,
      runs.map((run) => `${name}/${run.name}`),
    ),
    trials,
    notes: [`${runs.length} runs, judged together as trials: ${runs.map((run) => run.name).join(", ")}`],
  };
}

/** Runs while files are hashed. What cannot be hashed is said before what fails here. */
async function meanwhile<T>(hashed: Promise<unknown>, run: () => T): Promise<T> {
  try {
    return run();
  } catch (error) {
    await hashed;
    throw error;
  }
}

function merged(bridge: Bridge, trials: string[], names: string[]): Document {
  try {
    return bridge.mergeTrials(trials);
  } catch (error) {
    throw error instanceof Fault ? namingTrials(error, names) : error;
  }
}

/** The same fault with the name of each trial, which the component knows by number only. */
export const namingTrials = (fault: Fault, names: string[]): Fault =>
  fault.with({
    message: `${fault.message} (${names.map((name, at) => `trial ${at + 1} is ${name}`).join(", ")})`,
  });

/** Says of which input a fault is; its place is relative to that input. */
export async function inInput<T>(name: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof Fault) || name === "") throw error;
    throw error.with({ where: error.where ? `${name}/${error.where}` : name });
  }
}

/** The files of a run, by their paths in its directory. */
function filesOf({ dir, folders }: Run, files: File[]): File[] {
  const start = dir === "" ? 0 : dir.length + 1;
  return files
    .filter(({ path }) => path.startsWith(dir === "" ? "" : `${dir}/`))
    .map((file) => ({ ...file, path: file.path.slice(start) }))
    .filter(({ path }) => folders.length === 0 || folders.some((part) => isOf(path, part)));
}

/** Whether a file is at a path, below it, or of several runs of which the path names one (`FILE#2`). */
function isOf(path: string, part: string): boolean {
  return path === part || path.startsWith(`${part}/`) || path === part.replace(/#[0-9]+$/, "");
}

/** The hashes of files, all of them begun at once. */
const digests = (files: File[], hashed: (bytes: number) => void): Promise<FileDigest[]> =>
  Promise.all(
    files.map(async ({ path, size, sha256 }) => ({ path, size: BigInt(size), sha256: await sha256(hashed) })),
  );

const sizeOf = (files: File[]): number => files.reduce((sum, { size }) => sum + size, 0);
