import { friendshipIdOf, verifyFriendRequest } from "../../crypto/public.ts";
import { equalBytes, type FriendRequestRecord, HASH_BYTES, MAX_REQUEST_LIFE_MS, parseCard, parseFriendRequest } from "../../protocol/index.ts";
import { DomainError } from "../domain-error.ts";
import type { DomainLimits } from "../limits.ts";
import type { FriendshipEventRecord, FriendshipRecordRow, Repositories } from "../ports/index.ts";
import { refusing } from "../protocol-refusal.ts";
import type { Viewer } from "../viewer.ts";
import { asOf } from "./friendship-policy.ts";

/** How far ahead a client's clock may be. */
const MAX_CLOCK_LEAD_MS = 24 * 60 * 60 * 1000;

const FROM = 2;
const TO = FROM + HASH_BYTES;

/** Parses the viewer's request. @throws DomainError BYTES_MALFORMED, REQUEST_TO_SELF, SIGNER_NOT_VIEWER */
export function parseOwnRequest(viewer: Viewer, bytes: Uint8Array): FriendRequestRecord {
  // To the parser this is one contradiction among others; people deserve to be told.
  const [from, to] = [bytes.subarray(FROM, TO), bytes.subarray(TO, TO + HASH_BYTES)];
  if (equalBytes(from, viewer.userId) && equalBytes(to, viewer.userId)) {
    throw new DomainError("REQUEST_TO_SELF", "This is a request to yourself: ask somebody else.");
  }
  const request = refusing(() => parseFriendRequest(bytes));
  if (equalBytes(request.from, viewer.userId)) return request;
  throw new DomainError("SIGNER_NOT_VIEWER", "This request is by somebody else: sign it yourself.");
}

/**
 * Stores a request, in a transaction. The same request again answers with what became of it.
 * @throws DomainError USER_NOT_FOUND, REQUEST_EXPIRED, BYTES_MALFORMED, CARD_STALE, SIGNATURE_INVALID, REQUEST_EXISTS, REQUEST_CROSSED, FRIENDS_FULL
 */
export async function requestFriendship(
  { users, friendships }: Repositories,
  request: FriendRequestRecord,
  { maxFriends }: DomainLimits,
  nowMs: number,
): Promise<{ row: FriendshipRecordRow; events: FriendshipEventRecord[] }> {
  const { from, to } = request;
  const id = friendshipIdOf(request);
  await users.lock([from, to]);
  const known = await friendships.find(id);
  if (known) return { row: asOf(nowMs, known), events: [] };

  demandTimely(request, nowMs);
  await demandCards(users, request);
  await freePair(friendships, request, nowMs);
  if ((await friendships.countFriends(from)) >= maxFriends) {
    throw new DomainError("FRIENDS_FULL", `You have ${maxFriends} friends, the most a user can have: end a friendship first.`);
  }
  const row: FriendshipRecordRow = {
    id,
    requester: from,
    accepter: to,
    state: "PENDING",
    createdAtMs: nowMs,
    expiresAtMs: request.expiresMs,
    changedAtMs: nowMs,
    requestRecord: request.bytes,
    acceptRecord: undefined,
    confirmRecord: undefined,
    endRecord: undefined,
  };
  await friendships.insert(row);
  return { row, events: await friendships.insertEvents("REQUESTED", [from, to].map((userId) => ({ userId, friendshipId: id }))) };
}

function demandTimely({ expiresMs }: FriendRequestRecord, nowMs: number): void {
  if (expiresMs <= nowMs) throw new DomainError("REQUEST_EXPIRED", "The request ran out before it arrived: ask again.");
  if (expiresMs <= nowMs + MAX_REQUEST_LIFE_MS + MAX_CLOCK_LEAD_MS) return;
  throw new DomainError("BYTES_MALFORMED", "The request begins more than a day from now: set this device's clock and ask again.");
}

async function demandCards(users: Repositories["users"], request: FriendRequestRecord): Promise<void> {
  const [mine, theirs] = await users.findCurrentCards([request.from, request.to]);
  const [own, peer] = await users.findMany([request.from, request.to]);
  if (!mine || !theirs || !peer || peer.disabledAtMs !== undefined || peer.deletedAtMs !== undefined || own?.deletedAtMs !== undefined) {
    throw new DomainError("USER_NOT_FOUND", "There is no such user: check the id or the name.");
  }
  refusing(() => verifyFriendRequest({ userId: request.from, card: parseCard(mine.bytes) }, request.bytes), { "bad-card": "CARD_STALE" });
  if (equalBytes(theirs.hash, request.toCardHash)) return;
  throw new DomainError("CARD_STALE", "The other one has a new card: fetch it and sign again.");
}

/** Makes sure that the two have no open request or friendship; one that ran out is closed on the way. */
async function freePair(friendships: Repositories["friendships"], { from, to }: FriendRequestRecord, nowMs: number): Promise<void> {
  const open = await friendships.findOpen(from, to);
  if (!open) return;
  const present = asOf(nowMs, open);
  if (present.state === "EXPIRED") return friendships.update(present);
  if (present.state === "PENDING" && equalBytes(present.requester, to)) {
    throw new DomainError("REQUEST_CROSSED", "The other one asked you first: accept that request instead.", { friendship: present });
  }
  throw new DomainError("REQUEST_EXISTS", "You two have an open request or a friendship already: look at your lists.");
}
