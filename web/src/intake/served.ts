// Runs that `perfbridge view` offers on the loopback interface, with the hashes that it made.
import { type Bridge, Fault, type FileDigest } from "../engine/bridge.ts";
import { UrlSource } from "../engine/files.ts";
import { Tree } from "../engine/filesystem.ts";
import { counter, mountProfile, type Progress, type Read, type Stated } from "./runs.ts";

/** One directory as the server lists it. */
interface ServedDir {
  /** Absolute URL; the position of a file in the list, appended, is the URL of that file. */
  url: string;
  files: { path: string; size: number; sha256: string }[];
}

/** One run as the server lists it. */
export interface Served extends ServedDir {
  name: string;
  /** The paired profile that the command named. */
  profile?: ServedDir;
}

/** Reads a run of the server. */
export async function readServed(
  bridge: Bridge,
  run: Served,
  stated: Stated,
  onProgress: (progress: Progress) => void,
): Promise<Read> {
  const sources: [string, UrlSource][] = [];
  const bundle = mountServed(run, sources);
  const { profile: _, ...options } = stated;
  const paired = run.profile ? mountServed(run.profile, sources) : undefined;
  const profile = paired
    ? { profile: paired.tree, profileFiles: paired.files }
    : await mountProfile(stated, counter("hashing", onProgress));
  const total = sources.reduce((sum, [, { size }]) => sum + size, 0);
  try {
    const document = bridge.readBundle(
      bundle.tree,
      { ...options, ...profile, files: bundle.files },
      counter("reading", onProgress, total),
    );
    return { name: run.name, document };
  } catch (error) {
    throw whatTheServerSaid(sources) ?? error;
  }
}

function mountServed({ url, files }: ServedDir, sources: [string, UrlSource][]): { tree: Tree; files: FileDigest[] } {
  const tree = new Tree();
  for (const [at, { path, size }] of files.entries()) {
    const source = new UrlSource(`${url}${at}`, size);
    sources.push([path, source]);
    tree.add(path, source);
  }
  return { tree, files: files.map((file) => ({ ...file, size: BigInt(file.size) })) };
}

/** The component only knows that a file could not be read; the server knows why. */
function whatTheServerSaid(sources: [string, UrlSource][]): Fault | undefined {
  for (const [path, { refused }] of sources) {
    if (refused === undefined) continue;
    if (refused === 409)
      return new Fault(
        "conflict",
        "found a file that was changed after `perfbridge view` hashed it; expected the same bytes. End the command and start it again",
        path,
      );
    const found = refused === 0 ? "no answer from `perfbridge view`" : `the answer ${refused} of \`perfbridge view\``;
    return new Fault(
      "unreadable",
      `found ${found}; expected the file. Start the command again and open the address that it prints`,
      path,
    );
  }
  return undefined;
}
