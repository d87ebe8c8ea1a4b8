import { ByteReader, concatBytes, demandVersion, isZero, sized, u32, u64, u8 } from "./bytes.ts";
import type { CardHash } from "./ids.ts";
import {
  BOX_PUBLIC_KEY_BYTES,
  CARD_BODY_BYTES,
  CARD_BYTES,
  FORMAT_VERSION,
  HASH_BYTES,
  KEM_PUBLIC_KEY_BYTES,
  NEXT_CARD_BYTES,
  SIGN_PUBLIC_KEY_BYTES,
  SIGNATURE_BYTES,
} from "./limits.ts";
import { demand } from "./protocol-error.ts";

/** The signed part of an identity card (PROTOCOL.md §2). The first version is 1; its prevCardHash is zero. */
export interface CardBody {
  cardVersion: number;
  createdMs: number;
  prevCardHash: CardHash;
  signPk: Uint8Array;
  boxPk: Uint8Array;
  kemPk: Uint8Array;
}

/** A parsed identity card; nothing about it is verified yet. A continuation carries the previous key's signature too. */
export interface Card extends CardBody {
  body: Uint8Array;
  signature: Uint8Array;
  previousSignature?: Uint8Array;
  bytes: Uint8Array;
}

/** The 1293 bytes that the card's keys sign (PROTOCOL.md §2). */
export function encodeCardBody(card: CardBody): Uint8Array {
  return concatBytes(
    u8(FORMAT_VERSION),
    u32(card.cardVersion),
    u64(card.createdMs),
    sized(card.prevCardHash, HASH_BYTES),
    sized(card.signPk, SIGN_PUBLIC_KEY_BYTES),
    sized(card.boxPk, BOX_PUBLIC_KEY_BYTES),
    sized(card.kemPk, KEM_PUBLIC_KEY_BYTES),
  );
}

/** Parses 1357 bytes of a first card or 1421 of a continuation. @throws ProtocolError unknown-version, bad-length, bad-card */
export function parseCard(bytes: Uint8Array): Card {
  demandVersion(bytes, FORMAT_VERSION);
  demand(bytes.length === CARD_BYTES || bytes.length === NEXT_CARD_BYTES, "bad-length");
  const reader = new ByteReader(bytes);
  const body = reader.take(CARD_BODY_BYTES);
  const signature = reader.take(SIGNATURE_BYTES);
  const isFirst = bytes.length === CARD_BYTES;
  const card = { ...parseCardBody(body), body, signature, bytes: new Uint8Array(bytes) };
  demand(isFirst ? card.cardVersion === 1 : card.cardVersion > 1, "bad-card");
  demand(isFirst === isZero(card.prevCardHash), "bad-card");
  return isFirst ? card : { ...card, previousSignature: reader.take(SIGNATURE_BYTES) };
}

function parseCardBody(body: Uint8Array): CardBody {
  const reader = new ByteReader(body);
  reader.u8();
  return {
    cardVersion: reader.u32(),
    createdMs: reader.u64(),
    prevCardHash: reader.take(HASH_BYTES),
    signPk: reader.take(SIGN_PUBLIC_KEY_BYTES),
    boxPk: reader.take(BOX_PUBLIC_KEY_BYTES),
    kemPk: reader.take(KEM_PUBLIC_KEY_BYTES),
  };
}
