import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { root, runTool } from "./run.ts";

const SOURCES = ["src", "prisma", "schema.graphql", "package.json"];

/** Builds what `npm start` runs, if it is older than what it is made of. */
export function buildIfOlder(log: (line: string) => void): void {
  if (builtMs() >= Math.max(...SOURCES.map((source) => newestMs(join(root, source))))) return;
  log("building dist/, which is older than the sources");
  runTool("tsx", ["scripts/build.ts"]);
}

function builtMs(): number {
  return statSync(join(root, "dist/bin.js"), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function newestMs(path: string): number {
  if (!statSync(path).isDirectory()) return statSync(path).mtimeMs;
  // What is generated is made by the build itself.
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((file) => file.isFile() && !file.parentPath.includes("generated"));
  return Math.max(...files.map((file) => statSync(join(file.parentPath, file.name)).mtimeMs));
}
