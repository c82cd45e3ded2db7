// `wasi:filesystem` over whatever a host can read synchronously: exactly the calls that the component imports.
import type * as Wasi from "../../generated/interfaces/wasi-filesystem-types.js";

/** A file that can be read at any offset. */
export interface Source {
  readonly size: number;
  /** Reads up to `length` bytes at `offset`; fewer only at the end. Throws when the file cannot be read. */
  read(offset: number, length: number): Uint8Array;
}

/** What a directory holds. A `link` is whatever is neither a file nor a directory: the component refuses it by name. */
export type Item = { kind: "file"; source: Source } | { kind: "folder"; folder: Folder } | { kind: "link" };

/** A directory. */
export interface Folder {
  /** Names and what they name, in any order. */
  items(): Map<string, Item>;
}

/** The import object's part of one operation: these directories and nothing else. */
export interface Filesystem {
  types: { Descriptor: typeof Wasi.Descriptor; DirectoryEntryStream: typeof Wasi.DirectoryEntryStream };
  preopens: { getDirectories(): [Wasi.Descriptor, string][] };
}

/** The component asks for pieces of this size at most; a larger wish is answered in part, which WASI allows. */
const MOST = 4 << 20;

/** Makes the imports for one operation. `onRead` is told of every piece that was read. */
export function filesystem(granted: Map<string, Folder>, onRead: (bytes: number) => void = () => {}): Filesystem {
  class Stream {
    #left: Iterator<[string, Item]>;

    constructor(folder: Folder) {
      this.#left = folder.items().entries();
    }

    readDirectoryEntry(): Wasi.DirectoryEntry | undefined {
      const next = this.#left.next();
      return next.done ? undefined : { name: next.value[0], type: typeOf(next.value[1]) };
    }
  }

  class Descriptor {
    #item: Item;

    constructor(item: Item) {
      this.#item = item;
    }

    openAt(_: Wasi.PathFlags, path: string, open: Wasi.OpenFlags): Descriptor {
      const item = find(this.#item, path);
      if (item.kind === "link") throw "loop" satisfies Wasi.ErrorCode;
      if (open.directory && item.kind !== "folder") throw "not-directory" satisfies Wasi.ErrorCode;
      if (open.create || open.truncate || open.exclusive) throw "read-only" satisfies Wasi.ErrorCode;
      return new Descriptor(item);
    }

    readDirectory(): Stream {
      if (this.#item.kind !== "folder") throw "not-directory" satisfies Wasi.ErrorCode;
      return new Stream(this.#item.folder);
    }

    read(length: bigint, offset: bigint): [Uint8Array, boolean] {
      if (this.#item.kind !== "file") throw "is-directory" satisfies Wasi.ErrorCode;
      const { source } = this.#item;
      const at = Number(offset);
      const wanted = Math.min(Number(length), MOST, Math.max(0, source.size - at));
      const bytes = wanted === 0 ? new Uint8Array() : readOrThrow(source, at, wanted);
      onRead(bytes.length);
      return [bytes, at + bytes.length >= source.size];
    }
  }

  const roots = [...granted].map(([name, folder]): [Descriptor, string] => [
    new Descriptor({ kind: "folder", folder }),
    name,
  ]);
  return {
    // The generated declarations have private constructors: the component never makes either of the two.
    types: { Descriptor, DirectoryEntryStream: Stream } as unknown as Filesystem["types"],
    preopens: { getDirectories: () => roots as unknown as [Wasi.Descriptor, string][] },
  };
}

function typeOf(item: Item): Wasi.DescriptorType {
  switch (item.kind) {
    case "file":
      return "regular-file";
    case "folder":
      return "directory";
    case "link":
      return "symbolic-link";
  }
}

function find(from: Item, path: string): Item {
  let item = from;
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") throw "not-permitted" satisfies Wasi.ErrorCode;
    if (item.kind !== "folder") throw "not-directory" satisfies Wasi.ErrorCode;
    const next = item.folder.items().get(part);
    if (next === undefined) throw "no-entry" satisfies Wasi.ErrorCode;
    item = next;
  }
  return item;
}

function readOrThrow(source: Source, offset: number, length: number): Uint8Array {
  try {
    return source.read(offset, length);
  } catch {
    // Whatever the host's reason, the component says "cannot be read" with the name of the file.
    throw "io" satisfies Wasi.ErrorCode;
  }
}

/** A directory in memory, filled by path. */
export class Tree implements Folder {
  #items = new Map<string, Item>();

  items(): Map<string, Item> {
    return this.#items;
  }

  /** Adds a file; folders on the way are made. Throws when a name is used twice or is no name. */
  add(path: string, source: Source): void {
    const parts = path.split("/");
    const name = parts.pop() ?? "";
    let here: Tree = this;
    for (const part of parts) here = here.#enter(part, path);
    here.#put(name, { kind: "file", source }, path);
  }

  #enter(name: string, path: string): Tree {
    const known = this.#items.get(name);
    if (known?.kind === "folder" && known.folder instanceof Tree) return known.folder;
    const folder = new Tree();
    this.#put(name, { kind: "folder", folder }, path);
    return folder;
  }

  #put(name: string, item: Item, path: string): void {
    if (name === "" || name === "." || name === ".." || name.includes("\\") || name.includes("\0")) {
      throw new Error(`the path ${JSON.stringify(path)} is not one that stays inside its directory`);
    }
    if (this.#items.has(name)) throw new Error(`the path ${JSON.stringify(path)} stands there twice`);
    this.#items.set(name, item);
  }
}

/** The folder at a path below another one; the empty path is that one itself. Throws where no folder is. */
export function within(folder: Folder, path: string): Folder {
  let here = folder;
  for (const name of path === "" ? [] : path.split("/")) {
    const item = here.items().get(name);
    if (item?.kind !== "folder") throw new Error(`found no folder ${JSON.stringify(path)}`);
    here = item.folder;
  }
  return here;
}

/** Every file below a folder with its path, in any order. */
export function* walk(folder: Folder, below = ""): Generator<[string, Source]> {
  for (const [name, item] of folder.items()) {
    const path = below === "" ? name : `${below}/${name}`;
    if (item.kind === "file") yield [path, item.source];
    else if (item.kind === "folder") yield* walk(item.folder, path);
  }
}
