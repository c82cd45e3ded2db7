// From a drop or a file input to a flat list of files with paths.
import { Fault } from "../engine/fault.ts";
import type { Picked } from "./types.ts";

/** Files of an `<input type=file>`; with a picked folder each carries its path. */
export const fromInput = (files: FileList): Picked[] =>
  Array.from(files, (file) => ({ path: file.webkitRelativePath || file.name, file }));

/** Not in every browser, hence not in every type library. */
type Item = DataTransferItem & { getAsFileSystemHandle?(): Promise<FileSystemHandle | null> };

/**
 * Everything that was dropped, folders walked. Must be called in the event itself: the list is emptied after it.
 *
 * Folders come by handle where the browser has them: by entry, Chromium refuses to read files for a page that was
 * opened from disk. Files come directly, which works everywhere.
 */
export async function fromDrop(transfer: DataTransfer): Promise<Picked[]> {
  const items = Array.from(transfer.items as Iterable<Item>).filter(({ kind }) => kind === "file");
  const started = items.map((item) => {
    const entry = item.webkitGetAsEntry();
    const file = item.getAsFile();
    if (!entry?.isDirectory) return Promise.resolve(file ? [{ path: file.name, file }] : []);
    const handle = item.getAsFileSystemHandle?.().catch(() => null);
    return folder(handle, entry as FileSystemDirectoryEntry);
  });
  return (await Promise.all(started)).flat();
}

async function folder(
  handle: Promise<FileSystemHandle | null> | undefined,
  entry: FileSystemDirectoryEntry,
): Promise<Picked[]> {
  try {
    const known = await handle;
    return known
      ? await walkHandle(known as FileSystemDirectoryHandle, `${entry.name}/`)
      : await walkEntry(entry, `${entry.name}/`);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Fault(
      "unreadable",
      `the browser does not let this page read the dropped folder (${why}). Choose it with the button Folder…`,
      entry.name,
    );
  }
}

async function walkHandle(directory: FileSystemDirectoryHandle, below: string): Promise<Picked[]> {
  // Asked for at once: each answer comes from another process.
  const inner: Promise<Picked[]>[] = [];
  for await (const [name, handle] of directory as unknown as AsyncIterable<[string, FileSystemHandle]>) {
    if (handle.kind === "file") inner.push(picked(below + name, handle as FileSystemFileHandle));
    else inner.push(walkHandle(handle as FileSystemDirectoryHandle, `${below}${name}/`));
  }
  return (await Promise.all(inner)).flat();
}

const picked = async (path: string, handle: FileSystemFileHandle): Promise<Picked[]> => [
  { path, file: await handle.getFile() },
];

async function walkEntry(directory: FileSystemDirectoryEntry, below: string): Promise<Picked[]> {
  const reader = directory.createReader();
  const inner: Picked[] = [];
  // A reader gives its entries in portions and ends with an empty one.
  for (;;) {
    const portion = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (portion.length === 0) return inner;
    for (const child of portion) {
      if (child.isDirectory) {
        inner.push(...(await walkEntry(child as FileSystemDirectoryEntry, `${below}${child.name}/`)));
        continue;
      }
      const file = await new Promise<File>((resolve, reject) => (child as FileSystemFileEntry).file(resolve, reject));
      inner.push({ path: below + child.name, file });
    }
  }
}
