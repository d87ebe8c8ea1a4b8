import { beforeAll, describe, expect, it } from "vitest";
import { checkEntry, type CheckedParts, type CheckName } from "../../src/client/check-entry.ts";
import { ready, verifyOutline } from "../../src/crypto/index.ts";
import { createReceipt } from "../../src/crypto/relay/index.ts";
import { EntryType, parseEntry, parseWithdrawnEntry, SIGNED_HEADER_BYTES, type Entry } from "../../src/protocol/index.ts";
import { filled, withByte } from "../crypto/support/bytes.ts";
import { ChainWriter } from "../crypto/support/chain-writer.ts";
import { createPerson } from "../crypto/support/person.ts";
import { relayKey } from "../crypto/support/samples.ts";

beforeAll(ready);

const THOUGHT_SEQ = 3;

/** The second of three thoughts, with everything that its checks need. */
function thoughtParts(): CheckedParts & { entry: Entry; thoughtKey: Uint8Array } {
  const person = createPerson();
  const writer = ChainWriter.begin(person);
  for (const text of ["one", "two", "three"]) writer.think(text);
  const relay = relayKey();
  const hashAt = (seq: number): Uint8Array => writer.entries[seq]!.entryHash;
  const entryAt = (seq: number): Entry => parseEntry(writer.bytes[seq]!);
  return {
    outline: verifyOutline(person.userId, writer.bytes.slice(0, 2)),
    entry: entryAt(THOUGHT_SEQ),
    hash: hashAt(THOUGHT_SEQ),
    previous: hashAt(THOUGHT_SEQ - 1),
    next: entryAt(THOUGHT_SEQ + 1),
    receipt: createReceipt(relay.secretKey, { author: person.userId, seq: THOUGHT_SEQ, entryHash: hashAt(THOUGHT_SEQ), relayMs: 1 }),
    relayKey: relay.publicKey,
    thoughtKey: writer.thoughtKey,
  };
}

const failedOf = (parts: CheckedParts): CheckName[] =>
  checkEntry(parts)
    .filter(({ holds }) => !holds)
    .map(({ name }) => name);

describe("the checks of an entry", () => {
  it("all hold for a thought at its place", () => {
    const checks = checkEntry(thoughtParts());
    expect(checks.map(({ name }) => name)).toEqual(["signature", "chain", "epoch", "payload", "receipt", "key", "seal"]);
    expect(checks.every(({ holds }) => holds)).toBe(true);
  });

  it.each<[string, CheckName[], (parts: ReturnType<typeof thoughtParts>) => Partial<CheckedParts>]>([
    ["another signature", ["signature"], ({ entry }) => ({ entry: { ...entry, signature: withByte(entry.signature, 0) } })],
    ["another author's card", ["signature"], ({ outline }) => ({ outline: { ...outline, cards: [{ ...outline.cards[0]!, card: createPerson().card }] } })],
    ["another entry before it", ["chain"], () => ({ previous: filled(32, 1) })],
    ["no entry before it", ["chain"], () => ({ previous: undefined })],
    ["an entry behind it that names another one", ["chain"], ({ next }) => ({ next: { ...next!, prev: filled(32, 1) } })],
    ["an epoch that is not in force", ["epoch", "key"], ({ entry }) => ({ entry: { ...entry, epoch: 1 } })],
    ["another payload", ["payload", "seal"], ({ entry }) => ({ entry: { ...entry, payload: withByte(entry.payload, 0) } })],
    ["no receipt", ["receipt"], () => ({ receipt: undefined })],
    ["another relay's receipt", ["receipt"], () => ({ relayKey: relayKey().publicKey })],
    ["a receipt for another entry", ["receipt"], () => receiptAt(9)],
    ["no key", ["key", "seal"], () => ({ thoughtKey: undefined })],
    ["another key", ["key", "seal"], () => ({ thoughtKey: filled(32, 1) })],
  ])("%s fails where it should", (_name, failed, change) => {
    const parts = thoughtParts();
    expect(failedOf({ ...parts, ...change(parts) })).toEqual(failed);
  });

  it("say nothing of what a withdrawn thought has no more", () => {
    const parts = thoughtParts();
    const withdrawn = { ...parts, entry: parseWithdrawnEntry(parts.entry.bytes.slice(0, SIGNED_HEADER_BYTES)) };
    expect(checkEntry(withdrawn)).toEqual(["signature", "chain", "epoch", "receipt"].map((name) => ({ name, holds: true })));
  });

  it("hold for the entries that a chain begins with", () => {
    const person = createPerson();
    const writer = ChainWriter.begin(person);
    const parts = { ...thoughtParts(), outline: verifyOutline(person.userId, writer.bytes), receipt: undefined };
    for (const [seq, type] of [EntryType.CARD, EntryType.EPOCH].entries()) {
      const entry = parseEntry(writer.bytes[seq]!);
      expect(entry.type).toBe(type);
      expect(failedOf({ ...parts, entry, hash: writer.entries[seq]!.entryHash, previous: writer.entries[seq - 1]?.entryHash, next: undefined })).toEqual(["receipt"]);
    }
  });
});

function receiptAt(seq: number): Pick<CheckedParts, "receipt" | "relayKey"> {
  const relay = relayKey();
  return { receipt: createReceipt(relay.secretKey, { author: filled(32, 1), seq, entryHash: filled(32, 1), relayMs: 1 }), relayKey: relay.publicKey };
}
