// From a drop or a file input to a flat list of files with paths.
import type { Picked } from "./runs.ts";

/** Files of an `<input type=file>`; with a picked folder each carries its path. */
export const fromInput = (files: FileList): Picked[] =>
  Array.from(files, (file) => ({ path: file.webkitRelativePath || file.name, file }));

/** Everything that was dropped, folders walked. Must be called in the event itself: the list is emptied after it. */
export function fromDrop(transfer: DataTransfer): Promise<Picked[]> {
  const entries = Array.from(transfer.items, (item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  if (entries.length === 0) return Promise.resolve(fromInput(transfer.files));
  return Promise.all(entries.map((entry) => walk(entry, ""))).then((lists) => lists.flat());
}

async function walk(entry: FileSystemEntry, below: string): Promise<Picked[]> {
  const path = below + entry.name;
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    return [{ path, file }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const inner: Picked[] = [];
  // A reader gives its entries in portions and ends with an empty one.
  for (;;) {
    const portion = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (portion.length === 0) return inner;
    for (const child of portion) inner.push(...(await walk(child, `${path}/`)));
  }
}
