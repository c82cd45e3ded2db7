// Text of files, and how the component sorts it.
import { Fault } from "../engine/fault.ts";

/** The largest document that is read, in bytes. */
export const MOST_DOCUMENT = 64 << 20;

/** The text of a file; `name` stands in faults. Throws {@link Fault}. */
export async function text(name: string, blob: Blob): Promise<string> {
  if (blob.size > MOST_DOCUMENT) {
    throw new Fault("limit", `found a file larger than ${MOST_DOCUMENT} bytes; expected a document`, name);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(await blob.arrayBuffer());
  } catch {
    throw new Fault("damaged", "found bytes that are not UTF-8; expected a document in JSON", name);
  }
}

const encoder = new TextEncoder();

/** Compares as the component sorts: by UTF-8 bytes, where JavaScript would compare UTF-16 units. */
export function bytewise(a: string, b: string): number {
  const [left, right] = [encoder.encode(a), encoder.encode(b)];
  for (let at = 0; at < Math.min(left.length, right.length); at += 1) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
