// Hashes files in a thread of its own, while the component reads them in the one that started it.
import { Hasher } from "../engine/hash.ts";
import type { Hash, Hashed } from "./protocol.ts";

/** How much is hashed before it is told: every piece would be a message. */
const STEP = 8 << 20;

let hasher: Hasher | undefined;
const say = (said: Hashed): void => postMessage(said);

self.onmessage = ({ data }: MessageEvent<Hash>) => {
  if ("start" in data) {
    hasher = new Hasher(data.start);
    say("started");
  } else void answer(data);
};

async function answer({ id, blob }: Exclude<Hash, { start: unknown }>): Promise<void> {
  let untold = 0;
  const onHashed = (bytes: number): void => {
    untold += bytes;
    if (untold < STEP) return;
    say({ id, bytes: untold });
    untold = 0;
  };
  try {
    if (hasher === undefined) throw new Error("the module was not handed over");
    say({ id, sha256: await hasher.file(blob, onHashed) });
  } catch (error) {
    say({ id, error: error instanceof Error ? error.message : String(error) });
  }
}
