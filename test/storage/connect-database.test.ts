import { createServer, type AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { connectDatabase } from "../../src/storage/connect-database.ts";
import { openDatabase } from "../../src/storage/open-database.ts";
import { createEmptyDatabase, type TestDatabase } from "../support/database.ts";
import { createTemporaryFolder } from "../support/folders.ts";
import { silentLog, systemClock } from "../support/quiet.ts";
import { expectStartRefused } from "../support/start-refusal.ts";

const PASSWORD = "hunter2-canary";

let database: TestDatabase | undefined;
afterEach(async () => {
  await database?.drop();
  database = undefined;
});

/** A port of this machine on which nothing listens. */
async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe("a database that cannot be used", () => {
  it("where nothing listens: the refusal names the server, what to do, and no password", async () => {
    const port = await findFreePort();
    const refusal = await expectStartRefused(
      connectDatabase({ connectionString: `postgresql://ada:${PASSWORD}@127.0.0.1:${port}/relay` }),
      "DATABASE_UNREACHABLE", `127.0.0.1:${port}`, "relay", "nothing listens there (ECONNREFUSED)", "DATABASE_URL",
    );
    expect(refusal).not.toContain(PASSWORD);
  });

  it("without such a database", async () => {
    database = await createEmptyDatabase();
    await expectStartRefused(connectDatabase({ ...database.connection, database: "nowhere" }), "DATABASE_UNREACHABLE", "no database of that name (3D000)");
  });

  it("without such a user", async () => {
    database = await createEmptyDatabase();
    await expectStartRefused(connectDatabase({ ...database.connection, user: "eve", password: PASSWORD }), "DATABASE_UNREACHABLE", "(28000)");
  });

  it("at an address that is none", async () => {
    const refusal = await expectStartRefused(connectDatabase({ connectionString: `postgresql://ada:${PASSWORD}@[::1/relay` }), "DATABASE_UNREACHABLE", "postgresql://user:password@host:port/database");
    expect(refusal).not.toContain(PASSWORD);
  });
});

describe("the relay's database", () => {
  it("of DATABASE_URL is migrated and left running", async () => {
    database = await createEmptyDatabase();
    const { host, user, database: name } = database.connection;
    const folder = await createTemporaryFolder();
    const databaseUrl = `postgresql://${user}@/${name}?host=${encodeURIComponent(host)}`;
    const opened = await openDatabase({
      databaseUrl, dataFolder: folder.path, migrationsFolder: new URL("../../prisma/migrations", import.meta.url).pathname, log: silentLog, clock: systemClock,
    });
    await opened.close();
    const client = await connectDatabase(opened.connection);
    expect((await client.query('SELECT count(*)::integer AS count FROM "User"')).rows).toEqual([{ count: 0 }]);
    await client.end();
    await folder.remove();
  });
});
