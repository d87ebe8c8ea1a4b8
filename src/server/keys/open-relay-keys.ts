import { randomBytes } from "node:crypto";
import { type FileHandle, link, open, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { RelayMetaRepository } from "../../domain/relay-meta.ts";
import { StartRefused } from "../../domain/start-refused.ts";
import { openDataFolder } from "../../storage/data-folder.ts";
import { errorCode } from "../../storage/error-code.ts";
import { checkKeyFingerprint, findKeyFingerprint, keysLost } from "./check-key-fingerprint.ts";
import { encodeRelayKeys, fingerprintOf, generateRelayKeys, parseRelayKeys, type RelayKeys } from "./relay-keys.ts";

const RELAY_KEYS_FILE = "relay.keys";

/**
 * The keys in the data folder, made at the first start, and proved to be those that the database was written under.
 * Throws StartRefused KEYS_LOST, KEYS_MISMATCH or KEYS_UNREADABLE; new keys are never made in place of lost ones.
 */
export async function openRelayKeys(dataFolder: string, meta: RelayMetaRepository): Promise<RelayKeys> {
  await openDataFolder(dataFolder);
  const path = join(dataFolder, RELAY_KEYS_FILE);
  // In this order: another start that makes the keys at the same time writes the file before it is remembered.
  const remembered = await findKeyFingerprint(meta);
  const found = await readKeys(path);
  if (found === undefined && remembered !== undefined) throw keysLost(path);
  const keys = found ?? (await createKeys(dataFolder, path));
  await checkKeyFingerprint(meta, fingerprintOf(keys));
  return keys;
}

/** The keys in the data folder; undefined when there are none. Throws StartRefused KEYS_UNREADABLE. */
export function readRelayKeys(dataFolder: string): Promise<RelayKeys | undefined> {
  return readKeys(join(dataFolder, RELAY_KEYS_FILE));
}

async function readKeys(path: string): Promise<RelayKeys | undefined> {
  const text = await readPrivately(path);
  if (text === undefined) return undefined;
  try {
    return parseRelayKeys(text);
  } catch (error) {
    throw unreadable(`${path} is damaged (${(error as Error).message}). Restore it from a backup.`, error);
  }
}

async function readPrivately(path: string): Promise<string | undefined> {
  try {
    const { mode } = await stat(path);
    if ((mode & 0o077) !== 0) throw unreadable(`${path} can be read by other users. Run \`chmod 600\` on it, and think about who may have read it.`);
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof StartRefused) throw error;
    if (errorCode(error) === "ENOENT") return undefined;
    throw unreadable(`${path} cannot be read (${errorCode(error)}). Run the relay as the user whom it belongs to.`, error);
  }
}

function unreadable(text: string, cause?: unknown): StartRefused {
  return new StartRefused("KEYS_UNREADABLE", text, { cause });
}

/** The file appears whole or not at all, and never in place of another: of two starts at once, both use the first one's. */
async function createKeys(dataFolder: string, path: string): Promise<RelayKeys> {
  return storeKeys(dataFolder, path, await generateRelayKeys());
}

/** Puts the keys of a backup into a data folder that has none. Throws StartRefused WOULD_OVERWRITE. */
export async function restoreRelayKeys(dataFolder: string, keys: RelayKeys): Promise<void> {
  await openDataFolder(dataFolder);
  const path = join(dataFolder, RELAY_KEYS_FILE);
  const stored = await storeKeys(dataFolder, path, keys);
  if (stored !== keys) throw new StartRefused("WOULD_OVERWRITE", `${path} is there already, and was left as it is.`);
}

async function storeKeys(dataFolder: string, path: string, keys: RelayKeys): Promise<RelayKeys> {
  const draft = `${path}.${randomBytes(8).toString("hex")}`;
  await writeDurably(draft, encodeRelayKeys(keys));
  try {
    await link(draft, path);
  } catch (error) {
    const others = errorCode(error) === "EEXIST" ? await readKeys(path) : undefined;
    if (others === undefined) throw error;
    return others;
  } finally {
    await rm(draft, { force: true });
    await syncFolder(dataFolder);
  }
  return keys;
}

async function writeDurably(path: string, text: string): Promise<void> {
  await use(await open(path, "wx", 0o600), async (file) => {
    await file.writeFile(text);
    await file.sync();
  });
}

/** Without it a power failure could take the new name away again, after the database has remembered its keys. */
async function syncFolder(folder: string): Promise<void> {
  await use(await open(folder, "r"), (handle) => handle.sync());
}

async function use(handle: FileHandle, work: (handle: FileHandle) => Promise<void>): Promise<void> {
  try {
    await work(handle);
  } finally {
    await handle.close();
  }
}
