import { join } from "node:path";
import { defineConfig } from "vite";

const here = import.meta.dirname;

/** Whether a module is of the command line or of the SDK behind it. */
const isOfPeople = (moduleId: string): boolean => /\/src\/(cli|client)\//.test(moduleId);

/**
 * The command and the relay behind it in a few files, dependencies included: Node would look for more than a thousand, which
 * takes longer than all the rest of a start. Nothing is renamed or shortened, so the log's frames stay readable.
 */
export default defineConfig({
  root: here,
  publicDir: false,
  ssr: { noExternal: true },
  build: {
    ssr: true,
    outDir: join(here, "dist"),
    // The compiler has written there already.
    emptyOutDir: false,
    target: "node20",
    minify: false,
    rollupOptions: {
      input: { bin: join(here, "src/bin.ts") },
      // Brings a library of the system along, which no bundle can hold.
      external: ["@napi-rs/keyring"],
      // As deep below the checkout as src/server/config/env.ts, which finds the checkout from where it lies.
      output: { entryFileNames: "[name].js", chunkFileNames: ({ moduleIds }) => `${moduleIds.some(isOfPeople) ? "cli/bundle" : "server/relay"}/[name]-[hash].js` },
    },
  },
});
