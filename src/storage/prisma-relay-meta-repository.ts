import type { RelayMetaRepository } from "../domain/relay-meta.ts";
import type { Database } from "./prisma-client.ts";

export function createRelayMetaRepository(database: Database): RelayMetaRepository {
  const find = async (key: string): Promise<string | undefined> => {
    const row = await database.relayMeta.findUnique({ where: { key } });
    return row?.value;
  };
  return {
    find,
    async remember(key, value) {
      await database.relayMeta.createMany({ data: [{ key, value }], skipDuplicates: true });
      return (await find(key)) ?? value;
    },
    async replace(key, value) {
      await database.relayMeta.upsert({ where: { key }, create: { key, value }, update: { value } });
    },
  };
}
