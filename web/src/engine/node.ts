// Entry point for Node: reads directories by path, the component from beside this file.
import { closeSync, fstatSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { type Bridge, bridge, type FileDigest, MODULES } from "./bridge.ts";
import { type Folder, type Item, type Source, walk, within } from "./filesystem.ts";

export * from "./bridge.ts";
export { type Folder, type Item, type Source, Tree, walk, within } from "./filesystem.ts";

/** Loads the component. `from` is the folder of the generated modules. */
export function load(from: string | URL = new URL("../../generated/", import.meta.url)): Bridge {
  const file = (name: string) => (typeof from === "string" ? join(from, name) : new URL(name, from));
  return bridge(new Map(MODULES.map((name) => [name, new WebAssembly.Module(readFileSync(file(name)))])));
}

/** A directory on disk, read-only. Links are shown as links and never followed. */
export function directory(path: string): Folder {
  let items: Map<string, Item> | undefined;
  return { items: () => (items ??= list(path)) };
}

function list(path: string): Map<string, Item> {
  const items = new Map<string, Item>();
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const inner = join(path, entry.name);
    if (entry.isFile()) items.set(entry.name, { kind: "file", source: file(inner) });
    else if (entry.isDirectory()) items.set(entry.name, { kind: "folder", folder: directory(inner) });
    else items.set(entry.name, { kind: "link" });
  }
  return items;
}

function file(path: string): Source {
  const open = <T>(use: (descriptor: number) => T): T => {
    const descriptor = openSync(path, "r");
    try {
      return use(descriptor);
    } finally {
      closeSync(descriptor);
    }
  };
  return {
    get size() {
      return open((descriptor) => fstatSync(descriptor).size);
    },
    read: (offset, length) =>
      open((descriptor) => {
        const bytes = new Uint8Array(length);
        return bytes.subarray(0, readSync(descriptor, bytes, 0, length, offset));
      }),
  };
}

/** Hashes every file of a folder, or of some folders and files below it, for `options.files`: quicker than the component does. */
export function digests(folder: Folder, folders: string[] = []): FileDigest[] {
  const files: FileDigest[] = [];
  const at = (path: string) => {
    const cut = path.lastIndexOf("/");
    return within(folder, path.slice(0, Math.max(cut, 0)))
      .items()
      .get(path.slice(cut + 1));
  };
  for (const part of folders.length === 0 ? [""] : folders) {
    // `FILE#2` is the second run of that file.
    const below = at(part) ? part : part.replace(/#[0-9]+$/, "");
    const item = at(below);
    const found: Iterable<[string, Source]> =
      item?.kind === "file" ? [[below, item.source]] : walk(within(folder, below), below);
    for (const [path, source] of found) {
      files.push({ path, size: BigInt(source.size), sha256: sha256(source) });
    }
  }
  return files.sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
}

function sha256(source: Source): string {
  const hash = createHash("sha256");
  for (let at = 0; at < source.size; ) {
    const piece = source.read(at, 1 << 20);
    if (piece.length === 0) break;
    hash.update(piece);
    at += piece.length;
  }
  return hash.digest("hex");
}
