// SHA-256 of files: WebCrypto where a whole file fits, else piece by piece.
import { createSHA256 } from "hash-wasm";

/** WebCrypto takes whole buffers only, so this is what hashing may cost in memory. */
const WHOLE = 32 << 20;
const PIECE = 4 << 20;

/** SHA-256 of a blob, 64 lower-case hex digits. */
export async function sha256(blob: Blob, onBytes: (bytes: number) => void): Promise<string> {
  // `crypto.subtle` is missing where a page is not of a secure origin.
  if (blob.size <= WHOLE && globalThis.crypto?.subtle) {
    const digest = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
    onBytes(blob.size);
    return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
  }
  const hash = await createSHA256();
  hash.init();
  for (let at = 0; at < blob.size; at += PIECE) {
    const piece = new Uint8Array(await blob.slice(at, at + PIECE).arrayBuffer());
    hash.update(piece);
    onBytes(piece.length);
  }
  return hash.digest("hex");
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
    for (let at = 0; at < blob.size; at += PIECE)
      hash.update(new Uint8Array(await blob.slice(at, at + PIECE).arrayBuffer()));
  }
  return hash.digest("hex");
}
