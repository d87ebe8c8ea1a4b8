import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { errorCode } from "../../storage/error-code.ts";
import type { Examination } from "./examination.ts";
import { fail, ok, type Finding } from "./finding.ts";

const CHECK = "disk";
const MIB = 1024 * 1024;

/** Whether the database has room to write; a full disk stops it. */
export async function checkDisk({ config: { dataFolder }, minFreeBytes }: Examination): Promise<Finding> {
  try {
    const { bavail, bsize } = await statfs(await findExisting(dataFolder));
    const freeBytes = bavail * bsize;
    const found = `${Math.floor(freeBytes / MIB)} MiB are free where ${dataFolder} lies`;
    if (freeBytes >= minFreeBytes) return ok(CHECK, found);
    return fail(CHECK, "DISK_FULL", `${found}, less than ${Math.ceil(minFreeBytes / MIB)} MiB`, "Make room, or move the data folder to a larger disk and name it in PEERBRAIN_DATA: a database that cannot write stops.");
  } catch (error) {
    return fail(CHECK, "DATA_FOLDER_UNUSABLE", `${dataFolder} cannot be looked at (${errorCode(error)})`, "Run this as the user whom the relay belongs to, and see whether the disk is there.");
  }
}

/** A data folder that the first start will create lies on the disk of what is above it. */
async function findExisting(folder: string): Promise<string> {
  for (let path = folder; ; path = dirname(path)) {
    const isThere = await statfs(path).then(() => true, (error: unknown) => {
      if (errorCode(error) !== "ENOENT" || dirname(path) === path) throw error;
      return false;
    });
    if (isThere) return path;
  }
}
