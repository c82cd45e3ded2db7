// Decides what was dropped: a bundle, an archive, a document or a registry entry, or several of them.
import { type Bridge, type Document, Fault, type FileDigest, type Options } from "../engine/bridge.ts";
import { BlobSource } from "../engine/files.ts";
import { Tree } from "../engine/filesystem.ts";
import { sha256 } from "../engine/hash.ts";
import { expand, isArchive, type Member, stem } from "./archive.ts";
import { readEntry } from "./entry.ts";
import { bytewise, MOST_DOCUMENT, text } from "./text.ts";
import { namingTrials, type Run, runsIn } from "./trials.ts";

/** One file as picked, with its path from what was dropped. */
export interface Picked {
  path: string;
  file: File;
}

/** What the operator adds to a bundle. */
export interface Stated extends Pick<Options, "model" | "settings"> {
  /** The files of a paired profile: a zymtrace or Nsight Systems bundle. */
  profile?: Picked[];
}

/** How far reading has come. */
export interface Progress {
  doing: "unpacking" | "hashing" | "reading";
  bytes: number;
  /** Where it is known. */
  total?: number;
}

/** A run that was read. */
export interface Read {
  name: string;
  document: Document;
  /** Where it is several runs of one configuration: the document of each. */
  trials?: string[];
  /** What is worth knowing about where it came from. */
  notes?: string[];
}

type OnProgress = (progress: Progress) => void;

/** The schema of a document; its name stands in every one. */
const SCHEMA = "inference_perfbench_v1";

/** Reads everything that was dropped at once. Throws {@link Fault}. */
export async function readPicked(
  bridge: Bridge,
  picked: Picked[],
  stated: Stated,
  onProgress: OnProgress,
): Promise<Read[]> {
  const runs: Read[] = [];
  const read = async (name: string, members: Member[]) =>
    runs.push({ name, ...(await readFolder(bridge, name, members, stated, onProgress)) });
  const { folders, loose } = group(picked);
  for (const [name, members] of folders) await inInput(name, () => read(name, members));
  const rest: Member[] = [];
  for (const { path, blob } of loose) {
    if (isArchive(path)) {
      const members = await expand(path, blob, counter("unpacking", onProgress));
      await inInput(path, () => read(stem(path), members));
    } else if (await isDocument(path, blob)) {
      runs.push({ name: path, document: bridge.checkDocument(path, await text(path, blob)) });
    } else rest.push({ path, blob });
  }
  const [first] = rest;
  if (first) await read(rest.length === 1 ? first.path : `${rest.length} files`, rest);
  return runs;
}

function group(picked: Picked[]): { folders: Map<string, Member[]>; loose: Member[] } {
  const folders = new Map<string, Member[]>();
  const loose: Member[] = [];
  for (const { path, file } of picked) {
    const slash = path.indexOf("/");
    if (slash < 0) {
      loose.push({ path, blob: file });
      continue;
    }
    const name = path.slice(0, slash);
    const members = folders.get(name) ?? [];
    members.push({ path: path.slice(slash + 1), blob: file });
    folders.set(name, members);
  }
  return { folders, loose };
}

/** Says of which input a fault is; its place is relative to that input. */
async function inInput<T>(name: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new Fault(error.code, error.message, error.where ? `${name}/${error.where}` : name);
  }
}

async function readFolder(
  bridge: Bridge,
  name: string,
  members: Member[],
  stated: Stated,
  onProgress: OnProgress,
): Promise<Omit<Read, "name">> {
  const entry = members.find(({ path }) => path === "baseline.json");
  if (entry) return readEntry(bridge, name, entry, members);
  const runs = await runsIn(name, members);
  if (runs) return readTrials(bridge, name, runs, stated, onProgress);
  try {
    return { document: await readBundle(bridge, members, stated, onProgress) };
  } catch (error) {
    throw ofSeveralRuns(error, members);
  }
}

/** Reads every run and makes one document of them, as the command line does. */
async function readTrials(
  bridge: Bridge,
  name: string,
  runs: Run[],
  stated: Stated,
  onProgress: OnProgress,
): Promise<Omit<Read, "name">> {
  const trials: string[] = [];
  for (const { path, members } of runs) {
    trials.push((await inInput(path, () => readBundle(bridge, members, stated, onProgress))).json);
  }
  const names = runs.map(({ path }) => path);
  try {
    return {
      document: bridge.mergeTrials(trials),
      trials,
      notes: [`${runs.length} runs, judged together as trials: ${names.join(", ")}`],
    };
  } catch (error) {
    throw error instanceof Fault
      ? namingTrials(
          error,
          names.map((path) => `${name}/${path}`),
        )
      : error;
  }
}

/** Says what to do on the page where a folder holds runs that nothing says are trials. */
function ofSeveralRuns(error: unknown, members: Member[]): unknown {
  const folders = new Set(
    members.flatMap(({ path }) => (path.includes("/") ? [path.slice(0, path.indexOf("/"))] : [])),
  );
  if (!(error instanceof Fault) || folders.size < 2 || !error.message.startsWith("found two results")) return error;
  return new Fault(
    error.code,
    `${error.message}. On this page: drop the folders of the runs themselves, all at once if you like; ` +
      "for several current runs it then asks whether they are trials",
    error.where,
  );
}

async function readBundle(
  bridge: Bridge,
  members: Member[],
  stated: Stated,
  onProgress: OnProgress,
): Promise<Document> {
  const { profile: _, ...options } = stated;
  const inner = profileMembers(stated);
  const total = [...members, ...inner].reduce((sum, { blob }) => sum + blob.size, 0);
  const hashed = counter("hashing", onProgress, total);
  const bundle = await mount(members, hashed);
  const paired = await mountProfile(stated, hashed);
  return bridge.readBundle(
    bundle.tree,
    { ...options, ...paired, files: bundle.files },
    counter("reading", onProgress, total),
  );
}

const profileMembers = ({ profile }: Stated): Member[] =>
  (profile ?? []).map(({ path, file }) => ({ path: path.slice(path.indexOf("/") + 1), blob: file }));

/** The options of a paired profile; none where none was chosen. */
export async function mountProfile(
  stated: Stated,
  hashed: (bytes: number) => void,
): Promise<{ profile?: Tree; profileFiles?: FileDigest[] }> {
  if (stated.profile === undefined) return {};
  const { tree, files } = await mount(profileMembers(stated), hashed);
  return { profile: tree, profileFiles: files };
}

/** The members as a directory, and their hashes. */
async function mount(members: Member[], hashed: (bytes: number) => void): Promise<{ tree: Tree; files: FileDigest[] }> {
  const tree = new Tree();
  for (const { path, blob } of members) {
    try {
      tree.add(path, new BlobSource(blob));
    } catch (error) {
      throw new Fault("conflict", `${(error as Error).message}; expected each file once`, path);
    }
  }
  const files: FileDigest[] = [];
  for (const { path, blob } of members) {
    files.push({ path, size: BigInt(blob.size), sha256: await sha256(blob, hashed) });
  }
  files.sort((a, b) => bytewise(a.path, b.path));
  return { tree, files };
}

async function isDocument(path: string, blob: Blob): Promise<boolean> {
  if (!/\.json$/i.test(path) || blob.size > MOST_DOCUMENT) return false;
  // The schema may stand anywhere in the text, since another tool may have written it.
  return (await blob.text()).includes(SCHEMA);
}

/** Counts bytes into progress, a few times a second at most. */
export function counter(doing: Progress["doing"], onProgress: OnProgress, total?: number): (bytes: number) => void {
  let [bytes, said] = [0, 0];
  return (more) => {
    bytes += more;
    const now = performance.now();
    if (now - said < 50) return;
    said = now;
    onProgress(total === undefined ? { doing, bytes } : { doing, bytes, total });
  };
}
