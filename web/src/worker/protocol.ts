// What the page and its worker say to each other, and that worker and the one that hashes for it.
import type { Case, Document, FaultCode, Judgement, Policy } from "../engine/bridge.ts";
import type { Picked, Progress, Read, Stated } from "../intake/types.ts";

/** A judgement with the texts that the page offers. */
export interface Judged {
  judgement: Judgement;
  json: string;
  markdown: string;
  /** What it says beside the numbers: `Said` as JSON. */
  page: string;
}

/** What the worker can do: arguments and answer of each. */
export interface Operations {
  read: { takes: { picked: Picked[]; stated: Stated }; gives: Read[] };
  check: { takes: { name: string; json: string }; gives: Document };
  merge: { takes: { documents: string[] }; gives: Document };
  /** Rejects where a tolerance or a name of the policy is none. */
  checkPolicy: { takes: { policy: Policy }; gives: undefined };
  judge: { takes: { given: Case; policy: Policy }; gives: Judged };
}

export type Operation = keyof Operations;

/** From the page. The first message hands over the core modules, packed: unpacking them is work too. */
export type Request =
  | { start: Map<string, string> }
  | { [O in Operation]: { id: number; operation: O; takes: Operations[O]["takes"] } }[Operation];

/** From the worker. */
export type Answer =
  | { id: number; gives: unknown }
  | { id: number; progress: Progress }
  | {
      id: number;
      fault: {
        code: FaultCode | "internal";
        message: string;
        where: string | undefined;
        subCode: string | undefined;
      };
    };

/** To the hashing worker. The first message hands over the module. */
export type Hash = { start: WebAssembly.Module } | { id: number; blob: Blob };

/** From it. */
export type Hashed =
  | "started"
  | { id: number; bytes: number }
  | { id: number; sha256: string }
  | { id: number; error: string };
