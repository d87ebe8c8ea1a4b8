import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import type { Account } from "../../src/client/index.ts";
import { sign } from "../../src/crypto/sign.ts";
import { sodium } from "../../src/crypto/sodium.ts";
import { createForkProof, createNextCard, deriveIdentity, entryHashOf, generateIdentitySeeds } from "../../src/crypto/index.ts";
import { concatBytes, encodeReceipt, encodeReceiptConflict, ENTRY_HEADER_BYTES, HASH_BYTES, parseReceipt, parseEntryHeader, SIGNED_HEADER_BYTES, u16, u8, type EntryHeader } from "../../src/protocol/index.ts";
import type { Signed } from "../support/author.ts";
import type { Member } from "../support/member.ts";
import { createStage } from "./harness/attack.ts";
import type { Scene } from "./harness/scene.ts";
import { share } from "./harness/share.ts";

// Somebody hands over a proof against the innocent: what convicts nobody must not look as if it did.
const attack = createStage();

interface Case {
  /** Who is accused, and has signed two entries for one place. */
  accused: Member;
  accuser: Member;
  first: Uint8Array;
  second: Uint8Array;
  proof: Uint8Array;
}

const headerOf = ({ bytes }: Signed): EntryHeader => parseEntryHeader(bytes.subarray(0, SIGNED_HEADER_BYTES));

async function open(scene: Scene): Promise<Case> {
  const [accused, accuser] = [await scene.accomplice(), await scene.accomplice()];
  const { hand } = accused;
  const proof = createForkProof([hand.person.card], headerOf(hand.thought("one")), headerOf(hand.thought("two")));
  return { accused, accuser, first: proof.slice(-2 * SIGNED_HEADER_BYTES, -SIGNED_HEADER_BYTES), second: proof.slice(-SIGNED_HEADER_BYTES), proof };
}

/** A proof as PROTOCOL.md §3 lays it out, whatever it holds. */
function proofWith(cards: Uint8Array[], first: Uint8Array, second: Uint8Array): Uint8Array {
  return concatBytes(u8(1), u16(cards.length), ...cards, first, second);
}

const cardOf = ({ hand }: Member): Uint8Array => hand.person.card.bytes;
const signed = ({ bytes }: Signed): Uint8Array => bytes.slice(0, SIGNED_HEADER_BYTES);
const flipLast = (bytes: Uint8Array): Uint8Array => Uint8Array.from(bytes, (byte, index) => (index === bytes.length - 1 ? byte ^ 1 : byte));

/** A card after the accused's, which the accuser signed in their place. */
function foreignContinuation({ accused, accuser }: Case): Uint8Array {
  const { card } = accused.hand.person;
  return createNextCard(deriveIdentity(generateIdentitySeeds()), accuser.hand.person.identity, card, 2).card.bytes;
}

const forks: [name: string, refusal: string, forge: (found: Case) => Uint8Array][] = [
  ["of an unknown version", "unknown-version", ({ proof }) => concatBytes(u8(2), proof.subarray(1))],
  ["without a card", "bad-value", ({ first, second }) => proofWith([], first, second)],
  ["with a byte behind it", "bad-length", ({ proof }) => concatBytes(proof, u8(0))],
  ["with a card that the one before it did not sign", "bad-sig", (found) => proofWith([cardOf(found.accused), foreignContinuation(found)], found.first, found.second)],
  ["from an entry of each of two people", "bad-author", ({ accused, accuser, first }) => proofWith([cardOf(accused)], first, signed(accuser.hand.thought("by another")))],
  ["from an entry of nobody's card", "bad-signer", ({ accused, first }) => proofWith([cardOf(accused)], first, signed(accused.hand.thought("unknown", { signerCard: randomBytes(HASH_BYTES) })))],
  ["from an entry that was not signed", "bad-sig", ({ proof }) => flipLast(proof)],
  ["with a card to spare", "bad-card", ({ accused, first, second }) => proofWith([cardOf(accused), accused.hand.cardChange().renewed.card.bytes], first, second)],
  ["from entries of two places", "no-conflict", ({ accused }) => proofWith([cardOf(accused)], ...ofTwoPlaces(accused))],
  ["from one entry twice", "no-conflict", ({ accused, first }) => proofWith([cardOf(accused)], first, first)],
  ["in the other order", "no-conflict", ({ accused, first, second }) => proofWith([cardOf(accused)], second, first)],
];

/** Two lawful entries, in the order of their hashes. */
function ofTwoPlaces({ hand }: Member): [Uint8Array, Uint8Array] {
  const [here, there] = [signed(hand.thought("here")), signed(hand.thought("there", { seq: hand.head.seq + 2 }))];
  const hashOf = (header: Uint8Array): Uint8Array => entryHashOf(header.subarray(0, ENTRY_HEADER_BYTES));
  return Buffer.compare(hashOf(here), hashOf(there)) < 0 ? [here, there] : [there, here];
}

/** Whom the proof convicts for somebody who gets it. */
async function verdictOf(judge: Account, proof: Uint8Array): Promise<void> {
  judge.proofs.check(proof);
}

for (const [name, refusal, forge] of forks) {
  attack(`the proof of a fork ${name}`, { refusal }, async (scene) => {
    const found = await open(scene);
    const judge = await scene.register("judge");
    await scene.refused(verdictOf(judge, forge(found)));
    await scene.honest(async () => expect(judge.proofs.check(found.proof)).toMatchObject({ kind: "fork", author: found.accused.userId }));
  });
}

interface Stored {
  author: Uint8Array;
  seq: number;
  entryHash: Uint8Array;
}

const hashes = [Buffer.alloc(HASH_BYTES, 1), Buffer.alloc(HASH_BYTES, 2)] as const;

const conflicts: [name: string, refusal: string, bend: (first: Stored, second: Stored) => [Stored, Stored], change?: (proof: Uint8Array) => Uint8Array][] = [
  ["of an unknown version", "unknown-version", (...both) => both, (proof) => concatBytes(u8(2), proof.subarray(1))],
  ["that the relay did not sign", "bad-sig", (...both) => both, flipLast],
  ["for two chains", "no-conflict", (first, second) => [first, { ...second, author: randomBytes(HASH_BYTES) }]],
  ["for two places", "no-conflict", (first, second) => [first, { ...second, seq: second.seq + 1 }]],
  ["for one entry twice", "no-conflict", (first) => [first, first]],
  ["in the other order", "no-conflict", (first, second) => [second, first]],
];

for (const [name, refusal, bend, change = (proof: Uint8Array) => proof] of conflicts) {
  attack(`two receipts ${name}`, { refusal }, async (scene) => {
    const judge = await scene.register("judge");
    const [first, second] = hashes.map((entryHash): Stored => ({ author: judge.userId, seq: 2, entryHash })) as [Stored, Stored];
    const proofOf = (...both: [Stored, Stored]): Uint8Array => {
      const [a, b] = both.map((stored) => parseReceipt(scene.stage.receiptFor(stored)));
      return encodeReceiptConflict({ first: a!, second: b! });
    };
    await scene.refused(verdictOf(judge, change(proofOf(...bend(first, second)))));
    await scene.honest(async () => expect(judge.proofs.check(proofOf(first, second))).toMatchObject({ kind: "receipts" }));
  });
}

const judges = share((scene) => scene.register("judge"));

/** Two receipts as PROTOCOL.md §3 lays them out, signed in any way. */
function receiptsWith(judge: Account, signBody: (body: Uint8Array) => Uint8Array): Uint8Array {
  const bodies = hashes.map((entryHash) => encodeReceipt({ author: judge.userId, seq: 2, entryHash, relayMs: 1 }));
  return concatBytes(u8(1), ...bodies.map((body) => concatBytes(body, signBody(body))));
}

attack("two receipts with a byte behind them", { refusal: "bad-value" }, async (scene) => {
  const judge = await scene.register("judge");
  const proof = receiptsWith(judge, (body) => sign(scene.stage.receiptKey.secretKey, "receipt", body));
  await scene.refused(verdictOf(judge, concatBytes(proof, u8(0))));
  await scene.honest(async () => expect(judge.proofs.check(proof)).toMatchObject({ kind: "receipts" }));
});

attack("two receipts that were signed as nothing in particular", { refusal: "bad-sig" }, async (scene) => {
  const judge = await judges.meet(scene);
  const { secretKey } = scene.stage.receiptKey;
  await scene.refused(verdictOf(judge, receiptsWith(judge, (body) => sodium.crypto_sign_detached(body, secretKey))));
  await scene.honest(async () => expect((await scene.loginHonestly(judge)).proofs.check(receiptsWith(judge, (body) => sign(secretKey, "receipt", body)))).toMatchObject({ kind: "receipts" }));
});
