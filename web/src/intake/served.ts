// Runs that `perfbridge view` offers on the loopback interface, with the hashes that it made.
import type { Bridge } from "../engine/bridge.ts";
import { UrlSource } from "../engine/files.ts";
import { Tree } from "../engine/filesystem.ts";
import { counter, mountProfile, type Progress, type Read, type Stated } from "./runs.ts";

/** One run as the server lists it. */
export interface Served {
  name: string;
  /** Absolute URL; the position of a file in the list, appended, is the URL of that file. */
  url: string;
  files: { path: string; size: number; sha256: string }[];
}

/** Reads a run of the server. */
export async function readServed(bridge: Bridge, run: Served, stated: Stated, onProgress: (progress: Progress) => void): Promise<Read> {
  const tree = new Tree();
  let total = 0;
  for (const [at, { path, size }] of run.files.entries()) {
    tree.add(path, new UrlSource(`${run.url}${at}`, size));
    total += size;
  }
  const files = run.files.map((file) => ({ ...file, size: BigInt(file.size) }));
  const { profile: _, ...options } = stated;
  const paired = await mountProfile(stated, counter("hashing", onProgress));
  return { name: run.name, document: bridge.readBundle(tree, { ...options, ...paired, files }, counter("reading", onProgress, total)) };
}
