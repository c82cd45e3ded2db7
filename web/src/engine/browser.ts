// Entry point for browsers; to be used in a worker, since reading is synchronous.
import { type Bridge, bridge, MODULES } from "./bridge.ts";
import { BlobSource } from "./files.ts";
import { type Folder, Tree } from "./filesystem.ts";

export * from "./bridge.ts";
export { BlobSource, UrlSource } from "./files.ts";
export { type Folder, type Item, type Source, Tree, walk, within } from "./filesystem.ts";

/** Loads the component. `from` is the folder of the generated modules on this page's own server. */
export async function load(from: string | URL = new URL("../../generated/", import.meta.url)): Promise<Bridge> {
  const fetched = MODULES.map(async (name) => {
    const response = await fetch(new URL(name, from));
    if (!response.ok) throw new Error(`${response.url} answered ${response.status}; expected the core module ${name}`);
    return [name, await WebAssembly.compile(await response.arrayBuffer())] as const;
  });
  return bridge(new Map(await Promise.all(fetched)));
}

/** A directory of picked files, each with its path below it. */
export function folder(files: Iterable<{ path: string; file: Blob }>): Folder {
  const tree = new Tree();
  for (const { path, file } of files) tree.add(path, new BlobSource(file));
  return tree;
}
