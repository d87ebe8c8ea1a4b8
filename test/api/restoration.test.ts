import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { opaqueReady, ready } from "../../src/crypto/index.ts";
import { type Author, createAuthor } from "../support/author.ts";
import { expectRefused, expectRefusedUnchanged } from "../support/refusals.ts";
import { createTestRelay, type TestRelay } from "../support/test-relay.ts";

let relay: TestRelay;
let alice: Author;
beforeAll(async () => {
  await Promise.all([ready(), opaqueReady()]);
  relay = await createTestRelay({ restorations: 3 });
});
afterAll(() => relay.close());
beforeEach(async () => {
  alice = await createAuthor(relay);
  await alice.write("before the backup");
});

const restoreBackup = (): Promise<unknown> => relay.sql(`UPDATE "Chain" SET "restoration" = 2`);
const showNewest = async (): Promise<unknown> => relay.services.chains.showReceipt(alice.viewer, await newestReceipt());

async function newestReceipt(): Promise<Uint8Array> {
  const stored = await relay.unitOfWork.repositories.chains.findBySeq(alice.userId, alice.head.seq);
  return stored?.receipt ?? new Uint8Array();
}

test("who came after the restoration owes no receipt", async () => {
  await alice.write("at once");
});

test("a receipt is shown once for each restoration, and counts for all later entries", async () => {
  await restoreBackup();
  await expectRefusedUnchanged(relay, () => alice.write("too early"), "RECEIPT_DUE");
  await expectRefusedUnchanged(relay, () => alice.rotate(), "RECEIPT_DUE");
  expect(await showNewest()).toMatchObject({ seq: alice.head.seq, hash: alice.head.hash });
  await alice.write("now");
  await alice.rotate();
  expect(await relay.unitOfWork.repositories.chains.find(alice.userId)).toMatchObject({ restoration: 3 });
});

test("a receipt of what the relay lost is taken, and the answer is the head that is left", async () => {
  const before = alice.clone();
  const rows = await relay.sql(`SELECT * FROM "Chain" WHERE "author" = '${hex(alice.userId)}'`);
  const kept = rows[0] as { seq: bigint; headHash: Uint8Array };
  await alice.write("lost");
  const receipt = await newestReceipt();
  await relay.sql(`DELETE FROM "Entry" WHERE "author" = '${hex(alice.userId)}' AND "seq" = ${alice.head.seq}`);
  await relay.sql(`UPDATE "Chain" SET "seq" = ${kept.seq}, "headHash" = '${hex(kept.headHash)}', "restoration" = 2 WHERE "author" = '${hex(alice.userId)}'`);
  expect(await relay.services.chains.showReceipt(alice.viewer, receipt)).toMatchObject({ seq: before.head.seq, hash: before.head.hash });
  await before.write("written on");
});

test("an earlier receipt, another author's, and one that is owed to nobody", async () => {
  const first = (await relay.unitOfWork.repositories.chains.findBySeq(alice.userId, 0))?.receipt ?? new Uint8Array();
  const bob = await createAuthor(relay);
  await restoreBackup();
  await expectRefusedUnchanged(relay, () => relay.services.chains.showReceipt(alice.viewer, first), "HEAD_STALE");
  await expectRefusedUnchanged(relay, async () => relay.services.chains.showReceipt(bob.viewer, await newestReceipt()), "SIGNER_NOT_VIEWER");
  await expectRefused(alice.write("still too early"), "RECEIPT_DUE");
  await showNewest();
  const before = await relay.dump();
  await showNewest();
  expect(await relay.dump()).toBe(before);
});

test("what is stored already is answered without a receipt", async () => {
  const known = alice.thought("once");
  await relay.services.thoughts.create(alice.viewer, known.bytes);
  await restoreBackup();
  expect(await relay.services.thoughts.create(alice.viewer, known.bytes)).toMatchObject({ seq: known.seq });
});

function hex(bytes: Uint8Array): string {
  return `\\x${Buffer.from(bytes).toString("hex")}`;
}
