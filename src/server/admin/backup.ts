import { checkKeyFingerprint, keysLost } from "../keys/check-key-fingerprint.ts";
import { readRelayKeys } from "../keys/open-relay-keys.ts";
import { encodeRelayKeys, fingerprintOf } from "../keys/relay-keys.ts";
import { resolve } from "node:path";
import { dumpTables, listMigrations } from "../../storage/backup/dump-tables.ts";
import { createRelayMetaRepository } from "../../storage/prisma-relay-meta-repository.ts";
import { systemClock } from "../adapters/system.ts";
import type { Environment } from "../config/env.ts";
import { readSoftwareVersion } from "../software-version.ts";
import { writeBackup } from "./backup-file.ts";
import { interruptibly } from "./interruption.ts";
import { type RelayData, withRelayData } from "./relay-data.ts";

/** Writes everything that the relay keeps into one file, while it runs or not. Throws StartRefused. */
export function backUp(said: Environment["variables"], file: string, hasKeys: boolean): Promise<void> {
  const path = resolve(file);
  return interruptibly((interruption) => withRelayData(said, async (data) => {
    const keys = await readProvenKeys(data);
    const head = {
      createdAtMs: systemClock.nowMs(),
      softwareVersion: readSoftwareVersion(data.checkoutFolder),
      migrations: await listMigrations(data.connection),
      relayKeys: hasKeys ? keys : null,
    };
    await writeBackup(path, head, interruption.unless(dumpTables(data.connection)));
    process.stdout.write(`${path}\n`);
  }));
}

/** A backup with other keys than the database was written under could never be used. */
async function readProvenKeys({ config: { dataFolder }, database }: RelayData): Promise<string> {
  const keys = await readRelayKeys(dataFolder);
  if (keys === undefined) throw keysLost(dataFolder);
  await checkKeyFingerprint(createRelayMetaRepository(database), fingerprintOf(keys));
  return encodeRelayKeys(keys);
}
