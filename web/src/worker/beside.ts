// The side of the hashing worker of who started it: another worker, since that one ends with it.
import type { Hasher, OnHashed } from "../engine/hash.ts";
import type { Hashing } from "../intake/types.ts";
import HashingWorker from "./hasher.ts?worker&inline";
import type { Hash, Hashed } from "./protocol.ts";

interface Pending {
  blob: Blob;
  left: number;
  onHashed: OnHashed;
  resolve(sha256: string | Promise<string>): void;
  reject(error: Error): void;
}

/** Hashes here, or beside: in a worker that is started for the first files that are worth it, and stays. */
export class HashingBeside implements Hashing {
  readonly #here: Hasher;
  readonly #module: WebAssembly.Module;
  #worker: Promise<Worker | undefined> | undefined;
  readonly #pending = new Map<number, Pending>();
  #last = 0;

  constructor(here: Hasher, module: WebAssembly.Module) {
    this.#here = here;
    this.#module = module;
  }

  file(data: Blob | ArrayBuffer, onHashed: OnHashed): Promise<string> {
    return this.#here.file(data, onHashed);
  }

  directory(files: Iterable<{ path: string; blob: Blob }>): Promise<string> {
    return this.#here.directory(files);
  }

  async beside(): Promise<Hashing["file"]> {
    // Waited for: a browser starts a worker with the help of the thread that asks, which will be busy.
    this.#worker ??= this.#start();
    const worker = await this.#worker;
    return (data, onHashed) =>
      worker && data instanceof Blob ? this.#ask(worker, data, onHashed) : this.#here.file(data, onHashed);
  }

  #ask(worker: Worker, blob: Blob, onHashed: OnHashed): Promise<string> {
    this.#last += 1;
    const id = this.#last;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { blob, left: blob.size, onHashed, resolve, reject });
      worker.postMessage({ id, blob } satisfies Hash);
    });
  }

  /** Nothing where no worker can be had from within one. */
  #start(): Promise<Worker | undefined> {
    return new Promise((resolve) => {
      const none = (): void => {
        this.#worker = Promise.resolve(undefined);
        resolve(undefined);
        this.#failed();
      };
      try {
        const worker = new HashingWorker();
        worker.onmessage = ({ data }: MessageEvent<Hashed>) =>
          data === "started" ? resolve(worker) : this.#heard(data);
        worker.onerror = none;
        worker.postMessage({ start: this.#module } satisfies Hash);
      } catch {
        none();
      }
    });
  }

  #heard(said: Exclude<Hashed, "started">): void {
    const pending = this.#pending.get(said.id);
    if (pending === undefined) return;
    if ("bytes" in said) {
      pending.left -= said.bytes;
      pending.onHashed(said.bytes);
      return;
    }
    this.#pending.delete(said.id);
    if ("error" in said) pending.reject(new Error(said.error));
    else {
      pending.onHashed(pending.left);
      pending.resolve(said.sha256);
    }
  }

  /** What the worker did not finish is hashed here. */
  #failed(): void {
    for (const { blob, onHashed, resolve } of this.#pending.values()) resolve(this.#here.file(blob, onHashed));
    this.#pending.clear();
  }
}
