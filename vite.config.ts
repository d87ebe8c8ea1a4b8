import { join } from "node:path";
import { defineConfig } from "vite";

const here = import.meta.dirname;

/** The relay's page: src/web/playground → dist/web, which the relay serves at /playground. */
export default defineConfig({
  root: join(here, "src/web/playground"),
  // Wherever the page is served, its scripts lie beside it.
  base: "./",
  build: {
    outDir: join(here, "dist/web"),
    emptyOutDir: true,
    target: "es2022",
    // The page's policy takes nothing that is written into another file.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The editor is large, and its page is loaded once.
    chunkSizeWarningLimit: 6_000,
  },
  worker: { format: "es" },
});
