import { beforeAll, describe, expect, it } from "vitest";
import { createForkProof, createObservation, createReceiptConflict, entryHashOf, openObservation, ready, verifyForkProof, verifyReceiptConflict, verifySplitProof } from "../../src/crypto/index.ts";
import { createCheckpoint, createReceipt, deriveReceiptKey } from "../../src/crypto/relay/index.ts";
import * as p from "../../src/protocol/index.ts";
import { ChainTwin } from "../vectors/build/chain-twin.ts";
import { person, withNextCard } from "../vectors/build/material.ts";
import { filled } from "./support/bytes.ts";
import { expectRefusal } from "./support/refusal.ts";

beforeAll(ready);

const headerOf = ({ bytes }: { bytes: Uint8Array }): p.EntryHeader => p.parseEntryHeader(bytes.subarray(0, p.SIGNED_HEADER_BYTES));

describe("the proof of a fork", () => {
  it("is the same whichever entry is named first", () => {
    const alice = person("alice");
    const chain = ChainTwin.begin(alice);
    const [one, two] = ["one", "two"].map((text) => headerOf(chain.signThought(text))) as [p.EntryHeader, p.EntryHeader];
    const proof = createForkProof([alice.card], one, two);
    expect(createForkProof([alice.card], two, one)).toStrictEqual(proof);
    const { first, second } = verifyForkProof(proof).proof;
    expect(p.compareBytes(entryHashOf(first.header), entryHashOf(second.header))).toBeLessThan(0);
  });

  it("holds the cards up to the newest signer, and none behind", () => {
    const alice = person("alice");
    const renewed = withNextCard(alice, "next");
    const chain = ChainTwin.begin(alice);
    const [one, two] = ["one", "two"].map((text) => headerOf(chain.signThought(text))) as [p.EntryHeader, p.EntryHeader];
    expect(verifyForkProof(createForkProof([alice.card, renewed.card], one, two)).proof.cards).toHaveLength(1);
  });

  it("has no room for more cards than anybody has", () => {
    const { card } = person("alice");
    const header = headerOf(ChainTwin.begin(person("alice")).signThought("one"));
    const encode = (count: number): Uint8Array => p.encodeForkProof({ cards: Array.from({ length: count }, () => card), first: header, second: header });
    expect(() => encode(0)).toThrow(RangeError);
    expect(() => encode(p.MAX_OWN_CARDS + 1)).toThrow(RangeError);
    expect(encode(p.MAX_OWN_CARDS).length).toBe(3 + p.MAX_OWN_CARDS * p.CARD_BYTES + 2 * p.SIGNED_HEADER_BYTES);
  });
});

const relay = () => deriveReceiptKey(filled(32, 5));

describe("two receipts", () => {
  it("are the same proof whichever is named first", () => {
    const { secretKey, publicKey } = relay();
    const receipts = [1, 2].map((value) => p.parseReceipt(createReceipt(secretKey, { author: filled(32, 9), seq: 3, entryHash: filled(32, value), relayMs: 4 }))) as [p.Receipt, p.Receipt];
    const proof = createReceiptConflict(publicKey, ...receipts);
    expect(createReceiptConflict(publicKey, receipts[1], receipts[0])).toStrictEqual(proof);
    expect(verifyReceiptConflict(publicKey, proof).first.entryHash).toStrictEqual(filled(32, 1));
    expectRefusal("no-conflict", () => createReceiptConflict(publicKey, receipts[0], receipts[0]));
  });
});

describe("the proof of a split view", () => {
  it("comes back as it was written", () => {
    const [older, newer] = [1, 2].map((value) => createCheckpoint(relay(), { size: 1, root: filled(32, value), relayMs: 1 })) as [Uint8Array, Uint8Array];
    const proof = verifySplitProof(relay().publicKey, p.encodeSplitProof({ older, newer, path: [] }));
    expect([proof.older.bytes, proof.newer.bytes]).toStrictEqual([older, newer]);
    const path = Array.from({ length: p.MAX_LOG_PATH }, (_, index) => filled(32, index));
    expect(p.parseSplitProof(p.encodeSplitProof({ older, newer, path })).path).toStrictEqual(path);
    expect(() => p.encodeSplitProof({ older: older.slice(1), newer, path: [] })).toThrow(RangeError);
    expect(() => p.encodeSplitProof({ older, newer, path: [filled(31, 1)] })).toThrow(RangeError);
  });

  it("needs checkpoints, of which an empty log has none", () => {
    expect(() => createCheckpoint(relay(), { size: 0, root: filled(32, 1), relayMs: 1 })).toThrow(RangeError);
    expect(p.parseCheckpoint(createCheckpoint(relay(), { size: 1, root: filled(32, 1), relayMs: 1 })).size).toBe(1);
  });
});

describe("an observation", () => {
  it("tells whoever holds the key of the chain how far it was read", () => {
    const place = { observer: filled(32, 1), entryId: filled(16, 2) };
    const made = createObservation(filled(32, 3), place, { seq: 7, hash: filled(32, 4) });
    expect(made).toHaveLength(p.OBSERVATION_BYTES);
    expect(openObservation(filled(32, 3), place, made)).toStrictEqual({ seq: 7, hashStart: filled(16, 4) });
    expectRefusal("bad-seal", () => openObservation(filled(32, 5), place, made));
  });
});

describe("small things that everything else stands on", () => {
  it("say what they are", () => {
    expect(String(new p.ProtocolError("bad-card"))).toBe("ProtocolError: bad-card");
    expect(String(new p.ProtocolError("bad-card", "why"))).toBe("ProtocolError: bad-card: why");
    expect(p.idKey(Uint8Array.of(1, 2, 3))).toBe("AQID");
    expect(p.encodeDomain("card")).toBe(p.encodeDomain("card"));
  });

  it("are spelt in one way in a link", () => {
    const fields = { relay: "https://example.org:65535", userId: filled(32, 1), cardHash: filled(32, 2) };
    expect(p.parseInviteLink(p.encodeInviteLink(fields))).toStrictEqual(fields);
    expect(Object.keys(p.parseInviteLink(p.encodeInviteLink({ ...fields, username: "alice" })))).toContain("username");
  });
});
