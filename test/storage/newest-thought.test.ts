import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { appendEntries } from "../../src/domain/chain/append-entries.ts";
import { parseEntry } from "../../src/protocol/index.ts";
import { createReceiptSigner } from "../../src/server/keys/receipt-signer.ts";
import { type Author, createAuthor } from "../support/author.ts";
import { createTestRelay, type TestRelay } from "../support/test-relay.ts";

const MIGRATION = new URL("../../prisma/migrations/20261121220000_newest_thoughts/migration.sql", import.meta.url);
const BESIDE_HEADS = 'SELECT "author", "newestThoughtMs"::text AS ms FROM "Chain" ORDER BY 1';
const AMONG_ENTRIES = `
  SELECT c."author", max(e."receivedAtMs")::text AS ms FROM "Chain" c
  LEFT JOIN "Entry" e ON e."author" = c."author" AND e."type" = 2 GROUP BY 1 ORDER BY 1`;

let relay: TestRelay;
let alice: Author;
beforeAll(async () => {
  relay = await createTestRelay();
  alice = await createAuthor(relay);
  await createAuthor(relay);
});
afterAll(() => relay.close());

async function expectTrue(): Promise<unknown[]> {
  const rows = await relay.sql(BESIDE_HEADS);
  expect(rows).toEqual(await relay.sql(AMONG_ENTRIES));
  return rows;
}

describe("beside the head of a chain stands when its newest thought was received", () => {
  test("however it was appended, and whatever followed it", async () => {
    const seen = new Set([JSON.stringify(await expectTrue())]);
    const steps = [
      () => alice.write("without a lock"),
      appendLocked,
      () => alice.rotate(),
      () => alice.write("in the next epoch"),
      withdrawNewest,
    ];
    for (const step of steps) {
      relay.clock.ms += 1000;
      await step();
      seen.add(JSON.stringify(await expectTrue()));
    }
    // Four thoughts move it; an epoch and a tombstone do not.
    expect(seen.size).toBe(1 + 4);
  });

  test("for chains that are older than the column, too", async () => {
    const before = await expectTrue();
    await relay.sql('ALTER TABLE "Chain" DROP COLUMN "newestThoughtMs"');
    for (const statement of (await readFile(MIGRATION, "utf8")).trim().split(/;\n/)) await relay.sql(statement);
    expect(await expectTrue()).toEqual(before);
  });
});

async function appendLocked(): Promise<void> {
  const thought = alice.thought("under the lock");
  const tools = { receiptSigner: createReceiptSigner(new Uint8Array(32)), clock: { nowMs: () => relay.clock.ms }, restorations: 0 };
  await relay.unitOfWork.run(async (repositories) => {
    const [chain] = await repositories.chains.lock(alice.userId);
    await appendEntries(repositories, tools, chain, [parseEntry(thought.bytes)]);
  });
  alice.moveTo(thought);
}

async function withdrawNewest(): Promise<void> {
  const thought = alice.thought("not for long");
  await relay.services.thoughts.create(alice.viewer, thought.bytes);
  alice.moveTo(thought);
  const before = await expectTrue();
  relay.clock.ms += 1000;
  const tombstone = alice.tombstone(thought.entryHash);
  await relay.services.thoughts.withdraw(alice.viewer, tombstone.bytes);
  expect(await expectTrue()).toEqual(before);
}
