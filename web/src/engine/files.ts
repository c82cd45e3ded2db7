// Sources in a browser worker: slices of a `File` or `Blob`, or ranges of a file that a loopback server offers.
import type { Source } from "./filesystem.ts";

/** Read ahead by this much: a slice costs some milliseconds, whatever its size. */
const AHEAD = 16 << 20;

/** Keeps the last piece, since the component reads forward in smaller steps. */
abstract class Buffered implements Source {
  abstract readonly size: number;
  #at = 0;
  #piece = new Uint8Array(0);

  protected abstract fetch(from: number, to: number): Uint8Array<ArrayBuffer>;

  read(offset: number, length: number): Uint8Array {
    const end = Math.min(this.size, offset + length);
    if (offset < this.#at || end > this.#at + this.#piece.length) {
      release(this.#piece);
      this.#piece = this.fetch(offset, Math.min(this.size, Math.max(end, offset + AHEAD)));
      this.#at = offset;
    }
    // A view: who asks copies it into the memory of the component.
    const piece = this.#piece.subarray(offset - this.#at, end - this.#at);
    // Read to the end: a bundle of many files must not keep the last piece of each.
    if (end === this.size) this.#piece = new Uint8Array();
    return piece;
  }
}

/** What is posted to a closed port is freed at once; what is only let go of stays until the browser collects it. */
const NOWHERE = new MessageChannel();
NOWHERE.port2.close();
let released = 0;

/**
 * Frees a piece that nothing reads any more. One in eight is left to the collector: it must run now and then, since the
 * browser's own process keeps what it holds of a slice until the slice is collected.
 */
function release({ buffer }: Uint8Array<ArrayBuffer>): void {
  released += 1;
  if (released % 8 > 0) NOWHERE.port1.postMessage(null, [buffer]);
}

/** A file that is in memory already. */
export class BytesSource implements Source {
  readonly #bytes: Uint8Array;

  constructor(bytes: ArrayBuffer) {
    this.#bytes = new Uint8Array(bytes);
  }

  get size(): number {
    return this.#bytes.length;
  }

  read(offset: number, length: number): Uint8Array {
    return this.#bytes.subarray(offset, offset + length);
  }
}

/** A `File` or `Blob`, read in slices with `FileReaderSync`, which only workers have. */
export class BlobSource extends Buffered {
  readonly blob: Blob;
  readonly #reader = new FileReaderSync();

  constructor(blob: Blob) {
    super();
    this.blob = blob;
  }

  override get size(): number {
    return this.blob.size;
  }

  protected override fetch(from: number, to: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#reader.readAsArrayBuffer(this.blob.slice(from, to)));
  }
}

/** A file behind a URL of this page's own server, read by range. */
export class UrlSource extends Buffered {
  readonly size: number;
  /** The status with which the server refused the file; 0 where it did not answer. */
  refused: number | undefined;
  readonly #url: string;

  constructor(url: string, size: number) {
    super();
    this.#url = url;
    this.size = size;
  }

  protected override fetch(from: number, to: number): Uint8Array<ArrayBuffer> {
    const request = new XMLHttpRequest();
    request.open("GET", this.#url, false);
    request.responseType = "arraybuffer";
    request.setRequestHeader("Range", `bytes=${from}-${to - 1}`);
    try {
      request.send();
    } catch {
      this.refused = 0;
      throw new Error("the server does not answer");
    }
    if (request.status !== 206) {
      this.refused = request.status;
      throw new Error(`the server answered ${request.status}`);
    }
    return new Uint8Array(request.response as ArrayBuffer);
  }
}
