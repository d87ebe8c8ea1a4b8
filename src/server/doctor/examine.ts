import { findKeyFingerprint } from "../keys/check-key-fingerprint.ts";
import { checkCertificate } from "./check-certificate.ts";
import { checkClock } from "./check-clock.ts";
import { checkDatabase, type ExaminedDatabase } from "./check-database.ts";
import { checkDisk } from "./check-disk.ts";
import { checkKeys, compareKeys, type KnownKeys } from "./check-keys.ts";
import { checkPort } from "./check-port.ts";
import { checkPublicAddress } from "./check-public-address.ts";
import type { Examination } from "./examination.ts";
import { type Finding, warn } from "./finding.ts";

/** Looks at everything that a relay stands on. A database that nobody runs is started for it; else nothing is changed. */
export async function examine(examination: Examination): Promise<Finding[]> {
  const disk = await checkDisk(examination);
  const { finding: keysFinding, keys } = await checkKeys(examination);
  const database = await checkDatabase(examination);
  const port = await checkPort(examination, keys);
  return [
    disk,
    await relate(keysFinding, keys, database),
    ...database.findings,
    ...describeSilence(database, port.isRunning),
    port.finding,
    await checkPublicAddress(examination, keys, port.isRunning),
    await checkCertificate(examination),
    await checkClock(examination, database.facts),
  ];
}

async function relate(finding: Finding, keys: KnownKeys | undefined, { facts, findings }: ExaminedDatabase): Promise<Finding> {
  const isEmpty = facts?.missingMigrations === undefined && findings.every(({ outcome }) => outcome === "ok");
  if (keys !== undefined && isEmpty) {
    return warn(finding.check, "DATABASE_EMPTY", "relay.keys is there, and the database is empty", "If people registered on this relay, put its database back from a backup before you start it.");
  }
  if (facts === undefined) return finding;
  return compareKeys(keys, finding, await findKeyFingerprint({ find: async (key) => facts.meta.get(key) }));
}

/** A relay that holds the data folder without answering hangs, or was started otherwise. */
function describeSilence({ holder }: ExaminedDatabase, isRunning: boolean): Finding[] {
  if (holder === undefined || isRunning) return [];
  return [warn("relay", "RELAY_SILENT", `the data folder is in use by a ${holder}, and this relay does not answer on its port`, "If it was started with another host or port, say the same here; else end that process and start the relay.")];
}
