// SHA-256 of files: WebCrypto where a whole file fits, else piece by piece.
import { createSHA256 } from "hash-wasm";

/** WebCrypto takes whole buffers only, so this is what hashing may cost in memory. */
const WHOLE = 64 << 20;
const PIECE = 4 << 20;

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

/** The pieces of a blob, each read while the one before it is used: another process reads. */
async function* pieces(blob: Blob): AsyncGenerator<Uint8Array> {
  const read = (at: number) => blob.slice(at, at + PIECE).arrayBuffer();
  let next = read(0);
  for (let at = PIECE; at - PIECE < blob.size; at += PIECE) {
    const piece = new Uint8Array(await next);
    if (at < blob.size) next = read(at);
    yield piece;
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
