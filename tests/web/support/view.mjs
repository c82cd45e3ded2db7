// `perfbridge view`, as a browser finds it.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { perfbridge } from "./paths.mjs";

/** Starts `perfbridge view`; gives its address once it is said, and a way to end it. */
export async function served(...paths) {
  const child = spawn(perfbridge, ["view", "--no-open", ...paths], { stdio: ["ignore", "pipe", "inherit"] });
  const [url] = await Promise.race([
    new Promise((resolve) => createInterface(child.stdout).once("line", (line) => resolve([line]))),
    new Promise((_, reject) => child.once("exit", (code) => reject(new Error(`view ended with ${code}`)))),
  ]);
  return { url, end: () => child.kill() };
}
