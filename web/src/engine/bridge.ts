// The component as a typed JavaScript API. Every call runs in a fresh instance that sees only the directories of that call.
import type * as Ingest from "../../generated/interfaces/perfbridge-bridge-ingest.js";
import type * as Judge from "../../generated/interfaces/perfbridge-bridge-judge.js";
import type { FaultCode, Policy, Summary } from "../../generated/interfaces/perfbridge-bridge-types.js";
import { instantiate } from "../../generated/perfbridge.js";
import { Fault } from "./fault.ts";
import { filesystem, type Folder } from "./filesystem.ts";
import { DEFAULT_POLICY } from "./policy.ts";

export { DEFAULT_POLICY, Fault };
export type {
  FaultCode,
  Finding,
  Policy,
  Setting,
  Summary,
  Tier,
  Tolerance,
  ToleranceOrigin,
  Verdict,
} from "../../generated/interfaces/perfbridge-bridge-types.js";
export type { Document, FileDigest, Run } from "../../generated/interfaces/perfbridge-bridge-ingest.js";
export type {
  Form,
  FormInfo,
  Headline,
  Judgement,
  Row,
  Shown,
  Status,
} from "../../generated/interfaces/perfbridge-bridge-judge.js";

/** Options of reading, all of them optional. */
export type Options = Partial<Ingest.Options>;

/** Options of reading, and a paired profile. */
type Reading = Options & { profile?: Folder };

/** A bundle that was read, whose files have no hashes yet. */
export interface Unhashed {
  /** Its document with them; where a list is empty, the component hashes those files itself. Throws {@link Fault}. */
  document(files: Ingest.FileDigest[], profileFiles: Ingest.FileDigest[]): Ingest.Document;
}

/** What is judged: documents as JSON text; `history` are earlier baselines, oldest first. */
export type Case = Omit<Judge.Case, "history"> & Partial<Judge.Case>;

/** A text that is asked for: 80 columns and no colour unless it says otherwise. */
export type Asked = Pick<Judge.Form, "name"> & Partial<Judge.Form>;

/** The loaded component. */
export interface Bridge {
  /** The runs that a folder holds, at least one: itself, or the runs that a benchmark made of one command. Throws {@link Fault}. */
  findRuns(folder: Folder): Ingest.Run[];
  /** Reads a whole bundle from `folder`, or what `options.folders` names of it. Throws {@link Fault}. */
  readBundle(folder: Folder, options?: Reading, onRead?: (bytes: number) => void): Ingest.Document;
  /** Does so while somebody else hashes the files; `files` and `profileFiles` of the options do not count. Throws {@link Fault}. */
  readUnhashed(folder: Folder, options?: Reading, onRead?: (bytes: number) => void): Unhashed;
  /** Checks a document that is held as text; `name` stands in faults. Throws {@link Fault}. */
  checkDocument(name: string, json: string): Ingest.Document;
  /** Makes one document of repeated runs. Throws {@link Fault}. */
  mergeTrials(documents: string[]): Ingest.Document;
  /** Judges, and writes the judgement in each of the `forms`: `texts` has them in that order. Throws {@link Fault}. */
  judge(given: Case, policy?: Policy, forms?: Asked[]): Judge.Judgement;
  /** Every form that this component can write. */
  forms(): Judge.FormInfo[];
  /** Checks a policy without judging. Throws {@link Fault}. */
  checkPolicy(policy: Policy): void;
  /**
   * Reads, merges and judges in one call, and answers in at most 2 KB. `granted` are folders by the name under which the
   * component sees them; a run is such a name, or a folder below one, as `runs/before`. Throws {@link Fault}.
   */
  judgeDirectories(granted: Record<string, Folder>, baseline: string[], current: string[], policy?: Policy): Summary;
}

/** Names under which the component is granted the folders of one call. */
const BUNDLE = "bundle";
const PROFILE = "profile";

/** The core modules of the component, by the file names that the generated code asks for. */
export const MODULES = ["perfbridge.core.wasm", "perfbridge.core2.wasm", "perfbridge.core3.wasm"] as const;

/** Makes the API of the compiled core modules. Synchronous from here on, so use it in a worker or in Node. */
export function bridge(modules: ReadonlyMap<string, WebAssembly.Module>): Bridge {
  const start = (granted: Record<string, Folder> = {}, onRead?: (bytes: number) => void) => {
    const { types, preopens } = filesystem(new Map(Object.entries(granted)), onRead);
    const imports = { "wasi:filesystem/types": types, "wasi:filesystem/preopens": preopens };
    const module = (path: string): WebAssembly.Module => {
      const found = modules.get(path);
      if (found === undefined) throw new Error(`the module ${path} was not loaded`);
      return found;
    };
    // The generated declaration asks for versioned names and for interfaces of types alone; the code looks for these.
    return instantiate(module, imports as never, (module, imports) => new WebAssembly.Instance(module, imports));
  };
  return {
    findRuns: (folder) => faults(() => start({ [BUNDLE]: folder }).ingest.findRuns(BUNDLE)),
    readBundle: (folder, options = {}, onRead) =>
      faults(() => start(foldersOf(folder, options), onRead).ingest.readBundle(BUNDLE, complete(options))),
    readUnhashed: (folder, options = {}, onRead) => {
      const { ingest } = start(foldersOf(folder, options), onRead);
      const unhashed = faults(() => ingest.readUnhashed(BUNDLE, complete(options)));
      return { document: (files, profileFiles) => faults(() => unhashed.document(files, profileFiles)) };
    },
    checkDocument: (name, json) => faults(() => start().ingest.checkDocument(name, json)),
    mergeTrials: (documents) => faults(() => start().ingest.mergeTrials(documents)),
    judge: (given, policy = DEFAULT_POLICY, forms = []) =>
      faults(() => {
        const asked = forms.map((form) => ({ width: 80, colour: false, ...form }));
        return start().judge.judge({ ...given, history: given.history ?? [] }, policy, asked);
      }),
    forms: () => start().judge.forms(),
    checkPolicy: (policy) => faults(() => start().judge.checkPolicy(policy)),
    judgeDirectories: (granted, baseline, current, policy) =>
      faults(() => start(granted).judgeDirectories(baseline, current, policy)),
  };
}

/** The folders of a bundle, by the names under which the component is granted them. */
const foldersOf = (folder: Folder, { profile }: Reading): Record<string, Folder> => ({
  [BUNDLE]: folder,
  ...(profile ? { [PROFILE]: profile } : {}),
});

const complete = ({ profile, ...options }: Reading): Ingest.Options => ({
  settings: [],
  folders: [],
  files: [],
  profileFiles: [],
  observation: false,
  ...options,
  ...(profile ? { profileDir: PROFILE } : {}),
});

/** Turns the generated code's `ComponentError`, whose message is blank, into a {@link Fault}. */
function faults<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    const { payload } = error as { payload?: { code: FaultCode; message: string; where?: string; subCode?: string } };
    if (payload?.code === undefined) throw error;
    throw new Fault(payload.code, payload.message, payload.where, payload.subCode);
  }
}
