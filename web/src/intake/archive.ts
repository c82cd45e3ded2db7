// Opens .zip, .tar and .tar.gz. Every member becomes a Blob, which the browser keeps on disk when it is large.
import { BlobReader, type Entry, type FileEntry, ZipReader, configure } from "@zip.js/zip.js/lib/zip-core.js";
import { createTarDecoder } from "modern-tar";
import { Fault } from "../engine/fault.ts";

/** A member of an archive. */
export interface Member {
  path: string;
  blob: Blob;
}

/** As many files as the component reads, and more bytes than any real bundle has: an archive can claim anything. */
const MOST_FILES = 25_000;
const MOST_BYTES = 8 * 2 ** 30;

const ZIP = /\.zip$/i;
const TAR = /\.(tar|tar\.gz|tgz)$/i;

/** Whether a file name is one of an archive that {@link expand} opens. */
export const isArchive = (name: string): boolean => ZIP.test(name) || TAR.test(name);

/** The name without the ending of an archive. */
export const stem = (name: string): string => name.replace(ZIP, "").replace(TAR, "");

/** Reads all members; `onBytes` is told of every unpacked piece. Throws {@link Fault} for a damaged archive. */
export async function expand(name: string, blob: Blob, onBytes: (bytes: number) => void): Promise<Member[]> {
  const members: Member[] = [];
  let left = MOST_BYTES;
  const count = (bytes: number): void => {
    left -= bytes;
    onBytes(bytes);
    if (left < 0) throw limit(name, `${MOST_BYTES} bytes once unpacked`);
  };
  const keep = async (path: string, stream: ReadableStream<Uint8Array>): Promise<void> => {
    if (members.length >= MOST_FILES) throw limit(name, `${MOST_FILES} files`);
    members.push({ path, blob: await collect(stream, count) });
  };
  try {
    await (ZIP.test(name) ? unzip(blob, keep) : untar(name, blob, keep));
  } catch (error) {
    if (error instanceof Fault) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new Fault(
      "damaged",
      `found an archive that cannot be unpacked to its end (${why}); expected a whole .zip, .tar or .tar.gz. Pack or copy it again`,
      members.length > 0 ? `${name} after ${members.at(-1)?.path}` : name,
    );
  }
  return unwrap(members);
}

type Keep = (path: string, stream: ReadableStream<Uint8Array>) => Promise<void>;

async function unzip(blob: Blob, keep: Keep): Promise<void> {
  // Already in a worker, and the browser inflates.
  configure({ useWebWorkers: false, useCompressionStream: true });
  const reader = new ZipReader(new BlobReader(blob), { checkSignature: true });
  for (const entry of await reader.getEntries()) {
    if (isFile(entry)) {
      const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
      // The stream's own error reaches `keep`; this one is awaited for the checksum, which comes last.
      await Promise.all([entry.getData(writable), keep(entry.filename, readable)]);
    }
  }
  await reader.close();
}

const isFile = (entry: Entry): entry is FileEntry => !entry.directory && !entry.filename.startsWith("__MACOSX/");

async function untar(name: string, blob: Blob, keep: Keep): Promise<void> {
  const bytes = blob.stream();
  const plain = /\.tar$/i.test(name)
    ? bytes
    : bytes.pipeThrough(new DecompressionStream("gzip") as ReadableWritablePair<Uint8Array, Uint8Array>);
  const entries = plain.pipeThrough(createTarDecoder({ strict: true }));
  const reader = entries.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    const { header, body } = next.value;
    const path = header.name.replace(/^(\.\/)+/, "");
    if (header.type === "file") await keep(path, body);
    else if (header.type === "symlink" || header.type === "link") {
      await body.cancel();
      throw new Fault(
        "not-understood",
        "found a link; expected regular files. Pack what the link points to",
        `${name}: ${path}`,
      );
    } else await body.cancel();
  }
}

async function collect(stream: ReadableStream<Uint8Array>, count: (bytes: number) => void): Promise<Blob> {
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(piece, controller) {
      count(piece.length);
      controller.enqueue(piece);
    },
  });
  return new Response(stream.pipeThrough(counter) as ReadableStream<Uint8Array<ArrayBuffer>>).blob();
}

const limit = (name: string, bound: string): Fault =>
  new Fault("limit", `found more than ${bound}; expected one benchmark bundle. Unpack it and drop the folder`, name);

/**
 * Takes off a folder that wraps everything, as `zip -r run.zip run` makes it. One that is named like a concurrency
 * level stays, since its name says which level was measured, and so does that of AIPerf's repeated runs.
 */
function unwrap(members: Member[]): Member[] {
  const tops = new Set(members.map(({ path }) => (path.includes("/") ? path.slice(0, path.indexOf("/") + 1) : "")));
  const [only] = tops;
  if (tops.size !== 1 || !only || only === "profile_runs/" || /(^|[-_])c(oncurrency)?[-_]?\d+\/$/i.test(only))
    return members;
  return members.map(({ path, blob }) => ({ path: path.slice(only.length), blob }));
}
