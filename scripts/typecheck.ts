import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { capture, root, toolPath } from "./run.ts";

/** Type-checks the whole house by its base, then each room that has a tsconfig.json of its own by what may be known there. */
const rooms = readdirSync(join(root, "src"))
  .map((folder) => join("src", folder))
  .filter((folder) => existsSync(join(root, folder, "tsconfig.json")))
  .filter((folder) => readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).some((file) => /\.tsx?$/.test(file)));

let failed = false;
for (const project of [".", ...rooms]) {
  const { exitCode, stdout } = await capture([toolPath("typescript", "tsc"), "--noEmit", "--pretty", "false", "-p", project]);
  if (exitCode === 0) continue;
  failed = true;
  console.error(`by ${project === "." ? "tsconfig.json" : join(project, "tsconfig.json")}:\n${stdout}`);
}
console.log(`types: the house and ${rooms.length} rooms checked`);
process.exitCode = failed ? 1 : 0;
