// Decides what was dropped: a bundle, an archive, a document or a registry entry, or several of them.
import { type Bridge, type Document, Fault, type FileDigest, type Options } from "../engine/bridge.ts";
import { BlobSource } from "../engine/files.ts";
import { Tree } from "../engine/filesystem.ts";
import { sha256, sha256Directory } from "../engine/hash.ts";
import { expand, isArchive, type Member, stem } from "./archive.ts";

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
}

type OnProgress = (progress: Progress) => void;

/** The schema of a document; its name stands in every one. */
const SCHEMA = "inference_perfbench_v1";
const MOST_DOCUMENT = 64 << 20;

/** Reads everything that was dropped at once. Throws {@link Fault}. */
export async function readPicked(bridge: Bridge, picked: Picked[], stated: Stated, onProgress: OnProgress): Promise<Read[]> {
  const runs: Read[] = [];
  const read = async (name: string, members: Member[]) =>
    runs.push({ name, document: await readFolder(bridge, members, stated, onProgress) });
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

async function readFolder(bridge: Bridge, members: Member[], stated: Stated, onProgress: OnProgress): Promise<Document> {
  const entry = members.find(({ path }) => path === "baseline.json");
  return entry ? readEntry(bridge, entry, members) : readBundle(bridge, members, stated, onProgress);
}

async function readBundle(bridge: Bridge, members: Member[], stated: Stated, onProgress: OnProgress): Promise<Document> {
  const { profile: _, ...options } = stated;
  const inner = profileMembers(stated);
  const total = [...members, ...inner].reduce((sum, { blob }) => sum + blob.size, 0);
  const hashed = counter("hashing", onProgress, total);
  const bundle = await mount(members, hashed);
  const paired = await mountProfile(stated, hashed);
  return bridge.readBundle(bundle.tree, { ...options, ...paired, files: bundle.files }, counter("reading", onProgress, total));
}

const profileMembers = ({ profile }: Stated): Member[] =>
  (profile ?? []).map(({ path, file }) => ({ path: path.slice(path.indexOf("/") + 1), blob: file }));

/** The options of a paired profile; none where none was chosen. */
export async function mountProfile(stated: Stated, hashed: (bytes: number) => void): Promise<{ profile?: Tree; profileFiles?: FileDigest[] }> {
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

const SNAPSHOT = "source-snapshot";

/** An entry of the registry: a whole one, of a document, with the hash that it states over everything its snapshot holds. */
async function readEntry(bridge: Bridge, entry: Member, members: Member[]): Promise<Document> {
  const stated = await entryOf(entry);
  const refuse = (message: string) => new Fault("not-understood", message, entry.path);
  const names = members.filter(({ path }) => path.startsWith(SNAPSHOT)).map(({ path }) => path.split("/")[0] ?? "");
  const name = names.sort(bytewise)[0];
  if (name === undefined) throw new Fault("not-found", `found a registry entry without its ${SNAPSHOT}; expected the whole entry. Drop its whole folder`, entry.path);
  const inside = members.filter(({ path }) => path.startsWith(`${name}/`)).map(({ path, blob }) => ({ path: path.slice(name.length + 1), blob }));
  const only = members.find(({ path }) => path === name);
  const found = only ? await sha256(only.blob, () => {}) : await sha256Directory(inside.sort(byComponents));
  const expected = stated["source_sha256"];
  if (typeof expected !== "string" || expected.toLowerCase() !== found) {
    throw new Fault(
      "conflict",
      `found SHA-256 ${found}, but baseline.json states ${JSON.stringify(expected)}: the snapshot was changed after it was registered. Restore it or record a new baseline`,
      name,
    );
  }
  if (!only) throw refuse("found a baseline of a directory; expected a document of schema inference_perfbench_v1. Drop that directory itself, which is sound");
  if (typeof stated["value"] === "number") throw refuse("found a scalar baseline; expected a document of schema inference_perfbench_v1");
  return bridge.checkDocument(name, await text(name, only.blob));
}

/** As the registry sorts: `logs/x` before `logs-old`. */
const byComponents = (a: Member, b: Member): number => bytewise(a.path.replaceAll("/", "\0"), b.path.replaceAll("/", "\0"));

async function entryOf({ path, blob }: Member): Promise<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(await text(path, blob));
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw new Fault("damaged", `found text that is not JSON (${(error as Error).message}); expected a registry entry`, path);
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) throw new Fault("damaged", "found JSON that is no object; expected a registry entry", path);
  return value as Record<string, unknown>;
}

async function isDocument(path: string, blob: Blob): Promise<boolean> {
  if (!/\.json$/i.test(path) || blob.size > MOST_DOCUMENT) return false;
  // The schema may stand anywhere in the text, since another tool may have written it.
  return (await blob.text()).includes(SCHEMA);
}

async function text(name: string, blob: Blob): Promise<string> {
  if (blob.size > MOST_DOCUMENT) {
    throw new Fault("limit", `found a file larger than ${MOST_DOCUMENT} bytes; expected a document`, name);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(await blob.arrayBuffer());
  } catch {
    throw new Fault("damaged", "found bytes that are not UTF-8; expected a document in JSON", name);
  }
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

const encoder = new TextEncoder();

/** Compares as the component sorts: by UTF-8 bytes, where JavaScript would compare UTF-16 units. */
export function bytewise(a: string, b: string): number {
  const [left, right] = [encoder.encode(a), encoder.encode(b)];
  for (let at = 0; at < Math.min(left.length, right.length); at += 1) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
