import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The version in package.json. */
export function readSoftwareVersion(checkoutFolder: string): string {
  const manifest = JSON.parse(readFileSync(join(checkoutFolder, "package.json"), "utf8")) as { version: string };
  return manifest.version;
}
