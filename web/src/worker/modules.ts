// What the build put into the page, compressed with gzip: the core modules, `NAME BASE64` a line, and a sample.

const text = (id: string): string => document.getElementById(id)?.textContent?.trim() ?? "";

function unpacked(encoded: string): Response {
  const packed = Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip")));
}

/** Unpacks the modules. Rejects where the page was not built whole. */
export async function embeddedModules(): Promise<Map<string, ArrayBuffer>> {
  const lines = text("perfbridge-modules");
  if (lines === "") throw new Error("this page carries no component; build it with its own recipe");
  const modules = lines.split("\n").map(async (line) => {
    const [name = "", encoded = ""] = line.trim().split(" ");
    return [name, await unpacked(encoded).arrayBuffer()] as const;
  });
  return new Map(await Promise.all(modules));
}

/** The documents of two runs, as a report would be given them. */
export const sample = (): Promise<string> => unpacked(text("perfbridge-sample")).text();
