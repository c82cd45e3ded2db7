// Decides what was dropped: a bundle, an archive, a document or a registry entry, or several of them.
import type { Bridge } from "../engine/bridge.ts";
import { Fault } from "../engine/fault.ts";
import { BlobSource } from "../engine/files.ts";
import { Tree } from "../engine/filesystem.ts";
import { sha256 } from "../engine/hash.ts";
import { expand, isArchive, type Member, stem } from "./archive.ts";
import { inInput, type Mounted, readDirectory } from "./directory.ts";
import { readEntry } from "./entry.ts";
import { MOST_DOCUMENT, text } from "./text.ts";
import { counter, type OnProgress, type Picked, type Read, type Stated } from "./types.ts";

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

async function readFolder(
  bridge: Bridge,
  name: string,
  members: Member[],
  stated: Stated,
  onProgress: OnProgress,
): Promise<Omit<Read, "name">> {
  const entry = members.find(({ path }) => path === "baseline.json");
  if (entry) return readEntry(bridge, name, entry, members);
  return readDirectory(bridge, name, mount(members), { ...stated, profile: mountProfile(stated) }, onProgress);
}

/** The paired profile that was picked. */
export const mountProfile = ({ profile }: Stated): Mounted | undefined =>
  profile && mount(profile.map(({ path, file }) => ({ path: path.slice(path.indexOf("/") + 1), blob: file })));

/** The members as a directory. */
function mount(members: Member[]): Mounted {
  const folder = new Tree();
  for (const { path, blob } of members) {
    try {
      folder.add(path, new BlobSource(blob));
    } catch (error) {
      throw new Fault("conflict", `${(error as Error).message}; expected each file once`, path);
    }
  }
  const files = members.map(({ path, blob }) => ({
    path,
    size: blob.size,
    sha256: (hashed: (bytes: number) => void) => sha256(blob, hashed),
  }));
  return { folder, files };
}

async function isDocument(path: string, blob: Blob): Promise<boolean> {
  if (!/\.json$/i.test(path) || blob.size > MOST_DOCUMENT) return false;
  // The schema may stand anywhere in the text, since another tool may have written it.
  return (await blob.text()).includes(SCHEMA);
}
