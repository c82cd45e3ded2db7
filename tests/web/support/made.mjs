// Inputs that are made while testing, below target/: archives, damaged ones, two models, and large records.
import { execFileSync } from "node:child_process";
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { basename, dirname } from "node:path";
import { artefacts, data } from "./paths.mjs";

const made = `${artefacts}made/`;

/** An empty folder of that name. */
export function fresh(name) {
  const path = made + name;
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path, { recursive: true });
  return path;
}

/** A bundle as .zip, wrapped in its folder as file managers do. */
export function zip(name) {
  const path = `${fresh("zip")}/${name}.zip`;
  const script = "import shutil, sys; shutil.make_archive(sys.argv[1][:-4], 'zip', sys.argv[2], sys.argv[3])";
  execFileSync("python3", ["-c", script, path, data(""), name]);
  return path;
}

/** A bundle as .tar.gz. */
export function tarball(name) {
  const path = `${fresh("tar")}/${name}.tar.gz`;
  execFileSync("tar", ["-czf", path, "-C", data(""), name]);
  return path;
}

/** A large bundle as .tar.gz, packed fast. */
export function packed(path) {
  const to = `${fresh("packed")}/run.tar.gz`;
  execFileSync("tar", ["--use-compress-program=gzip -1", "-cf", to, "-C", dirname(path), basename(path)]);
  return to;
}

/** A copy of an archive with one byte of its middle changed. */
export function damaged(path) {
  const bytes = readFileSync(path);
  bytes[Math.floor(bytes.length / 2)] ^= 0x55;
  const to = path.replace(/([^/]+)$/, "damaged-$1");
  writeFileSync(to, bytes);
  return to;
}

/** A copy of an archive that ends early. */
export function cut(path) {
  const bytes = readFileSync(path);
  const to = path.replace(/([^/]+)$/, "cut-$1");
  writeFileSync(to, bytes.subarray(0, Math.floor(bytes.length * 0.7)));
  return to;
}

/** A copy of a bundle in which the exports of one level name another model. */
export function twoModels(from, model) {
  const path = fresh("two-models");
  cpSync(data(from), path, { recursive: true });
  rename(`${path}/aiperf-c4/profile_export_aiperf.json`, model);
  return path;
}

/** A copy of a bundle of another model, in every file and in the names of files. */
export function otherModel(from, model) {
  const path = fresh("other-model");
  cpSync(data(from), path, { recursive: true });
  renamed(path, model);
  return path;
}

/** Names another model in every file below a folder, and in the names of files. */
export function renamed(path, model) {
  for (const entry of readdirSync(path, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) rename(`${entry.parentPath}/${entry.name}`, model);
  }
}

function rename(file, model) {
  writeFileSync(file, readFileSync(file, "utf8").replaceAll("tinyllama-7m", model));
  renameSync(file, file.replace("tinyllama-7m", model));
}

/** A bundle whose records of one level are repeated, under new request ids, to about that many bytes. */
export function large(bytes, levels = ["c16"]) {
  const path = `${made}large-${bytes}-${levels.length}`;
  if (existsSync(`${path}/complete`)) return `${path}/run`;
  fresh(`large-${bytes}-${levels.length}`);
  cpSync(data("base-1"), `${path}/run`, { recursive: true });
  const lines = readFileSync(data("base-1/aiperf-c16/profile_export.jsonl"), "utf8").trimEnd().split("\n");
  for (const level of levels) {
    const folder = `${path}/run/aiperf-${level}`;
    mkdirSync(folder, { recursive: true });
    // The export summarises the records as they were; with others it would contradict them.
    rmSync(`${folder}/profile_export_aiperf.json`, { force: true });
    repeat(lines, `${folder}/profile_export.jsonl`, bytes / levels.length);
  }
  writeFileSync(`${path}/complete`, "");
  return `${path}/run`;
}

function repeat(lines, file, bytes) {
  const out = openSync(file, "w");
  for (let round = 0; statSync(file).size < bytes; round += 1) {
    const id = round.toString(16).padStart(8, "0");
    const renew = (line) => line.replace(/("x_request_id":")[0-9a-f]{8}/, `$1${id}`);
    writeSync(out, `${lines.map(renew).join("\n")}\n`);
  }
  closeSync(out);
}

/** A bundle of five levels, made of one level's export under other concurrencies: for timing alone. */
export function fiveLevels() {
  const path = fresh("five-levels");
  for (const level of [1, 4, 8, 16, 32]) {
    const folder = `${path}/aiperf-c${level}`;
    mkdirSync(folder, { recursive: true });
    const text = readFileSync(data("base-1/aiperf-c16/profile_export_aiperf.json"), "utf8");
    writeFileSync(`${folder}/profile_export_aiperf.json`, text.replaceAll(/("concurrency": *)16/g, `$1${level}`));
  }
  return path;
}
