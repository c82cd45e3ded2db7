// The core modules, which the build put into the page: `NAME BASE64` a line, each compressed with gzip.

/** Unpacks them. Rejects where the page was not built whole. */
export async function embeddedModules(): Promise<Map<string, ArrayBuffer>> {
  const text = document.getElementById("perfbridge-modules")?.textContent?.trim() ?? "";
  if (text === "") throw new Error("this page carries no component; build it with its own recipe");
  const modules = text.split("\n").map(async (line) => {
    const [name = "", encoded = ""] = line.trim().split(" ");
    const packed = Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0));
    const plain = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    return [name, await new Response(plain).arrayBuffer()] as const;
  });
  return new Map(await Promise.all(modules));
}
