import { execFile } from "node:child_process";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { root, toolPath } from "../../../scripts/run.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../../support/folders.ts";

const run = promisify(execFile);

/** What a relay serves from, with the pages built from the sources as they are now, by the command that builds them for everybody. */
export async function createBuiltCheckout(): Promise<TemporaryFolder> {
  const folder = await createTemporaryFolder();
  for (const name of ["schema.graphql", "package.json"]) await copyFile(join(root, name), join(folder.path, name));
  const env = { ...process.env, NODE_ENV: "production" };
  await run(process.execPath, [toolPath("vite"), "build", "--logLevel", "error", "--outDir", join(folder.path, "dist/web")], { cwd: root, env });
  return folder;
}
