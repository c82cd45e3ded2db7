// Runs that `perfbridge view` offers on the loopback interface, with the hashes that it made.
import type { Bridge } from "../engine/bridge.ts";
import { Fault } from "../engine/fault.ts";
import { UrlSource } from "../engine/files.ts";
import { Tree } from "../engine/filesystem.ts";
import { type Mounted, readDirectory } from "./directory.ts";
import { mountProfile } from "./runs.ts";
import type { OnProgress, Read, Stated } from "./types.ts";

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

/** Reads a directory of the server. */
export async function readServed(bridge: Bridge, run: Served, stated: Stated, onProgress: OnProgress): Promise<Read> {
  const sources: [string, UrlSource][] = [];
  const mounted = mount(run, sources);
  const profile = run.profile ? mount(run.profile, sources) : mountProfile(stated);
  try {
    return { name: run.name, ...(await readDirectory(bridge, run.name, mounted, { ...stated, profile }, onProgress)) };
  } catch (error) {
    throw whatTheServerSaid(sources) ?? error;
  }
}

function mount({ url, files }: ServedDir, sources: [string, UrlSource][]): Mounted {
  const folder = new Tree();
  for (const [at, { path, size }] of files.entries()) {
    const source = new UrlSource(`${url}${at}`, size);
    sources.push([path, source]);
    folder.add(path, source);
  }
  return { folder, files: files.map(({ path, size, sha256 }) => ({ path, size, sha256: () => sha256 })) };
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
