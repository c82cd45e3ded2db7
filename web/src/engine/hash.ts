// SHA-256 of files: WebCrypto where a whole file fits, else piece by piece.
import { createSHA256 } from "hash-wasm";

/** WebCrypto takes whole buffers only, so this is what hashing may cost in memory. */
const WHOLE = 64 << 20;
/** A stream fills so much in one go; more makes it no faster. */
const PIECE = 512 << 10;

/** SHA-256 of a blob, or of bytes, 64 lower-case hex digits. */
export async function sha256(data: Blob | ArrayBuffer, onBytes: (bytes: number) => void): Promise<string> {
  const size = data instanceof Blob ? data.size : data.byteLength;
  // `crypto.subtle` is missing where a page is not of a secure origin.
  if (size <= WHOLE && globalThis.crypto?.subtle) {
    const bytes = data instanceof Blob ? await data.arrayBuffer() : data;
    const digest = await crypto.subtle.digest("SHA-256", bytes);
    onBytes(size);
    return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
  }
  const hash = await createSHA256();
  hash.init();
  for await (const piece of data instanceof Blob ? pieces(data) : [new Uint8Array(data)]) {
    hash.update(piece);
    onBytes(piece.length);
  }
  return hash.digest("hex");
}

/** The pieces of a blob, each in the buffer of the one before it: what a page lets go of is not collected at once. */
async function* pieces(blob: Blob): AsyncGenerator<Uint8Array> {
  const reader = reusing(blob);
  if (reader === undefined) {
    for (let at = 0; at < blob.size; at += PIECE) yield new Uint8Array(await blob.slice(at, at + PIECE).arrayBuffer());
    return;
  }
  for (let piece = new Uint8Array(PIECE); ; piece = new Uint8Array(piece.buffer)) {
    const { value, done } = await reader.read(piece);
    if (done || value === undefined) return;
    piece = value;
    yield piece;
  }
}

/** Not every browser fills a buffer that it is given. */
function reusing(blob: Blob): ReadableStreamBYOBReader | undefined {
  try {
    return blob.stream().getReader({ mode: "byob" });
  } catch {
    return undefined;
  }
}

/**
 * SHA-256 of a directory as the registry states it: for each file its path, a zero byte and its bytes. The files must be
 * in the order of the lists of path components.
 */
export async function sha256Directory(files: Iterable<{ path: string; blob: Blob }>): Promise<string> {
  const hash = await createSHA256();
  hash.init();
  for (const { path, blob } of files) {
    hash.update(`${path}\0`);
    for await (const piece of pieces(blob)) hash.update(piece);
  }
  return hash.digest("hex");
}
