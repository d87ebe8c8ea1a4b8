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

  test("what it could not send is a gap to the others, as soon as it can", async () => {
    const database = await createTestDatabase();
    const client = new pg.Client(database.connection);
    await client.connect();
    await client.query(`
      CREATE TABLE silence (is_kept boolean);
      CREATE FUNCTION pg_notify(channel text, message text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
        IF EXISTS (SELECT FROM public.silence) THEN RAISE 'nothing is passed on'; END IF;
        PERFORM pg_catalog.pg_notify(channel, message);
      END $$;
      ALTER DATABASE "${database.connection.database}" SET search_path = public, pg_catalog`);
    const [writer, reader] = [await openProcess(openOn(database)), await openProcess(openOn(database))];
    await client.query("INSERT INTO silence VALUES (true)");
    writer.bus.publish(entry(1, 1));
    expect(writer.heard).toEqual([entry(1, 1)]);
    await writer.until(() => writer.log.lines.some(({ text }) => text === "the bus could not send"));
    expect(reader.heard).toEqual([]);
    await client.query("DELETE FROM silence");
    await reader.until(() => reader.heard.length > 0);
    expect(reader.heard).toEqual([{ kind: "gap" }]);
    await Promise.all([writer, reader].map(({ bus }) => bus.close()));
    await client.end();
    await database.drop();
  });

  test("is refused where there is no database", async () => {
    const connection = { host: "127.0.0.1", port: 1, user: "nobody", database: "nothing" };
    await expect(openProcess((log) => createPostgresBus({ connection, random, log }))).rejects.toThrow();
  });
});
