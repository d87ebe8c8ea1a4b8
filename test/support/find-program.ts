import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** A program of this machine, where Debian or somebody's path has it. */
export function findProgram(name: string): string | undefined {
  const folders = ["/usr/sbin", ...(process.env["PATH"] ?? "").split(delimiter).filter(Boolean)];
  return folders.map((folder) => join(folder, name)).find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
