import { join } from "node:path";
import { defineConfig, type Plugin } from "vite";

const here = import.meta.dirname;

/** GraphiQL's style sheet carries half a megabyte of fonts as text, which the page's policy refuses: the page is set in the fonts that a device has. */
const withoutWrittenFonts: Plugin = {
  name: "without-written-fonts",
  enforce: "pre",
  transform: {
    filter: { id: /node_modules\/graphiql\/.+\.css$/ },
    handler: (code) => code.replace(/@font-face\s*\{[^}]*url\(data:font[^}]*\}/g, ""),
  },
};

/** The relay's page: src/web/playground → dist/web, which the relay serves at /playground. */
export default defineConfig({
  root: join(here, "src/web/playground"),
  // Wherever the page is served, its scripts lie beside it.
  base: "./",
  plugins: [withoutWrittenFonts],
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
