import type { RelayMetaRepository } from "../domain/relay-meta.ts";

const KEY = "restorations";

interface Restorations {
  count: number;
  databaseIdentity: string;
}

/**
 * How often this relay was restored from a backup, this start included: it counts as one when the database is not the one
 * that the last start met, or when the operator says so. Workers that start together come to the same number.
 */
export async function countRestorations(meta: RelayMetaRepository, databaseIdentity: string, isDeclared: boolean): Promise<number> {
  const remembered = JSON.parse(await meta.remember(KEY, JSON.stringify({ count: 0, databaseIdentity }))) as Restorations;
  if (remembered.databaseIdentity === databaseIdentity && !isDeclared) return remembered.count;
  const count = remembered.count + 1;
  await meta.replace(KEY, JSON.stringify({ count, databaseIdentity }));
  return count;
}
