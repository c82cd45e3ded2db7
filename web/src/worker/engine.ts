// The page's side of the worker: calls with progress, and cancelling by ending the worker.
import { Fault } from "../engine/fault.ts";
import type { Progress } from "../intake/types.ts";
import type { Answer, Operation, Operations, Request } from "./protocol.ts";

/** The caller asked to stop. */
export class Cancelled extends Error {
  override readonly name = "Cancelled";
}

interface Pending {
  resolve(value: unknown): void;
  reject(error: Error): void;
  onProgress: ((progress: Progress) => void) | undefined;
}

/** Calls the component in a worker. */
export class Engine {
  readonly #spawn: () => Worker;
  readonly #modules: Promise<Map<string, string>>;
  #worker: Worker;
  #pending = new Map<number, Pending>();
  #last = 0;

  /** Starts a worker at once, so that it is warm when the first files come. */
  constructor(spawn: () => Worker, modules: Promise<Map<string, string>>) {
    this.#spawn = spawn;
    this.#modules = modules;
    this.#worker = this.#start();
  }

  /** Runs one operation. Rejects with {@link Fault} or {@link Cancelled}. */
  async call<O extends Operation>(
    operation: O,
    takes: Operations[O]["takes"],
    onProgress?: (progress: Progress) => void,
  ): Promise<Operations[O]["gives"]> {
    await this.#modules;
    this.#last += 1;
    const id = this.#last;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve: resolve as (value: unknown) => void, reject, onProgress });
      this.#worker.postMessage({ id, operation, takes } as Request);
    });
  }

  /** Stops everything that runs; the next call finds a new worker. */
  cancel(): void {
    this.#fail(new Cancelled("cancelled"));
    this.#worker.terminate();
    this.#worker = this.#start();
  }

  #start(): Worker {
    const worker = this.#spawn();
    worker.onmessage = ({ data }: MessageEvent<Answer>) => this.#heard(data);
    worker.onerror = (event) => this.#fail(new Fault("internal", `the worker failed: ${event.message}`));
    this.#modules.then(
      (modules) => worker.postMessage({ start: modules } satisfies Request),
      (error: unknown) => this.#fail(new Fault("internal", `the component cannot be loaded: ${String(error)}`)),
    );
    return worker;
  }

  #fail(error: Error): void {
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }

  #heard(answer: Answer): void {
    const pending = this.#pending.get(answer.id);
    if (pending === undefined) return;
    if ("progress" in answer) {
      pending.onProgress?.(answer.progress);
      return;
    }
    this.#pending.delete(answer.id);
    if ("gives" in answer) pending.resolve(answer.gives);
    else {
      const { code, message, where, subCode } = answer.fault;
      pending.reject(new Fault(code, message, where, subCode));
    }
  }
}
