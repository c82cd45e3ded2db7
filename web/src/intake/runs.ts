// Decides what was dropped: a bundle, an archive, a document or a registry entry, or several of them.
import type { Bridge } from "../engine/bridge.ts";
import { Fault } from "../engine/fault.ts";
import { BlobSource, BytesSource } from "../engine/files.ts";
import { type Source, Tree } from "../engine/filesystem.ts";
import { expand, isArchive, type Member, stem } from "./archive.ts";
import { inInput, type Mounted, readDirectory } from "./directory.ts";
import { readEntry } from "./entry.ts";
import { MOST_DOCUMENT, text } from "./text.ts";
import { counter, type Hashing, type OnProgress, type Picked, type Read, type Stated } from "./types.ts";

/** The schema of a document; its name stands in every one. */
const SCHEMA = "inference_perfbench_v1";

/** Reads everything that was dropped at once. Throws {@link Fault}. */
export async function readPicked(
  bridge: Bridge,
  hashing: Hashing,
  picked: Picked[],
  stated: Stated,
  onProgress: OnProgress,
): Promise<Read[]> {
  const runs: Read[] = [];
  const read = async (name: string, members: Member[]) =>
    runs.push({ name, ...(await readFolder(bridge, hashing, name, members, stated, onProgress)) });
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

async function readFolder(
  bridge: Bridge,
  hashing: Hashing,
  name: string,
  members: Member[],
  stated: Stated,
  onProgress: OnProgress,
): Promise<Omit<Read, "name">> {
  const entry = members.find(({ path }) => path === "baseline.json");
  if (entry) return readEntry(bridge, hashing, name, entry, members);
  const profile = await mountProfile(hashing, stated);
  return readDirectory(bridge, name, await mount(hashing, members), { ...stated, profile }, onProgress);
}

/** The paired profile that was picked. */
const mountProfile = async (hashing: Hashing, { profile }: Stated): Promise<Mounted | undefined> =>
  profile &&
  mount(
    hashing,
    profile.map(({ path, file }) => ({ path: path.slice(path.indexOf("/") + 1), blob: file })),
  );

/** Files of this size at most are read before they are asked for, all at once, and so many bytes of them. */
const SMALL = 1 << 20;
const MOST_SMALL = 32 << 20;

/** Files of more bytes in sum are worth a second thread that hashes them, which has to be started. */
const BESIDE = 8 << 20;

/** The members as a directory. */
async function mount(hashing: Hashing, members: Member[]): Promise<Mounted> {
  const sum = members.reduce((sum, { blob }) => sum + blob.size, 0);
  const beside = sum > BESIDE ? hashing.beside() : undefined;
  let kept = 0;
  const open = async ({ path, blob }: Member) => {
    if (blob.size > SMALL || kept + blob.size > MOST_SMALL) return { path, ...onDisk(blob) };
    kept += blob.size;
    return { path, ...(await keep(blob)) };
  };
  const opened = await Promise.all(members.map(open));
  const hash = (await beside) ?? hashing.file.bind(hashing);
  const folder = new Tree();
  for (const { path, source } of opened) {
    try {
      folder.add(path, source);
    } catch (error) {
      throw new Fault("conflict", `${(error as Error).message}; expected each file once`, path);
    }
  }
  const files = opened.map(({ path, source, data }) => ({
    path,
    size: source.size,
    sha256: (hashed: (bytes: number) => void) => hash(data, hashed),
  }));
  return { folder, files };
}

/** How the component reads a file, and what its hash is made of. */
interface Opened {
  source: Source;
  data: Blob | ArrayBuffer;
}

const onDisk = (blob: Blob): Opened => ({ source: new BlobSource(blob), data: blob });

/** Read once, for the hash and the component. What cannot be read is said where the component asks for it. */
async function keep(blob: Blob): Promise<Opened> {
  try {
    const data = await blob.arrayBuffer();
    return { source: new BytesSource(data), data };
  } catch {
    return onDisk(blob);
  }
}

async function isDocument(path: string, blob: Blob): Promise<boolean> {
  if (!/\.json$/i.test(path) || blob.size > MOST_DOCUMENT) return false;
  // The schema may stand anywhere in the text, since another tool may have written it.
  return (await blob.text()).includes(SCHEMA);
}
