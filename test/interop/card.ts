import { type Bytes, concat, demand, equal, fieldsOf, isZero, refuseAs, u32, u64, u8 } from "./bytes.ts";
import { boxKeysOf, encapsulate, hash, kemKeysOf, sealBox, sign, signPublicKey, verifySignature } from "./primitives.ts";

/** An identity card (PROTOCOL.md §2). */
export interface Card {
  bytes: Bytes;
  hash: Bytes;
  /** Of a first card, the user id. */
  bodyHash: Bytes;
  cardVersion: number;
  createdMs: number;
  signKey: Bytes;
  boxKey: Bytes;
  kemKey: Bytes;
}

/** A card that was verified, and whose it is. */
export interface Owner {
  userId: Bytes;
  card: Bytes;
}

export interface Seeds {
  signSeed: Bytes;
  boxSeed: Bytes;
  kemSeed: Bytes;
}

const BODY = 1293;
const FIRST = 1357;
const CONTINUATION = 1421;

export const parseCard = (bytes: Bytes): Card => parse(bytes).card;

function parse(bytes: Bytes): { card: Card; previousHash: Bytes; ownSignature: Bytes; previousSignature: Bytes } {
  const fields = fieldsOf(bytes, 1, FIRST, CONTINUATION);
  fields.bytes(1);
  const cardVersion = fields.number(4);
  const createdMs = fields.number(8);
  const previousHash = fields.bytes(32);
  const keys = { signKey: fields.bytes(32), boxKey: fields.bytes(32), kemKey: fields.bytes(1184) };
  const isFirst = bytes.length === FIRST;
  demand(isFirst === (cardVersion === 1) && isFirst === isZero(previousHash) && cardVersion > 0, "bad-card");
  const card = { bytes, hash: hash("card", bytes), bodyHash: hash("user", bytes.slice(0, BODY)), cardVersion, createdMs, ...keys };
  return { card, previousHash, ownSignature: fields.bytes(64), previousSignature: fields.rest() };
}

/** A first card, or the continuation of a verified one. */
export function verifyCard(bytes: Bytes, previous?: Card): Card {
  const { card, previousHash, ownSignature, previousSignature } = parse(bytes);
  const body = bytes.slice(0, BODY);
  verifySignature(card.signKey, "card", body, ownSignature);
  const isFirst = bytes.length === FIRST;
  demand(isFirst === (previous === undefined), "bad-card");
  if (previous) {
    demand(card.cardVersion === previous.cardVersion + 1 && equal(previousHash, previous.hash), "bad-card");
    verifySignature(previous.signKey, "card-next", body, previousSignature);
  }
  refuseAs("unusable-card", () => [sealBox(boxKeysOf(new Uint8Array(32)), card.boxKey, new Uint8Array(64)), encapsulate(card.kemKey, new Uint8Array(32))]);
  return card;
}

export function createCard(seeds: Seeds, createdMs: number, previous?: { card: Card; signSeed: Bytes }): Card {
  const body = concat(
    u8(1),
    u32(previous ? previous.card.cardVersion + 1 : 1),
    u64(createdMs),
    previous?.card.hash ?? new Uint8Array(32),
    signPublicKey(seeds.signSeed),
    boxKeysOf(seeds.boxSeed).publicKey,
    kemKeysOf(seeds.kemSeed).publicKey,
  );
  const own = sign(seeds.signSeed, "card", body);
  return parseCard(previous ? concat(body, own, sign(previous.signSeed, "card-next", body)) : concat(body, own));
}

/** Half of a safety number: 5200 rounds, then six groups of five digits. */
export function fingerprint(userId: Bytes, cardHash: Bytes): string {
  let digest: Bytes = new Uint8Array(32);
  for (let round = 0; round < 5200; round++) digest = hash("safety", digest, userId, cardHash);
  return Array.from({ length: 6 }, (_, group) => {
    const value = digest.slice(5 * group, 5 * group + 5).reduce((sum, byte) => sum * 256 + byte, 0);
    return String(value % 100_000).padStart(5, "0");
  }).join(" ");
}
