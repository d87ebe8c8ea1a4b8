import { readdir, readFile, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { z } from "zod";
import { StartRefused } from "../../domain/start-refused.ts";
import { loadTables } from "../../storage/backup/load-tables.ts";
import { startEmbeddedPostgres } from "../../storage/embedded-postgres/start-embedded-postgres.ts";
import { errorCode } from "../../storage/error-code.ts";
import { systemClock } from "../adapters/system.ts";
import { loadConfig } from "../config/config.ts";
import { type Environment, readEnvironment } from "../config/env.ts";
import { KEY_FINGERPRINT } from "../keys/check-key-fingerprint.ts";
import { restoreRelayKeys } from "../keys/open-relay-keys.ts";
import { fingerprintOf, parseRelayKeys, type RelayKeys } from "../keys/relay-keys.ts";
import { type BackupHead, readBackupHead, readBackupRows } from "./backup-file.ts";
import { type Interruption, interruptibly } from "./interruption.ts";
import { silentLog } from "./relay-data.ts";

interface CheckedBackup {
  path: string;
  head: BackupHead;
  rows: Record<string, number>;
  fingerprint: string | undefined;
}

const metaRow = z.object({ key: z.string(), value: z.string() });

/** Reads all of a backup and says what is in it. Throws StartRefused BACKUP_UNUSABLE. */
export async function printBackupCheck(file: string, isJson: boolean): Promise<void> {
  const { head, rows } = await checkBackup(resolve(file));
  const { createdAtMs, softwareVersion, relayKeys } = head;
  const found = { createdAtMs, softwareVersion, hasKeys: relayKeys !== null, rows };
  const lines = [
    `whole: made ${new Date(createdAtMs).toISOString()} by version ${softwareVersion}, ${relayKeys === null ? "without" : "with"} relay.keys`,
    ...Object.entries(rows).map(([table, count]) => `  ${table}: ${count} rows`),
  ];
  process.stdout.write(`${isJson ? JSON.stringify(found, null, 2) : lines.join("\n")}\n`);
}

/**
 * Puts a backup into a data folder or a database that is empty: all of it or nothing. The file is read to its end before
 * anything is made. Throws StartRefused.
 */
export function restore(said: Environment["variables"], file: string, keysFile: string | undefined): Promise<void> {
  return interruptibly((interruption) => restoreUnless(interruption, said, file, keysFile));
}

async function restoreUnless(interruption: Interruption, said: Environment["variables"], file: string, keysFile: string | undefined): Promise<void> {
  const environment = readEnvironment(said);
  const { config: { dataFolder }, secrets } = loadConfig(environment);
  const backup = await checkBackup(resolve(file));
  interruption.demandNone();
  const keys = await readKeys(backup, keysFile);
  const load = (connection: Parameters<typeof loadTables>[0]): Promise<void> =>
    loadTables(connection, interruption.unless(readBackupRows(backup.path)), {
      migrations: backup.head.migrations, migrationsFolder: join(environment.checkoutFolder, "prisma/migrations"), log: silentLog,
    });

  await demandEmpty(dataFolder);
  if (secrets.databaseUrl === undefined) {
    await restoreEmbedded(dataFolder, load, keys, interruption);
  } else {
    await load({ connectionString: secrets.databaseUrl.reveal() });
    await restoreRelayKeys(dataFolder, keys);
  }
  process.stdout.write(`restored into ${dataFolder}: start the relay, which recognises by itself that it was restored\n`);
}

/** Beside the data folder first, which then appears in one step. */
async function restoreEmbedded(dataFolder: string, load: (connection: Parameters<typeof loadTables>[0]) => Promise<void>, keys: RelayKeys, interruption: Interruption): Promise<void> {
  const draft = `${dataFolder}.restoring`;
  await demandEmpty(draft);
  try {
    const embedded = await startEmbeddedPostgres({ dataFolder: draft, log: silentLog, clock: systemClock });
    try {
      await load(embedded.connection);
    } finally {
      await embedded.stop();
    }
    await restoreRelayKeys(draft, keys);
    interruption.demandNone();
    await rename(draft, dataFolder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
}

async function checkBackup(path: string): Promise<CheckedBackup> {
  const head = await readBackupHead(path);
  const rows: Record<string, number> = {};
  let fingerprint: string | undefined;
  for await (const { table, json } of readBackupRows(path)) {
    rows[table] = (rows[table] ?? 0) + 1;
    if (table !== "RelayMeta") continue;
    const meta = metaRow.safeParse(JSON.parse(json));
    if (meta.data?.key === KEY_FINGERPRINT) fingerprint = meta.data.value;
  }
  return { path, head, rows, fingerprint };
}

async function readKeys({ head: { relayKeys }, fingerprint }: CheckedBackup, keysFile: string | undefined): Promise<RelayKeys> {
  const text = keysFile === undefined ? relayKeys : await readFile(resolve(keysFile), "utf8").catch((error: unknown) => refuse(`${keysFile} cannot be read (${errorCode(error)}).`));
  if (text === null) return refuse("The backup was made without relay.keys: name the file with --keys.");
  const keys = tryParse(text) ?? refuse("What should be relay.keys is damaged.");
  if (fingerprintOf(keys) !== fingerprint) return refuse("relay.keys is not the one that this database was written under.");
  return keys;
}

function tryParse(text: string): RelayKeys | undefined {
  try {
    return parseRelayKeys(text);
  } catch {
    return undefined;
  }
}

function refuse(text: string): never {
  throw new StartRefused("BACKUP_UNUSABLE", text);
}

async function demandEmpty(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return [];
    throw new StartRefused("DATA_FOLDER_UNUSABLE", `${folder} cannot be read (${errorCode(error)}).`, { cause: error });
  });
  if (names.length > 0) throw new StartRefused("WOULD_OVERWRITE", `${folder} is not empty, and was left as it is. Move it away, or name another data folder with PEERBRAIN_DATA.`);
}
