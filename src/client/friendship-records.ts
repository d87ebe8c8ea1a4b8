import {
  cardHashOf,
  demandAnswerTo,
  friendshipIdOf,
  verifyFriendRequest,
  verifyFriendshipRecord,
  type CardOwner,
  type FriendshipRecordInput,
} from "../crypto/index.ts";
import {
  equalBytes,
  type FriendshipRecordType,
  parseBase64url,
  parseFriendRequest,
  parseFriendshipRecord,
  ProtocolError,
  type CardHash,
  type FriendRequestRecord,
  type FriendshipId,
  type UserId,
} from "../protocol/index.ts";
import type { FriendshipPartsFragment } from "./generated/graphql.ts";
import type { OwnIdentity } from "./own-identity.ts";
import { verifyUser, type VerifiedUser } from "./verified-user.ts";

/** A friendship from one's own side. Only its ids are taken from the relay; what it proves is in its signed records. */
export interface OwnFriendship {
  id: FriendshipId;
  state: FriendshipPartsFragment["state"];
  isRequester: boolean;
  user: VerifiedUser;
  peer: UserId;
  peerCardHash: CardHash;
  /** Of all own cards: a record may have been signed before the newest one. */
  ownCardHashes: CardHash[];
  /** The relay's clock, ms since 1970. */
  changedAtMs: number;
  parts: FriendshipPartsFragment;
}

/** Throws ProtocolError when the friendship is not one's own, ClientError CARD_REFUSED. */
export function friendshipOf(own: OwnIdentity, parts: FriendshipPartsFragment): OwnFriendship {
  const request = parseFriendRequest(parseBase64url(parts.requestRecord));
  const id = parseBase64url(parts.id);
  if (!equalBytes(friendshipIdOf(request), id)) throw new ProtocolError("bad-record");
  const isRequester = equalBytes(request.from, own.userId);
  if (!isRequester && !equalBytes(request.to, own.userId)) throw new ProtocolError("bad-record");
  const user = verifyUser(isRequester ? parts.accepter : parts.requester);
  const peer = isRequester ? request.to : request.from;
  if (!equalBytes(user.userId, peer)) throw new ProtocolError("bad-author");
  return { id, state: parts.state, isRequester, user, peer, peerCardHash: user.cardHash, ownCardHashes: own.all.map(({ cardHash }) => cardHash), changedAtMs: parts.changedAt, parts };
}

/** What every own record about a friendship says besides its type. */
export function recordInput(own: OwnIdentity, fid: FriendshipId, peer: { userId: UserId; cardHash: CardHash }): FriendshipRecordInput {
  const signSecretKey = own.identity.sign.secretKey;
  return { fid, signer: own.userId, signerCardHash: own.cardHash, peer: peer.userId, peerCardHash: peer.cardHash, signSecretKey };
}

/** Verifies a request that somebody sent to oneself. Throws ProtocolError, ClientError CARD_REFUSED. */
export function verifyReceivedRequest(
  own: OwnIdentity,
  parts: FriendshipPartsFragment,
  nowMs: number,
): { user: VerifiedUser; request: FriendRequestRecord; fid: FriendshipId } {
  const user = verifyUser(parts.requester);
  const bytes = parseBase64url(parts.requestRecord);
  const { fromCardHash } = parseFriendRequest(bytes);
  // Either side may have a new card since: the answer names the ones in force.
  const card = user.cards.find((one) => equalBytes(cardHashOf(one), fromCardHash)) ?? user.card;
  const request = verifyFriendRequest({ userId: user.userId, card }, bytes);
  const isForMe = equalBytes(request.to, own.userId) && own.all.some(({ cardHash }) => equalBytes(cardHash, request.toCardHash));
  if (!isForMe) throw new ProtocolError("bad-record", "a request to somebody else");
  if (request.expiresMs <= nowMs) throw new ProtocolError("bad-record", "a request that ran out");
  return { user, request, fid: friendshipIdOf(request) };
}

/**
 * Verifies that the other side signed this record in answer to the request, for a card of one's own: a relay that showed
 * them another card is found out here. Throws ProtocolError bad-record, bad-card, bad-type, bad-sig.
 */
export function verifyAnswer({ parts, user, peer, ownCardHashes }: OwnFriendship, record: string | null, type: FriendshipRecordType): void {
  if (record === null) throw new ProtocolError("bad-record", "the record is missing");
  const bytes = parseBase64url(record);
  const claimed = parseFriendshipRecord(bytes);
  const signer = user.cards.find((card) => equalBytes(cardHashOf(card), claimed.signerCardHash));
  if (signer === undefined) throw new ProtocolError("bad-card");
  const owner: CardOwner = { userId: peer, card: signer };
  const verified = verifyFriendshipRecord(owner, bytes);
  if (verified.type !== type) throw new ProtocolError("bad-type");
  if (!ownCardHashes.some((hash) => equalBytes(hash, verified.peerCardHash))) throw new ProtocolError("bad-card", "the record names a card that is not one's own");
  demandAnswerTo(parseFriendRequest(parseBase64url(parts.requestRecord)), verified);
}
