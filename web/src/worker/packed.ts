// Texts of the page that hold bytes: gzip in base64.

/** Unpacks such a text. */
export function unpacked(encoded: string): Response {
  const letters = atob(encoded);
  // A loop, since `Uint8Array.from` calls a function for each of a million letters.
  const packed = new Uint8Array(letters.length);
  for (let at = 0; at < packed.length; at += 1) packed[at] = letters.charCodeAt(at);
  return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip")));
}
