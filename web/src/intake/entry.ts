// A registry entry that was dropped: checked as the registry checks it, and refused in its words.
import type { Bridge, Document } from "../engine/bridge.ts";
import { Fault } from "../engine/fault.ts";
import type { Member } from "./archive.ts";
import { bytewise, text } from "./text.ts";
import type { Hashing } from "./types.ts";

/** The family of a document in the registry. */
const FAMILY = "inference";
const SNAPSHOT = "source-snapshot";

/** An entry that was read. */
export interface Entry {
  document: Document;
  /** What `perfbridge verify` would say of the entry; nothing that `diff` refuses. */
  notes: string[];
}

/**
 * Reads the entry in `members`, of which `stated` is its `baseline.json`; `name` stands in messages for its directory.
 * A document is read whole, after the hash over everything the snapshot holds was compared. Throws {@link Fault}.
 */
export async function readEntry(
  bridge: Bridge,
  hashing: Hashing,
  name: string,
  stated: Member,
  members: Member[],
): Promise<Entry> {
  const baseline = await parse(name, stated);
  const refuse = (message: string) => new Fault("not-understood", message, stated.path);
  const family = textOf(baseline.family);
  if (family !== FAMILY) {
    throw refuse(
      `found the family ${JSON.stringify(family)}; expected ${JSON.stringify(FAMILY)}. Compare it with the verb that recorded it`,
    );
  }
  if (isNumber(baseline.value))
    throw refuse("found a scalar baseline; expected a document of schema inference_perfbench_v1");
  const snapshot = await checkedSnapshot(hashing, name, baseline.source_sha256, members);
  if (snapshot.blob === undefined)
    throw refuse("found a baseline of a directory; expected a document of schema inference_perfbench_v1");
  const document = bridge.checkDocument(snapshot.path, await text(snapshot.path, snapshot.blob));
  const [found, expected] = [textOf(baseline.measurement), measurementName(document.model)];
  if (found !== expected) {
    throw refuse(
      `found the measurement ${JSON.stringify(found)} for a document of the model ` +
        `${JSON.stringify(document.model)}; expected ${JSON.stringify(expected)}`,
    );
  }
  // Reading needs no SOURCE.md, and `diff` reads without one; `verify` reports it.
  const notes = members.some(({ path }) => path === "SOURCE.md") ? [] : ["SOURCE.md is missing"];
  return { document, notes };
}

/** The snapshot, hashed and found unchanged; without a blob where it is a directory. */
async function checkedSnapshot(
  hashing: Hashing,
  name: string,
  stated: unknown,
  members: Member[],
): Promise<{ path: string; blob?: Blob }> {
  const names = members.filter(({ path }) => path.startsWith(SNAPSHOT)).map(({ path }) => path.split("/")[0] ?? "");
  const path = names.sort(bytewise)[0];
  if (path === undefined) throw new Fault("not-found", `the ${SNAPSHOT} is missing: ${name}`);
  if (typeof stated !== "string") throw new Fault("not-understood", `baseline.json states no source_sha256: ${name}`);
  const only = members.find((member) => member.path === path);
  const inside = members
    .filter((member) => member.path.startsWith(`${path}/`))
    .map((member) => ({ path: member.path.slice(path.length + 1), blob: member.blob }));
  const found = only ? await hashing.file(only.blob, () => {}) : await hashing.directory(inside.sort(byComponents));
  if (stated.toLowerCase() !== found) {
    throw new Fault(
      "conflict",
      `the snapshot was changed after it was registered: ${name}/${path}: its SHA-256 is ${found}, ` +
        `the entry states ${stated}; restore it or record a new baseline`,
    );
  }
  return only ? { path, blob: only.blob } : { path };
}

async function parse(name: string, { path, blob }: Member): Promise<Record<string, unknown>> {
  const read = await text(path, blob);
  let value: unknown;
  try {
    value = JSON.parse(read);
  } catch (error) {
    throw new Fault("damaged", `baseline.json is not valid JSON: ${name}/${path}: ${(error as Error).message}`);
  }
  if (value === null || typeof value !== "object" || Array.isArray(value))
    throw new Fault("damaged", `baseline.json is not a JSON object: ${name}/${path}`);
  return value as Record<string, unknown>;
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "(none)");

/** Whether the registry reads a value as a number: a number, a truth value or a numeric text. */
const isNumber = (value: unknown): boolean =>
  typeof value === "number" ||
  typeof value === "boolean" ||
  (typeof value === "string" && /^\s*[+-]?(inf(inity)?|nan|(\d+(_\d+)*\.?\d*|\.\d+)(e[+-]?\d+)?)\s*$/i.test(value));

/** The measurement under which the registry keeps the runs of a model. */
function measurementName(model: string): string {
  const name = `${model.replaceAll(/[^A-Za-z0-9._-]/gu, "-")}-perfbench-v1`;
  return /^[A-Za-z0-9]/.test(name) ? name : `m${name}`;
}

/** As the registry sorts: `logs/x` before `logs-old`. */
const byComponents = (a: Member, b: Member): number =>
  bytewise(a.path.replaceAll("/", "\0"), b.path.replaceAll("/", "\0"));
