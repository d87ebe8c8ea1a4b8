import { chmodSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { CommandFailed, root, runTool } from "./run.ts";

/** Makes dist/ from the sources: generated code, compiled modules, the relay in few files, then the pages. `npm ci` runs it, so that `npm start` never compiles. */
try {
  runTool("tsx", ["scripts/generate.ts"]);
  rmSync(join(root, "dist"), { recursive: true, force: true });
  runTool("typescript", ["-p", "tsconfig.build.json"], "tsc");
  runTool("vite", ["build", "--config", "vite.relay.config.ts"]);
  // `npm link` leads there.
  chmodSync(join(root, "dist/bin.js"), 0o755);
  if (existsSync(join(root, "vite.config.ts"))) runTool("vite", ["build"]);
  console.log("built: dist/");
} catch (error) {
  if (!(error instanceof CommandFailed)) throw error;
  console.error(`build: ${error.message}`);
  process.exitCode = error.exitCode;
}
