import pg from "pg";
import { describe, expect, test } from "vitest";
import { createPostgresBus } from "../../src/realtime/buses/postgres-bus.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { type BusWorld, entry, holdsAsABus, openProcess, random } from "./bus-conformance.ts";

const MINE = "FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'peerbrain bus'";

const openOn = ({ connection }: TestDatabase): BusWorld["open"] => (log) => createPostgresBus({ connection, random, log });

async function openWorld(): Promise<BusWorld> {
  const database = await createTestDatabase();
  const client = new pg.Client(database.connection);
  await client.connect();
  return {
    open: openOn(database),
    network: {
      cut: async () => void (await client.query(`SELECT pg_terminate_backend(pid) ${MINE}`)),
      send: async (text) => void (await client.query("SELECT pg_notify('peerbrain', $1)", [text])),
      countConnections: async () => (await client.query(`SELECT ${MINE}`)).rowCount ?? 0,
    },
    async close() {
      await client.end();
      await database.drop();
    },
  };
}

describe("the bus over PostgreSQL", () => {
  holdsAsABus(openWorld, { reachesOthers: true });

  test("does not reach into another database of the server", async () => {
    const databases = await Promise.all([createTestDatabase(), createTestDatabase()]);
    const [one, neighbour, stranger] = await Promise.all([databases[0], databases[0], databases[1]].map((database) => openProcess(openOn(database))));
    if (!one || !neighbour || !stranger) throw new Error("unreachable");
    one.bus.publish(entry(1, 1));
    await neighbour.until(() => neighbour.heard.length > 0);
    stranger.bus.publish(entry(2, 1));
    expect(stranger.heard).toEqual([entry(2, 1)]);
    await Promise.all([one, neighbour, stranger].map(({ bus }) => bus.close()));
    expect(neighbour.heard.length).toBe(1);
    await Promise.all(databases.map((database) => database.drop()));
  });

  test("is refused where there is no database", async () => {
    const connection = { host: "127.0.0.1", port: 1, user: "nobody", database: "nothing" };
    await expect(openProcess((log) => createPostgresBus({ connection, random, log }))).rejects.toThrow();
  });
});
