import { mkdir, open, readFile, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { StartRefused } from "../domain/start-refused.ts";
import { errorCode } from "./error-code.ts";

const LAYOUT_FILE = "peerbrain.layout";
const LAYOUT = 1;

/** A fresh volume's root is not empty; what stands here says nothing about whose folder it is. */
const IGNORED = new Set(["lost+found"]);

/**
 * Makes sure that `folder` is a data folder of ours: creates it, marks an empty one, and refuses any other without
 * touching it. Throws StartRefused DATA_FOLDER_FOREIGN, DATA_FOLDER_NEWER or DATA_FOLDER_UNUSABLE.
 */
export async function openDataFolder(folder: string): Promise<void> {
  try {
    // Only the folder itself is private: the database's user passes through the ones above it.
    await mkdir(dirname(folder), { recursive: true });
    await mkdir(folder, { mode: 0o700 }).catch(ignoreExisting);
    const names = await readdir(folder);
    if (names.includes(LAYOUT_FILE)) return checkLayout(folder, await readFile(join(folder, LAYOUT_FILE), "utf8"));
    if (names.some((name) => !IGNORED.has(name))) throw foreign(folder);
    await writeLayout(folder);
  } catch (error) {
    if (error instanceof StartRefused) throw error;
    throw new StartRefused(
      "DATA_FOLDER_UNUSABLE",
      `The data folder ${folder} cannot be used (${errorCode(error)}). Give PEERBRAIN_DATA a folder that this user may write to.`,
      { cause: error },
    );
  }
}

function checkLayout(folder: string, text: string): void {
  // An empty file was left by a start that ended between creating and writing it.
  if (text.trim() === "" || Number(text) <= LAYOUT) return;
  throw new StartRefused(
    "DATA_FOLDER_NEWER",
    `The data folder ${folder} was written by a newer PeerBrain (layout ${text.trim()}, this one knows ${LAYOUT}). Run that version, or restore a backup.`,
  );
}

function foreign(folder: string): StartRefused {
  return new StartRefused(
    "DATA_FOLDER_FOREIGN",
    `The folder ${folder} holds files that PeerBrain did not put there; nothing in it was touched. Give PEERBRAIN_DATA an empty folder, or one that PeerBrain created.`,
  );
}

async function writeLayout(folder: string): Promise<void> {
  const file = await open(join(folder, LAYOUT_FILE), "w", 0o644);
  try {
    await file.writeFile(`${LAYOUT}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

function ignoreExisting(error: unknown): void {
  if (errorCode(error) !== "EEXIST") throw error;
}
