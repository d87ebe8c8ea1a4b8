import { type Bytes, concat, demand, equal, type Fields, fieldsOf, u64, u8 } from "./bytes.ts";
import { type Owner, parseCard } from "./card.ts";
import { hash, sign, verifySignature } from "./primitives.ts";

const SIGNED = 162;
const WHOLE = 226;
const REQUEST = 1;
const MAX_LIFE_MS = 30 * 24 * 60 * 60 * 1000;

/** Labels of records by type, from ACCEPT (2) on, and which side of the request may sign it (PROTOCOL.md §5). */
const answers: Record<number, { label: string; by: ("asker" | "asked")[] }> = {
  2: { label: "acc", by: ["asked"] },
  3: { label: "conf", by: ["asker"] },
  4: { label: "unf", by: ["asker", "asked"] },
  5: { label: "dec", by: ["asked"] },
  6: { label: "can", by: ["asker"] },
};

export interface FriendRequest {
  fid: Bytes;
  from: Bytes;
  to: Bytes;
  fromCardHash: Bytes;
  toCardHash: Bytes;
  createdMs: number;
  expiresMs: number;
}

function begin(bytes: Bytes): { fields: Fields; type: number } {
  const fields = fieldsOf(bytes, 1, WHOLE);
  fields.bytes(1);
  return { fields, type: fields.number(1) };
}

function demandBy(signer: Owner, signerId: Bytes, cardHash: Bytes, label: string, bytes: Bytes): void {
  const card = parseCard(signer.card);
  demand(equal(signerId, signer.userId), "bad-author");
  demand(equal(cardHash, card.hash), "bad-card");
  verifySignature(card.signKey, label, bytes.slice(0, SIGNED), bytes.slice(SIGNED));
}

function parseRequest(bytes: Bytes): FriendRequest {
  const { fields, type } = begin(bytes);
  demand(type === REQUEST, "bad-type");
  const people = { from: fields.bytes(32), to: fields.bytes(32), fromCardHash: fields.bytes(32), toCardHash: fields.bytes(32) };
  fields.bytes(16);
  const [createdMs, expiresMs] = [fields.number(8), fields.number(8)];
  const lifeMs = expiresMs - createdMs;
  demand(!equal(people.from, people.to) && lifeMs > 0 && lifeMs <= MAX_LIFE_MS, "bad-record");
  return { ...people, fid: hash("friendship", bytes.slice(0, SIGNED)), createdMs, expiresMs };
}

export function verifyFriendRequest(from: Owner, bytes: Bytes): FriendRequest {
  const request = parseRequest(bytes);
  demandBy(from, request.from, request.fromCardHash, "req", bytes);
  return request;
}

export function verifyFriendshipRecord(signer: Owner, bytes: Bytes, requestBytes?: Bytes): { type: number; fid: Bytes } {
  const { fields, type } = begin(bytes);
  const answer = answers[type];
  demand(answer !== undefined, "bad-type");
  const [fid, signerId, signerCardHash, peer] = [fields.bytes(32), fields.bytes(32), fields.bytes(32), fields.bytes(32)];
  demand(!equal(signerId, peer), "bad-record");
  demandBy(signer, signerId, signerCardHash, answer.label, bytes);
  if (requestBytes) {
    const request = parseRequest(requestBytes);
    const sides = { asker: [request.from, request.to], asked: [request.to, request.from] };
    const isRightSide = answer.by.some((side) => equal(concat(signerId, peer), concat(...sides[side])));
    demand(equal(fid, request.fid) && isRightSide, "bad-record");
  }
  return { type, fid };
}

export interface RequestFields {
  from: Bytes;
  to: Bytes;
  fromCardHash: Bytes;
  toCardHash: Bytes;
  requestId: Bytes;
  createdMs: number;
  expiresMs: number;
}

export function createFriendRequest(signSeed: Bytes, request: RequestFields): Bytes {
  const { from, to, fromCardHash, toCardHash, requestId, createdMs, expiresMs } = request;
  const signed = concat(u8(1), u8(REQUEST), from, to, fromCardHash, toCardHash, requestId, u64(createdMs), u64(expiresMs));
  return concat(signed, sign(signSeed, "req", signed));
}
