import { randomBytes } from "node:crypto";
import { createFirstCard, createNextCard, deriveIdentity, generateIdentitySeeds, type Identity } from "../../src/crypto/index.ts";
import { hash } from "../../src/crypto/public/hash.ts";
import { sign } from "../../src/crypto/sign.ts";
import { concatBytes, encodeBase64url, type Card } from "../../src/protocol/index.ts";
import { createStage } from "./harness/attack.ts";

// Whoever runs the relay can invent a person: every card of theirs is checked before anything is sealed to it.
const attack = createStage();

const BODY_BYTES = 1293;
const CARD_VERSION = 1;
const PREVIOUS_HASH = 13;
const BOX_PK = 77;
const KEM_PK = 109;

interface Invented {
  identity: Identity;
  card: Card;
}

function invent(): Invented {
  const identity = deriveIdentity(generateIdentitySeeds());
  return { identity, card: createFirstCard(identity, 1).card };
}

/** A card with another body, signed again by its own key. */
function signAgain({ identity }: Invented, bytes: Uint8Array, change: (body: Buffer) => void, length = BODY_BYTES + 64): Uint8Array {
  const body = Buffer.from(bytes.subarray(0, BODY_BYTES));
  change(body);
  return concatBytes(body, sign(identity.sign.secretKey, "card", body), bytes.subarray(BODY_BYTES + 64, length));
}

function next(previous: Invented, by = previous): Invented & { bytes: Uint8Array } {
  const identity = deriveIdentity(generateIdentitySeeds());
  const { card } = createNextCard(identity, by.identity, previous.card, 2);
  return { identity, card, bytes: card.bytes };
}

const first = (change: (body: Buffer) => void) => (): Uint8Array[] => {
  const invented = invent();
  return [signAgain(invented, invented.card.bytes, change)];
};

const rows: [name: string, refusal: string, cards: () => Uint8Array[]][] = [
  ["a card of an unknown version", "unknown-version", first((body) => body.writeUInt8(2, 0))],
  ["a card cut short", "bad-length", () => [invent().card.bytes.slice(0, -1)]],
  ["a first card with a later number", "bad-card", first((body) => body.writeUInt32BE(2, CARD_VERSION))],
  ["a first card that names one before it", "bad-card", first((body) => void randomBytes(32).copy(body, PREVIOUS_HASH))],
  ["a card that its own key did not sign", "bad-sig", () => [concatBytes(invent().card.bytes.subarray(0, BODY_BYTES), randomBytes(64))]],
  ["a card with a box key of low order", "unusable-card", first((body) => void body.fill(0, BOX_PK, KEM_PK))],
  ["a card with coefficients outside of ML-KEM's field", "unusable-card", first((body) => void body.fill(0xff, KEM_PK, BODY_BYTES))],
  ["a continuation without the card before it", "bad-card", () => [next(invent()).bytes]],
  ["a continuation that the card before it did not sign", "bad-sig", () => {
    const victim = invent();
    return [victim.card.bytes, next(victim, invent()).bytes];
  }],
  ["a continuation that skips a number", "bad-card", () => {
    const victim = invent();
    const later = next(victim);
    return [victim.card.bytes, signAgain(later, later.bytes, (body) => body.writeUInt32BE(3, CARD_VERSION), later.bytes.length)];
  }],
  ["a continuation of another card", "bad-card", () => {
    const victim = invent();
    const other = { ...victim, card: createFirstCard(victim.identity, 9).card };
    return [victim.card.bytes, next(other).bytes];
  }],
  ["a continuation with a byte behind it", "bad-length", () => {
    const victim = invent();
    return [victim.card.bytes, concatBytes(next(victim).bytes, new Uint8Array(1))];
  }],
  ["a continuation that counts as the first card", "bad-card", () => {
    const later = next(invent());
    return [signAgain(later, later.bytes, (body) => body.writeUInt32BE(1, CARD_VERSION), later.bytes.length)];
  }],
  ["no card at all", "bad-card", () => []],
];

for (const [name, refusal, makeCards] of rows) {
  attack(name, { refusal: `CARD_REFUSED: ${refusal}` }, async (scene) => {
    const [alice, bob] = [await scene.register("alice"), await scene.register("bob")];
    const victim = await scene.login(alice);
    const cards = makeCards();
    const id = encodeBase64url(idOfFirst(cards[0]) ?? bob.userId);
    scene.lies.invent("UserByName", () => ({ userByName: { id, username: bob.username, cards: cards.map((bytes) => ({ bytes: encodeBase64url(bytes) })) } }));
    await scene.refused(victim.friends.request(bob.username));
    await scene.honest(() => victim.friends.request(bob.username));
  });
}

// What no parser takes can be told under the user id that it would have.
function idOfFirst(bytes: Uint8Array | undefined): Uint8Array | undefined {
  return bytes && hash("user", bytes.subarray(0, BODY_BYTES));
}
