import type { Database } from "./prisma-client.ts";

const TIMELINE = 1;

/**
 * What changes when a dump is loaded, into whatever database, or when a standby takes over: the cluster, its timeline,
 * the database and its tables. A copy of the database's files keeps it.
 */
export async function readDatabaseIdentity(database: Database): Promise<string> {
  const [row] = await database.$queryRaw<{ identity: string }[]>`
    SELECT concat_ws('.', system_identifier, timeline_id, pg_database.oid, '"Chain"'::regclass::oid) AS identity
    FROM pg_control_system(), pg_control_checkpoint(), pg_database WHERE datname = current_database()`;
  if (row === undefined) throw new Error("a database without a name");
  return row.identity;
}

/** What stays the same when a standby takes over while relays are running. */
export function withoutTimeline(identity: string): string {
  return identity.split(".").filter((_, part) => part !== TIMELINE).join(".");
}
