import { createServer } from "node:net";
import { tmpdir } from "node:os";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createPrismaClient } from "../../src/storage/prisma-client.ts";
import { createUnitOfWork } from "../../src/storage/unit-of-work.ts";
import { createTestDatabase } from "../support/database.ts";
import { register } from "../support/person.ts";
import { expectRefused } from "../support/refusals.ts";
import { createTestRelay, type TestRelay } from "../support/test-relay.ts";

let relay: TestRelay;
let alice: Awaited<ReturnType<typeof register>>;
let bob: typeof alice;
beforeAll(async () => {
  relay = await createTestRelay();
  [alice, bob] = [await register(relay), await register(relay)];
});
afterAll(() => relay.close());

test("work that fails leaves nothing behind, and its own error comes out", async () => {
  const before = await relay.dump();
  const failure = new Error("half way");
  const work = relay.unitOfWork.run(async ({ users }) => {
    await users.setDisabled(alice.userId, 1);
    throw failure;
  });
  await expect(work).rejects.toBe(failure);
  expect(await relay.dump()).toBe(before);
});

test("of two transactions that wait for each other, one gives way and runs again", async () => {
  let attempts = 0;
  let arrived = 0;
  let release: () => void = () => undefined;
  const bothHoldOne = new Promise<void>((resolve) => (release = resolve));
  const lockInTurn = (first: Uint8Array, second: Uint8Array) =>
    relay.unitOfWork.run(async ({ users }) => {
      attempts += 1;
      await users.lock([first]);
      arrived += 1;
      if (arrived === 2) release();
      await bothHoldOne;
      await users.lock([second]);
      return "done";
    });
  const outcomes = await Promise.all([lockInTurn(alice.userId, bob.userId), lockInTurn(bob.userId, alice.userId)]);
  expect(outcomes).toEqual(["done", "done"]);
  expect(attempts).toBe(3);
});

test("users are locked in one order, whatever the order they are named in", async () => {
  let attempts = 0;
  const lockBoth = (ids: Uint8Array[]) =>
    relay.unitOfWork.run(({ users }) => {
      attempts += 1;
      return users.lock(ids);
    });
  await Promise.all(Array.from({ length: 20 }, (_, index) => lockBoth(index % 2 === 0 ? [alice.userId, bob.userId] : [bob.userId, alice.userId])));
  expect(attempts).toBe(20);
});

test("a database that nobody answers for is UNAVAILABLE, for a statement and for a transaction", async () => {
  const port = await findClosedPort();
  const prisma = createPrismaClient({ host: "127.0.0.1", port, user: "peerbrain", database: "peerbrain" });
  const unreachable = createUnitOfWork(prisma);
  await expectRefused(unreachable.repositories.users.findByUsername("alice"), "UNAVAILABLE");
  await expectRefused(unreachable.run(({ users }) => users.findByUsername("alice")), "UNAVAILABLE");
  await prisma.$disconnect();
});

test("so is an embedded database whose socket is gone", async () => {
  const prisma = createPrismaClient({ host: tmpdir(), port: 1, user: "peerbrain", database: "peerbrain" });
  await expectRefused(createUnitOfWork(prisma).repositories.users.findByUsername("alice"), "UNAVAILABLE");
  await prisma.$disconnect();
});

test("a connection that is cut in mid-transaction is UNAVAILABLE, and the next one works", async () => {
  const database = await createTestDatabase();
  const prisma = createPrismaClient({ ...database.connection, max: 2 });
  const unitOfWork = createUnitOfWork(prisma);
  const work = unitOfWork.run(async ({ users }) => {
    await users.findByUsername("alice");
    await cutAll(database.connection);
    await users.findByUsername("alice");
  });
  await expectRefused(work, "UNAVAILABLE");
  expect(await unitOfWork.run(({ users }) => users.findByUsername("alice"))).toBeUndefined();
  await prisma.$disconnect();
  await database.drop();
});

test("when every connection is taken, others are told so instead of waiting for ever", async () => {
  const database = await createTestDatabase();
  const prisma = createPrismaClient({ ...database.connection, max: 1, connectionTimeoutMillis: 50 });
  const unitOfWork = createUnitOfWork(prisma);
  const refusal = unitOfWork.run(async ({ users }) => {
    await users.findByUsername("alice");
    await expectRefused(unitOfWork.repositories.users.findByUsername("alice"), "UNAVAILABLE");
    await expectRefused(unitOfWork.run((inner) => inner.users.findByUsername("alice")), "UNAVAILABLE");
  });
  await refusal;
  await prisma.$disconnect();
  await database.drop();
});

async function findClosedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address ? address.port : 1;
}

async function cutAll(connection: pg.ClientConfig & { database: string }): Promise<void> {
  const client = new pg.Client({ ...connection, database: "postgres" });
  await client.connect();
  await client.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", [connection.database]);
  await client.end();
}
