// SHA-256 of files: WebCrypto where a whole file fits, else piece by piece in a module of its own (web/sha256).

/** WebCrypto takes whole buffers only, so this is what hashing may cost in memory. */
const WHOLE = 64 << 20;
/** A stream fills so much in one go; more makes it no faster. */
const PIECE = 512 << 10;

/** The name of that module in the page. */
export const SHA256 = "sha256.wasm";

/** Is told of every piece that was hashed. */
export type OnHashed = (bytes: number) => void;

/** What that module exports. */
interface Exports {
  memory: WebAssembly.Memory;
  /** Where a piece is written, and the hash is found. */
  piece(): number;
  /** How many bytes a piece has at most. */
  room(): number;
  begin(): void;
  update(length: number): void;
  finish(): void;
}

/** Hashes files in the thread that it is made in. */
export class Hasher {
  readonly #module: Exports;
  readonly #turns = new Turns();

  constructor(module: WebAssembly.Module) {
    this.#module = new WebAssembly.Instance(module).exports as unknown as Exports;
  }

  /** SHA-256 of a blob, or of bytes, 64 lower-case hex digits. */
  file(data: Blob | ArrayBuffer, onHashed: OnHashed): Promise<string> {
    const size = data instanceof Blob ? data.size : data.byteLength;
    // `crypto.subtle` is missing where a page is not of a secure origin.
    if (size > WHOLE || !globalThis.crypto?.subtle) return this.#alone(() => content(data), onHashed);
    return this.#turns.take(size, async () => {
      const bytes = data instanceof Blob ? await data.arrayBuffer() : data;
      const digest = await crypto.subtle.digest("SHA-256", bytes);
      onHashed(size);
      return hex(new Uint8Array(digest));
    });
  }

  /**
   * SHA-256 of a directory as the registry states it: for each file its path, a zero byte and its bytes. The files must be
   * in the order of the lists of path components.
   */
  directory(files: Iterable<{ path: string; blob: Blob }>): Promise<string> {
    const utf8 = new TextEncoder();
    return this.#alone(
      async function* () {
        for (const { path, blob } of files) {
          yield utf8.encode(`${path}\0`);
          yield* pieces(blob);
        }
      },
      () => {},
    );
  }

  /** Nothing else is hashed meanwhile: the module makes one hash at a time. */
  #alone(all: () => AsyncIterable<Uint8Array>, onHashed: OnHashed): Promise<string> {
    return this.#turns.take(WHOLE, async () => {
      const { memory, begin, update, finish, ...at } = this.#module;
      const piece = new Uint8Array(memory.buffer, at.piece(), at.room());
      begin();
      for await (const whole of all()) {
        for (let from = 0; from < whole.length; from += piece.length) {
          const part = whole.subarray(from, from + piece.length);
          piece.set(part);
          update(part.length);
          onHashed(part.length);
        }
      }
      finish();
      return hex(piece.subarray(0, 32));
    });
  }
}

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** So many bytes are hashed at once, and one file where that is larger: each is read by another process. */
class Turns {
  #free = WHOLE;
  readonly #waiting: { bytes: number; go: () => void }[] = [];

  /** Runs in its turn, which is when there is room for so many bytes. */
  async take<T>(size: number, run: () => Promise<T>): Promise<T> {
    const bytes = Math.min(size, WHOLE);
    await new Promise<void>((go) => {
      this.#waiting.push({ bytes, go });
      this.#next();
    });
    try {
      return await run();
    } finally {
      this.#free += bytes;
      this.#next();
    }
  }

  #next(): void {
    for (let [first] = this.#waiting; first && first.bytes <= this.#free; [first] = this.#waiting) {
      this.#free -= first.bytes;
      this.#waiting.shift();
      first.go();
    }
  }
}

async function* content(data: Blob | ArrayBuffer): AsyncGenerator<Uint8Array> {
  if (data instanceof Blob) yield* pieces(data);
  else yield new Uint8Array(data);
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
