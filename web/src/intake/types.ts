// What comes in, what is said on the way, and what comes of it.
import type { Document, Options } from "../engine/bridge.ts";
import type { Hasher } from "../engine/hash.ts";

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

/** Makes the hashes of files. */
export interface Hashing extends Pick<Hasher, "file" | "directory"> {
  /** What hashes files while this thread is busy, where there can be such a thing. */
  beside(): Promise<Hasher["file"]>;
}

export type OnProgress = (progress: Progress) => void;

/** A run that was read. */
export interface Read {
  name: string;
  document: Document;
  /** Where it is several runs of one configuration: the document of each. */
  trials?: string[];
  /** What is worth knowing about where it came from. */
  notes?: string[];
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
