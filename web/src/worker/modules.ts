// What the build put into the page, compressed with gzip: the core modules, `NAME BASE64` a line, and a sample.
import { unpacked } from "./packed.ts";

const text = (id: string): string => document.getElementById(id)?.textContent?.trim() ?? "";

/** The modules as they stand in the page, by name. Rejects where the page was not built whole. */
export async function packedModules(): Promise<Map<string, string>> {
  const lines = text("perfbridge-modules");
  if (lines === "") throw new Error("this page carries no component; build it with its own recipe");
  const modules = lines.split("\n").map((line): [string, string] => {
    const [name = "", encoded = ""] = line.trim().split(" ");
    return [name, encoded];
  });
  return new Map(modules);
}

/** The documents of two runs, as a report would be given them. */
export const sample = (): Promise<string> => unpacked(text("perfbridge-sample")).text();
