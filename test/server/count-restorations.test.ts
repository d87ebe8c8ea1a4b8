import { afterEach, beforeEach, expect, test } from "vitest";
import { countRestorations } from "../../src/server/count-restorations.ts";
import { readDatabaseIdentity } from "../../src/storage/database-identity.ts";
import { createPrismaClient } from "../../src/storage/prisma-client.ts";
import { createRelayMetaRepository } from "../../src/storage/prisma-relay-meta-repository.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";

const databases: TestDatabase[] = [];
let original: TestDatabase;

beforeEach(async () => {
  original = await create();
});
afterEach(() => Promise.all(databases.splice(0).map((database) => database.drop())));

async function create(template?: string): Promise<TestDatabase> {
  const database = await createTestDatabase(template);
  databases.push(database);
  return database;
}

/** What a relay counts that starts on this database. */
async function start({ connection }: TestDatabase, isDeclared = false): Promise<number> {
  const prisma = createPrismaClient(connection);
  try {
    return await countRestorations(createRelayMetaRepository(prisma), await readDatabaseIdentity(prisma), isDeclared);
  } finally {
    await prisma.$disconnect();
  }
}

test("a relay that starts again on its database was not restored", async () => {
  expect([await start(original), await start(original)]).toEqual([0, 0]);
});

test("a database that is not the one of the last start is a restored one, once", async () => {
  await start(original);
  const copy = await create(original.connection.database);
  expect([await start(copy), await start(copy)]).toEqual([1, 1]);
  const copyOfCopy = await create(copy.connection.database);
  expect(await start(copyOfCopy)).toBe(2);
});

test("tables that were loaded anew in the same database are restored ones", async () => {
  await start(original);
  const prisma = createPrismaClient(original.connection);
  await prisma.$executeRawUnsafe('CREATE TABLE reloaded (LIKE "Chain" INCLUDING ALL)');
  await prisma.$executeRawUnsafe('DROP TABLE "Chain"');
  await prisma.$executeRawUnsafe('ALTER TABLE reloaded RENAME TO "Chain"');
  await prisma.$disconnect();
  expect(await start(original)).toBe(1);
});

test("the operator's word counts each time", async () => {
  await start(original);
  expect([await start(original, true), await start(original, true), await start(original)]).toEqual([1, 2, 2]);
  const other = await create();
  expect(await start(other, true)).toBe(1);
});

test("workers that start together count one restoration", async () => {
  await start(original);
  const copy = await create(original.connection.database);
  expect(await Promise.all([start(copy), start(copy)])).toEqual([1, 1]);
});
