import { type Bytes, concat, demand, demandVersion, equal, Fields, refuseAs, u32, u8 } from "./bytes.ts";
import { type Owner, parseCard } from "./card.ts";
import { type Commitments, demandCommitted, thoughtCommitmentOf } from "./epoch.ts";
import { boxKeysOf, decapsulate, deriveKey, encapsulate, hash, kemKeysOf, open, openBox, seal, sealBox, sign, verifySignature } from "./primitives.ts";

const SUITE = 2;
const CONTEXT = 166;
const SIGNED = 1440;
const WHOLE = 1504;

/** A grant (PROTOCOL.md §4): kind 1 holds K, kind 2 holds T. */
export interface Grant {
  kind: number;
  author: Bytes;
  recipient: Bytes;
  n: number;
  commitment: Bytes;
  authorCardHash: Bytes;
  recipientCardHash: Bytes;
  context: Bytes;
  cipherText: Bytes;
  outer: Bytes;
}

export interface Recipient {
  userId: Bytes;
  cardHash: Bytes;
  boxSeed: Bytes;
  kemSeed: Bytes;
}

function parseGrant(bytes: Bytes): Grant {
  demandVersion(bytes, SUITE);
  demand(bytes.length === WHOLE, "bad-length");
  demand(bytes[CONTEXT] === SUITE, "unknown-version");
  const fields = new Fields(bytes);
  fields.bytes(1);
  const kind = fields.number(1);
  demand(kind === 1 || kind === 2, "bad-type");
  const people = { author: fields.bytes(32), recipient: fields.bytes(32) };
  const epoch = { n: fields.number(4), commitment: fields.bytes(32) };
  const cards = { authorCardHash: fields.bytes(32), recipientCardHash: fields.bytes(32) };
  fields.bytes(1);
  return { kind, ...people, ...epoch, ...cards, context: bytes.slice(0, CONTEXT), cipherText: fields.bytes(1088), outer: fields.bytes(185) };
}

const signedPart = (context: Bytes, sealed: Bytes): Bytes => concat(context, hash("grant-blob", sealed));

/** Whose grant it is: anybody can tell. */
export const verifyGrantSignature = (author: Owner, bytes: Bytes): Grant => demandBy(author, bytes, parseGrant(bytes));

function demandBy(author: Owner, bytes: Bytes, grant: Grant): Grant {
  const card = parseCard(author.card);
  demand(equal(grant.author, author.userId), "bad-author");
  demand(equal(grant.authorCardHash, card.hash), "bad-card");
  verifySignature(card.signKey, "grant", signedPart(grant.context, bytes.slice(CONTEXT, SIGNED)), bytes.slice(SIGNED));
  return grant;
}

export function openGrant(bytes: Bytes, author: Owner, epoch: Commitments, recipient: Recipient): { kind: number; n: number; key: Bytes } {
  const grant = parseGrant(bytes);
  demand(equal(grant.recipient, recipient.userId), "bad-grant");
  demandBy(author, bytes, grant);
  demand(equal(grant.recipientCardHash, recipient.cardHash), "bad-card");
  demand(grant.n === epoch.n, "bad-epoch");
  demand(equal(grant.commitment, epoch.commitment), "bad-commit");
  const key = openLayers(grant, recipient);
  if (grant.kind === 1) demandCommitted(key, grant.author, epoch);
  else demand(equal(thoughtCommitmentOf(key, grant.author, grant.n), epoch.thoughtCommitment), "bad-commit");
  return { kind: grant.kind, n: grant.n, key };
}

function openLayers({ context, cipherText, outer }: Grant, { boxSeed, kemSeed }: Recipient): Bytes {
  const kem = kemKeysOf(kemSeed);
  return refuseAs("bad-grant", () => {
    const inner = open(outerKey(decapsulate(cipherText, kem.secretKey), cipherText, kem.publicKey, context), "grant", context, outer);
    const content = openBox(boxKeysOf(boxSeed), inner);
    demand(equal(content.slice(32), hash("grant-ctx", context)), "bad-grant");
    return content.slice(0, 32);
  });
}

const outerKey = (secret: Bytes, cipherText: Bytes, kemKey: Bytes, context: Bytes): Bytes => deriveKey(secret, "grant-kem", cipherText, kemKey, context);

export interface GrantFields {
  kind: number;
  key: Bytes;
  author: Bytes;
  authorCardHash: Bytes;
  recipient: Bytes;
  recipientCard: Bytes;
  n: number;
  commitment: Bytes;
  signSeed: Bytes;
  /** In the place of chance. */
  boxSeed: Bytes;
  coins: Bytes;
  nonce: Bytes;
}

export function createGrant(fields: GrantFields): Bytes {
  const card = parseCard(fields.recipientCard);
  const numbers = [u32(fields.n), fields.commitment];
  const context = concat(u8(SUITE), u8(fields.kind), fields.author, fields.recipient, ...numbers, fields.authorCardHash, card.hash);
  const inner = sealBox(boxKeysOf(fields.boxSeed), card.boxKey, concat(fields.key, hash("grant-ctx", context)));
  const { cipherText, sharedSecret } = encapsulate(card.kemKey, fields.coins);
  const outer = seal(outerKey(sharedSecret, cipherText, card.kemKey, context), "grant", context, fields.nonce, inner);
  const sealed = concat(u8(SUITE), cipherText, outer);
  return concat(context, sealed, sign(fields.signSeed, "grant", signedPart(context, sealed)));
}
