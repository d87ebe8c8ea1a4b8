import { createHash } from "node:crypto";
import {
  createFirstCard,
  createNextCard,
  deriveIdentity,
  type CardOwner,
  type Identity,
  type IdentitySeeds,
} from "../../../src/crypto/index.ts";
import type { Card, CardHash, UserId } from "../../../src/protocol/index.ts";
import { toHex } from "../hex.ts";
import type { OwnerInput, SeedsInput } from "../operations/identity.ts";

/** Bytes that look random and are the same at every run. */
export function bytesFor(purpose: string, length = 32): Uint8Array {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, index) =>
    createHash("sha256").update(`peerbrain vectors, ${purpose}, ${index}`).digest(),
  );
  return new Uint8Array(Buffer.concat(blocks).subarray(0, length));
}

export function filled(length: number, value: number): Uint8Array {
  return new Uint8Array(length).fill(value);
}

/** A copy with one byte changed; a negative index counts from the end. */
export function withByte(bytes: Uint8Array, index: number, change = 1): Uint8Array {
  const changed = new Uint8Array(bytes);
  const at = index < 0 ? bytes.length + index : index;
  changed[at] = (changed[at] ?? 0) ^ change;
  return changed;
}

/** A copy with the part at this offset replaced. */
export function withPart(bytes: Uint8Array, offset: number, part: Uint8Array): Uint8Array {
  const changed = new Uint8Array(bytes);
  changed.set(part, offset);
  return changed;
}

export const CREATED_MS = 1_700_000_000_000;

/** Somebody with keys and a card, always the same for a name. */
export interface Person extends CardOwner {
  userId: UserId;
  seeds: IdentitySeeds;
  identity: Identity;
  card: Card;
  cardHash: CardHash;
}

function seedsFor(name: string): IdentitySeeds {
  return { signSeed: bytesFor(`${name} sign`), boxSeed: bytesFor(`${name} box`), kemSeed: bytesFor(`${name} kem`, 64) };
}

export function person(name: string): Person {
  const seeds = seedsFor(name);
  const identity = deriveIdentity(seeds);
  return { seeds, identity, ...createFirstCard(identity, CREATED_MS) };
}

/** The same person with a continuation of the card, under keys of this name. */
export function withNextCard(before: Person, name: string): Person {
  const seeds = seedsFor(name);
  const identity = deriveIdentity(seeds);
  return { ...before, seeds, identity, ...createNextCard(identity, before.identity, before.card, CREATED_MS + 1000) };
}

export const owner = ({ userId, card }: CardOwner): OwnerInput => ({ userId: toHex(userId), card: toHex(card.bytes) });

export const seedsInput = ({ signSeed, boxSeed, kemSeed }: IdentitySeeds): SeedsInput => ({
  signSeed: toHex(signSeed),
  boxSeed: toHex(boxSeed),
  kemSeed: toHex(kemSeed),
});
