import { runTool } from "../../scripts/run.ts";

let hasBuiltPeers = false;

/** Where the compiled form of a peer's process lies; compiles all of them the first time. */
export function builtPeer(name: string): URL {
  if (!hasBuiltPeers) runTool("typescript", ["-p", "bench/peers/tsconfig.json"], "tsc");
  hasBuiltPeers = true;
  return new URL(`../results/built/peers/${name}.process.js`, import.meta.url);
}
