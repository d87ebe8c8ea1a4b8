import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { generateBytes, verifyReceipt } from "../../src/crypto/index.ts";
import type { ErrorCode } from "../../src/domain/domain-error.ts";
import { encodeHealPayload, EntryType, parseEntryHeader } from "../../src/protocol/index.ts";
import { type Author, befriend, createAuthor, type Signed } from "../support/author.ts";
import { expectRefused, expectRefusedUnchanged } from "../support/refusals.ts";
import { createTestRelay, type TestRelay } from "../support/test-relay.ts";

let relay: TestRelay;
let alice: Author;
beforeAll(async () => {
  relay = await createTestRelay();
});
afterAll(() => relay.close());
beforeEach(async () => {
  alice = await createAuthor(relay);
});

const create = (author: Author, { bytes }: Pick<Signed, "bytes">) => relay.services.thoughts.create(author.viewer, bytes);
const withdraw = (author: Author, { bytes }: Signed) => relay.services.thoughts.withdraw(author.viewer, bytes);

function changed(bytes: Uint8Array, at: number): Uint8Array {
  const copy = new Uint8Array(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

describe("a thought", () => {
  test("is stored once, with a receipt that the relay's key signed", async () => {
    const signed = alice.thought("first");
    const record = await create(alice, signed);
    expect(record).toMatchObject({ seq: 2, type: EntryType.THOUGHT, epoch: 0 });
    const receipt = verifyReceipt(relay.services.relay.receiptKey, record.receipt, { author: alice.userId, seq: 2, entryHash: signed.entryHash });
    expect(receipt.relayMs).toBe(record.receivedAtMs);
    expect(relay.events.at(-1)).toMatchObject({ kind: "entry", author: alice.userId, seq: 2 });
    expect(await relay.services.chains.getHead(alice.viewer)).toEqual({ author: alice.userId, seq: 2, hash: signed.entryHash, epoch: 0 });
  });

  test("that comes again gets the first receipt and changes nothing, even when the chain went on", async () => {
    const signed = alice.thought("again and again");
    const first = await create(alice, signed);
    alice.moveTo(signed);
    await alice.write("went on");
    relay.clock.ms += 1000;
    const [before, published] = [await relay.dump(), relay.events.length];
    expect((await create(alice, signed)).receipt).toEqual(first.receipt);
    expect(await relay.dump()).toBe(before);
    expect(relay.events.length).toBe(published);
  });

  test("under an id that was used for other bytes is refused with the receipt of what is stored", async () => {
    const entryId = generateBytes(16);
    const stored = await create(alice, alice.thought("one", { entryId }));
    const refusal = await expectRefusedUnchanged(relay, () => create(alice, alice.thought("other", { entryId })), "ENTRY_CONFLICT");
    expect(refusal.details).toEqual({ receipt: stored.receipt });
  });

  test("that does not follow the head is refused with the head", async () => {
    const late = alice.thought("late");
    const written = await alice.write("sooner");
    const refusal = await expectRefusedUnchanged(relay, () => create(alice, late), "HEAD_STALE");
    expect(refusal.details).toEqual({ head: { author: alice.userId, seq: written.seq, hash: written.hash, epoch: 0 } });
    await expectRefused(create(alice, alice.thought("too far", { seq: alice.head.seq + 2 })), "HEAD_STALE");
    await expectRefused(create(alice, alice.thought("elsewhere", { prev: generateBytes(32) })), "HEAD_STALE");
  });

  test("is never received before the one it follows, whatever the relay's clock does", async () => {
    const first = await alice.write("noon");
    relay.clock.ms -= 3_600_000;
    const second = await alice.write("an hour before noon");
    relay.clock.ms += 3_600_000;
    expect(second.receivedAtMs).toBe(first.receivedAtMs);
  });

  const broken: [string, ErrorCode, (author: Author, other: Author) => Signed][] = [
    ["of another author", "SIGNER_NOT_VIEWER", (author, other) => ({ ...other.thought("x"), seq: author.head.seq })],
    ["in another author's name", "SIGNER_NOT_VIEWER", (author, other) => author.thought("x", { author: other.userId })],
    ["whose signature is changed", "SIGNATURE_INVALID", (author) => withBytes(author.thought("x"), (bytes) => changed(bytes, 200))],
    ["whose payload is changed", "ENTRY_INVALID", (author) => withBytes(author.thought("x"), (bytes) => changed(bytes, 400))],
    ["signed by another card", "CARD_STALE", (author) => author.thought("x", { signerCard: generateBytes(32) })],
    ["of a later epoch", "EPOCH_STALE", (author) => author.thought("x", { epoch: 1 })],
    ["of an unknown version", "BYTES_MALFORMED", (author) => withBytes(author.thought("x"), (bytes) => changed(bytes, 0))],
    ["cut short", "BYTES_MALFORMED", (author) => withBytes(author.thought("x"), (bytes) => bytes.subarray(0, 300))],
    ["without a payload", "BYTES_MALFORMED", (author) => withBytes(author.thought("x"), (bytes) => bytes.subarray(0, 234))],
    ["that is empty", "BYTES_MALFORMED", (author) => withBytes(author.thought("x"), () => new Uint8Array())],
    ["that is a HEAL", "ENTRY_INVALID", (author) => author.sign(EntryType.HEAL, encodeHealPayload([generateBytes(32)]))],
    ["that is an EPOCH", "ENTRY_INVALID", (author) => author.rotation().epoch],
    ["that is a TOMBSTONE", "ENTRY_INVALID", (author) => author.tombstone(generateBytes(32))],
  ];
  test.each(broken)("%s is refused with %s, and nothing changes", async (_, code, make) => {
    const other = await createAuthor(relay);
    await expectRefusedUnchanged(relay, () => create(alice, make(alice, other)), code);
    await alice.write("the honest path still works");
  });

  test("waits for a new epoch after a friend left", async () => {
    const bob = await createAuthor(relay);
    const fid = await befriend(alice, bob);
    await bob.unfriend(fid, alice);
    await expectRefusedUnchanged(relay, () => create(alice, alice.thought("too soon")), "EPOCH_STALE");
    await alice.rotate();
    await alice.write("behind a fresh key");
  });
});

function withBytes(signed: Signed, change: (bytes: Uint8Array) => Uint8Array): Signed {
  return { ...signed, bytes: change(signed.bytes) };
}

describe("a tombstone", () => {
  test("takes the sealed text away and leaves what proves the chain", async () => {
    const written = await alice.write("regret");
    const tombstone = alice.tombstone(written.hash);
    const outcome = await withdraw(alice, tombstone);
    expect(outcome.thought).toMatchObject({ seq: written.seq, payload: undefined });
    verifyReceipt(relay.services.relay.receiptKey, outcome.tombstone.receipt, { author: alice.userId, seq: tombstone.seq, entryHash: tombstone.entryHash });

    const stored = await relay.services.thoughts.find(alice.viewer, alice.userId, written.seq);
    expect(stored).toMatchObject({ payload: undefined, signedHeader: written.signedHeader });
    expect(parseEntryHeader(stored?.signedHeader ?? new Uint8Array()).seq).toBe(written.seq);
  });

  test("that comes again gets the same receipt; so does the withdrawn thought", async () => {
    const signed = alice.thought("regret");
    const written = await create(alice, signed);
    alice.moveTo(signed);
    const tombstone = alice.tombstone(written.hash);
    const first = await withdraw(alice, tombstone);
    const before = await relay.dump();
    expect((await withdraw(alice, tombstone)).tombstone.receipt).toEqual(first.tombstone.receipt);
    expect((await create(alice, signed)).receipt).toEqual(written.receipt);
    expect(await relay.dump()).toBe(before);
  });

  test("names a thought of its author that is still there, and nothing else", async () => {
    const bob = await createAuthor(relay);
    const foreign = await bob.write("not yours");
    const epoch = alice.person.head.hash;
    for (const target of [generateBytes(32), foreign.hash, epoch]) {
      await expectRefusedUnchanged(relay, () => withdraw(alice, alice.tombstone(target)), "THOUGHT_NOT_FOUND");
    }
    const written = await alice.write("once");
    const tombstone = alice.tombstone(written.hash);
    await withdraw(alice, tombstone);
    alice.moveTo(tombstone);
    await expectRefusedUnchanged(relay, () => withdraw(alice, alice.tombstone(written.hash)), "THOUGHT_NOT_FOUND");
    await expectRefusedUnchanged(relay, () => withdraw(alice, alice.thought("no tombstone")), "ENTRY_INVALID");
  });
});
