// The hashes that the page makes, against Node's: in pieces by dist/sha256.wasm, or whole by WebCrypto.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { before, test } from "node:test";
import { require, root } from "./support/paths.mjs";

const module = new WebAssembly.Module(readFileSync(`${root}dist/sha256.wasm`));

let hasher;
before(async () => {
  const { build } = await import(require.resolve("vite"));
  const entry = `${root}web/src/engine/hash.ts`;
  const built = await build({
    configFile: false,
    logLevel: "silent",
    build: { write: false, lib: { entry, formats: ["es"] } },
  });
  const [{ code }] = [built].flat()[0].output;
  const { Hasher } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
  hasher = new Hasher(module);
});

const hashed = (...pieces) => pieces.reduce((hash, piece) => hash.update(piece), createHash("sha256")).digest("hex");
const made = (length) => Uint8Array.from({ length }, (_, at) => (at * 31 + (at >> 8)) % 256);

test("the module gives the vectors of FIPS 180, whatever the pieces", () => {
  const { memory, piece, room, begin, update, finish } = new WebAssembly.Instance(module).exports;
  const hash = (text, size) => {
    begin();
    for (let at = 0; at < text.length; at += size) {
      const part = Buffer.from(text.slice(at, at + size));
      new Uint8Array(memory.buffer, piece()).set(part);
      update(part.length);
    }
    finish();
    return Buffer.from(memory.buffer, piece(), 32).toString("hex");
  };
  const vectors = {
    "": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    abc: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq:
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
    ["a".repeat(1e6)]: "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
  };
  for (const [text, sum] of Object.entries(vectors)) {
    for (const size of [1, 3, 55, 64, 119, 4096, room()]) {
      if (text.length / size < 20_000) assert.equal(hash(text, size), sum, `${text.length} bytes by ${size}`);
    }
  }
});

test("a file that WebCrypto cannot take, and those around it at the same time", async () => {
  const piece = made(1_000_003);
  const sizes = [0, 1, 64, 524_287, 524_288, 524_289, 1_000_003];
  const files = sizes.map((size) => new Blob([piece.subarray(0, size)]));
  // Not a multiple of anything that is hashed at once.
  const large = new Blob(Array.from({ length: 68 }, () => piece));
  const told = [];
  const sums = await Promise.all(
    [large, ...files, large].map((blob, at) => {
      told.push(0);
      return hasher.file(blob, (bytes) => (told[at] += bytes));
    }),
  );
  const whole = hashed(...Array.from({ length: 68 }, () => piece));
  assert.deepEqual(sums, [whole, ...sizes.map((size) => hashed(piece.subarray(0, size))), whole]);
  assert.deepEqual(told, [large.size, ...sizes, large.size]);
});

test("a directory as the registry hashes it, and a file after one that could not be read", async () => {
  const files = { "a.txt": made(7), "logs/ü": made(600_000), z: made(0) };
  const blobs = Object.entries(files).map(([path, bytes]) => ({ path, blob: new Blob([bytes]) }));
  const expected = hashed(...Object.entries(files).flatMap(([path, bytes]) => [`${path}\0`, bytes]));
  assert.equal(await hasher.directory(blobs), expected);
  const torn = new Blob([made(9)]);
  torn.stream = () => {
    throw new Error("gone");
  };
  torn.slice = torn.stream;
  await assert.rejects(hasher.directory([{ path: "torn", blob: torn }]), /gone/);
  assert.equal(await hasher.directory(blobs), expected);
});
