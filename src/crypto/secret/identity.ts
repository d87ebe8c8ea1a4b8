import {
  BOX_SEED_BYTES,
  concatBytes,
  encodeCardBody,
  HASH_BYTES,
  KEM_SEED_BYTES,
  parseCard,
  SIGN_SEED_BYTES,
  type Card,
  type CardHash,
  type UserId,
} from "../../protocol/index.ts";
import { cardHashOf, userIdOf } from "../public/ids.ts";
import { sign, type SigningKeyPair } from "../sign.ts";
import { sodium } from "../sodium.ts";
import { generateBytes } from "./random.ts";

/** What the vault keeps of one card version: 32, 32 and 64 random bytes (PROTOCOL.md §6). */
export interface IdentitySeeds {
  signSeed: Uint8Array;
  boxSeed: Uint8Array;
  kemSeed: Uint8Array;
}

export interface SealingKeyPair {
  publicKey: Uint8Array;
  secretKey: Uint8Array;
}

/** Three independent key pairs, one job each: Ed25519, X25519 and ML-KEM-768 (PROTOCOL.md §2). */
export interface Identity {
  sign: SigningKeyPair;
  box: SealingKeyPair;
  kem: SealingKeyPair;
}

export function generateIdentitySeeds(): IdentitySeeds {
  return {
    signSeed: generateBytes(SIGN_SEED_BYTES),
    boxSeed: generateBytes(BOX_SEED_BYTES),
    kemSeed: generateBytes(KEM_SEED_BYTES),
  };
}

export function deriveIdentity({ signSeed, boxSeed, kemSeed }: IdentitySeeds): Identity {
  return {
    sign: keyPairOf(sodium.crypto_sign_seed_keypair(signSeed)),
    box: keyPairOf(sodium.crypto_box_seed_keypair(boxSeed)),
    kem: keyPairOf(sodium.crypto_kem_mlkem768_seed_keypair(kemSeed)),
  };
}

/** The first card of a new user, 1357 bytes, and the user id that it proves (PROTOCOL.md §2). */
export function createFirstCard(identity: Identity, createdMs: number): { card: Card; userId: UserId; cardHash: CardHash } {
  const body = encodeCardBody({
    cardVersion: 1,
    createdMs,
    prevCardHash: new Uint8Array(HASH_BYTES),
    ...publicKeysOf(identity),
  });
  const card = parseCard(concatBytes(body, sign(identity.sign.secretKey, "card", body)));
  return { card, userId: userIdOf(card), cardHash: cardHashOf(card) };
}

/** The card that continues the previous one under new keys, 1421 bytes, signed by both (PROTOCOL.md §2). */
export function createNextCard(
  identity: Identity,
  previousIdentity: Identity,
  previousCard: Card,
  createdMs: number,
): { card: Card; cardHash: CardHash } {
  const body = encodeCardBody({
    cardVersion: previousCard.cardVersion + 1,
    createdMs,
    prevCardHash: cardHashOf(previousCard),
    ...publicKeysOf(identity),
  });
  const signature = sign(identity.sign.secretKey, "card", body);
  const previousSignature = sign(previousIdentity.sign.secretKey, "card-next", body);
  const card = parseCard(concatBytes(body, signature, previousSignature));
  return { card, cardHash: cardHashOf(card) };
}

/** The public keys as a card holds them. */
export function publicKeysOf({ sign: signing, box, kem }: Identity): Pick<Card, "signPk" | "boxPk" | "kemPk"> {
  return { signPk: signing.publicKey, boxPk: box.publicKey, kemPk: kem.publicKey };
}

function keyPairOf({ publicKey, privateKey }: { publicKey: Uint8Array; privateKey: Uint8Array }): SealingKeyPair {
  return { publicKey, secretKey: privateKey };
}
