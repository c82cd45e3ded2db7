import { defineConfig } from "vite";

// One entry and nothing split off: scripts/single.mjs puts everything into one HTML file.
export default defineConfig({
  base: "./",
  build: {
    outDir: "../target/web",
    emptyOutDir: true,
    target: "es2023",
    modulePreload: false,
    cssCodeSplit: false,
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  worker: { format: "iife" },
});
