import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { root } from "../../../scripts/run.ts";

/**
 * Takes one rule of the readers after the other away, and shows the attack that gets through without it. Rules that no relay
 * and no friend can touch through a client are listed by name, with the reason; the vectors prove them.
 */
export function proveRules(nameHolds: string): number {
  const args = ["run", "--config", join(import.meta.dirname, "prove.config.ts")];
  if (nameHolds !== "") args.push("--testNamePattern", nameHolds.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return spawnSync(process.execPath, [join(root, "node_modules/vitest/vitest.mjs"), ...args], { cwd: root, stdio: "inherit" }).status ?? 1;
}
