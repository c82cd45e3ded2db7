// The component as a typed JavaScript API. Every call runs in a fresh instance that sees only the directories of that call.
import type * as Ingest from "../../generated/interfaces/perfbridge-bridge-ingest.js";
import type * as Judge from "../../generated/interfaces/perfbridge-bridge-judge.js";
import type * as Render from "../../generated/interfaces/perfbridge-bridge-render.js";
import type { FaultCode } from "../../generated/interfaces/perfbridge-bridge-types.js";
import { instantiate } from "../../generated/perfbridge.js";
import { Fault } from "./fault.ts";
import { filesystem, type Folder } from "./filesystem.ts";

export { Fault };
export type { FaultCode, Finding } from "../../generated/interfaces/perfbridge-bridge-types.js";
export type { Document, FileDigest, Setting } from "../../generated/interfaces/perfbridge-bridge-ingest.js";
export type {
  Judgement,
  Policy,
  Row,
  Status,
  Tolerance,
  Verdict,
} from "../../generated/interfaces/perfbridge-bridge-judge.js";
export type { Format, Layout } from "../../generated/interfaces/perfbridge-bridge-render.js";

/** Options of reading, all of them optional. */
export type Options = Partial<Ingest.Options>;

/** The default policy: every field empty. */
export const DEFAULT_POLICY: Judge.Policy = { tolerances: [], vary: [], observeTails: false };

/** The loaded component. */
export interface Bridge {
  /** Reads a whole bundle from `folder`. Throws {@link Fault}. */
  readBundle(
    folder: Folder,
    options?: Options & { profile?: Folder },
    onRead?: (bytes: number) => void,
  ): Ingest.Document;
  /** Checks a document that is held as text; `name` stands in faults. Throws {@link Fault}. */
  checkDocument(name: string, json: string): Ingest.Document;
  /** Makes one document of repeated runs. Throws {@link Fault}. */
  mergeTrials(documents: string[]): Ingest.Document;
  /** Judges `current` against `baseline`, both as document JSON. Throws {@link Fault}. */
  judge(baseline: string, current: string, history?: string[], policy?: Judge.Policy): Judge.Judgement;
  /** Judges and renders. Throws {@link Fault}. */
  render(
    baseline: string,
    current: string,
    history: string[],
    policy: Judge.Policy,
    format: Render.Format,
    layout?: Render.Layout,
  ): string;
  /** Checks a policy without judging. Throws {@link Fault}. */
  checkPolicy(policy: Judge.Policy): void;
}

/** Name under which the component is granted the bundle. */
const BUNDLE = "bundle";
const PROFILE = "profile";

/** The core modules of the component, by the file names that the generated code asks for. */
export const MODULES = ["perfbridge.core.wasm", "perfbridge.core2.wasm", "perfbridge.core3.wasm"] as const;

/** Makes the API of the compiled core modules. Synchronous from here on, so use it in a worker or in Node. */
export function bridge(modules: ReadonlyMap<string, WebAssembly.Module>): Bridge {
  const start = (granted: Map<string, Folder>, onRead?: (bytes: number) => void) => {
    const { types, preopens } = filesystem(granted, onRead);
    const imports = { "wasi:filesystem/types": types, "wasi:filesystem/preopens": preopens };
    const module = (path: string): WebAssembly.Module => {
      const found = modules.get(path);
      if (found === undefined) throw new Error(`the module ${path} was not loaded`);
      return found;
    };
    // The generated declaration asks for versioned names and for interfaces of types alone; the code looks for these.
    return instantiate(module, imports as never, (module, imports) => new WebAssembly.Instance(module, imports));
  };
  const alone = () => start(new Map());
  return {
    readBundle: (folder, { profile, ...options } = {}, onRead) =>
      faults(() => {
        const granted = new Map([[BUNDLE, folder]]);
        if (profile) granted.set(PROFILE, profile);
        const complete: Ingest.Options = {
          settings: [],
          files: [],
          profileFiles: [],
          ...options,
          ...(profile ? { profileDir: PROFILE } : {}),
        };
        return start(granted, onRead).ingest.readBundle(BUNDLE, complete);
      }),
    checkDocument: (name, json) => faults(() => alone().ingest.checkDocument(name, json)),
    mergeTrials: (documents) => faults(() => alone().ingest.mergeTrials(documents)),
    judge: (baseline, current, history = [], policy = DEFAULT_POLICY) =>
      faults(() => alone().judge.judge(baseline, current, history, policy)),
    render: (baseline, current, history, policy, format, layout = { width: 80, colour: false }) =>
      faults(() => alone().render.render(baseline, current, history, policy, format, layout)),
    checkPolicy: (policy) => faults(() => alone().judge.checkPolicy(policy)),
  };
}

/** Turns the generated code's `ComponentError`, whose message is blank, into a {@link Fault}. */
function faults<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    const payload = (error as { payload?: { code: FaultCode; message: string; where?: string } }).payload;
    if (payload?.code === undefined) throw error;
    throw new Fault(payload.code, payload.message, payload.where);
  }
}
