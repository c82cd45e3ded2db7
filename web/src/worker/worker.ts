// Holds the component, off the page's thread: it reads files synchronously.
import { type Bridge, bridge, Fault } from "../engine/bridge.ts";
import { Hasher, SHA256 } from "../engine/hash.ts";
import { readPicked } from "../intake/runs.ts";
import type { Hashing } from "../intake/types.ts";
import { HashingBeside } from "./beside.ts";
import { unpacked } from "./packed.ts";
import type { Answer, Judged, Request } from "./protocol.ts";

/** What works on the files. */
interface Loaded {
  bridge: Bridge;
  hashing: Hashing;
}

let ready: Promise<Loaded> | undefined;
const say = (answer: Answer): void => postMessage(answer);

self.onmessage = ({ data }: MessageEvent<Request>) => {
  if ("start" in data) ready = load(data.start);
  else void answer(data);
};

async function load(modules: Map<string, string>): Promise<Loaded> {
  const compiled = [...modules].map(async ([name, encoded]) => {
    return [name, await WebAssembly.compile(await unpacked(encoded).arrayBuffer())] as const;
  });
  const loaded = new Map(await Promise.all(compiled));
  const sha256 = loaded.get(SHA256);
  if (sha256 === undefined) throw new Error(`the module ${SHA256} was not handed over`);
  return { bridge: bridge(loaded), hashing: new HashingBeside(new Hasher(sha256), sha256) };
}

async function answer(request: Exclude<Request, { start: unknown }>): Promise<void> {
  const { id } = request;
  try {
    if (ready === undefined) throw new Error("the component was not handed over");
    say({ id, gives: await run(await ready, request) });
  } catch (error) {
    const { code, message, where, subCode } = error instanceof Fault ? error : internal(error);
    say({ id, fault: { code, message, where, subCode } });
  }
}

const internal = (error: unknown): Fault =>
  new Fault(
    "internal",
    `the component or its page failed, which is a bug: ${error instanceof Error ? error.message : String(error)}`,
  );

async function run({ bridge, hashing }: Loaded, request: Exclude<Request, { start: unknown }>): Promise<unknown> {
  const onProgress = (progress: Extract<Answer, { progress: unknown }>["progress"]) =>
    say({ id: request.id, progress });
  switch (request.operation) {
    case "read":
      return readPicked(bridge, hashing, request.takes.picked, request.takes.stated, onProgress);
    case "check":
      return bridge.checkDocument(request.takes.name, request.takes.json);
    case "merge":
      return bridge.mergeTrials(request.takes.documents);
    case "checkPolicy":
      return bridge.checkPolicy(request.takes.policy);
    case "judge": {
      // Once for the rows and all texts.
      const { given, policy } = request.takes;
      const judgement = bridge.judge(given, policy, [{ name: "json" }, { name: "markdown" }, { name: "page" }]);
      const [json = "", markdown = "", page = "{}"] = judgement.texts;
      return { judgement, json, markdown, page } satisfies Judged;
    }
  }
}
