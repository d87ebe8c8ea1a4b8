import {
  demand,
  equalBytes,
  FRIENDSHIP_SIGN_LABELS,
  FriendshipRecordType,
  parseFriendRequest,
  parseFriendshipRecord,
  type FriendRequestRecord,
  type FriendshipRecord,
} from "../../protocol/index.ts";
import { demandOwner, type CardOwner } from "./card-owner.ts";
import { friendshipIdOf } from "./ids.ts";
import { verifySignature } from "./verify-signature.ts";

/** Verifies a REQUEST (PROTOCOL.md §5). @throws ProtocolError as parseFriendRequest; bad-author, bad-card, bad-sig */
export function verifyFriendRequest(from: CardOwner, bytes: Uint8Array): FriendRequestRecord {
  const request = parseFriendRequest(bytes);
  demandOwner(from, { userId: request.from, cardHash: request.fromCardHash });
  demand(verifySignature(from.card.signPk, "req", request.record, request.signature), "bad-sig");
  return request;
}

/** Verifies a record that follows a REQUEST (PROTOCOL.md §5). @throws ProtocolError as parseFriendshipRecord; bad-author, bad-card, bad-sig */
export function verifyFriendshipRecord(signer: CardOwner, bytes: Uint8Array): FriendshipRecord {
  const record = parseFriendshipRecord(bytes);
  demandOwner(signer, { userId: record.signer, cardHash: record.signerCardHash });
  const label = FRIENDSHIP_SIGN_LABELS[record.type];
  demand(verifySignature(signer.card.signPk, label, record.record, record.signature), "bad-sig");
  return record;
}

/**
 * Refuses a record that does not answer this request: another friendship, another person, or the wrong side. The person who
 * was asked accepts or declines, the one who asked confirms or cancels, both may end it.
 * @throws ProtocolError bad-record
 */
export function demandAnswerTo(request: FriendRequestRecord, record: FriendshipRecord): void {
  demand(equalBytes(record.fid, friendshipIdOf(request)), "bad-record");
  const byRequester = equalBytes(record.signer, request.from);
  const [signer, peer] = byRequester ? [request.from, request.to] : [request.to, request.from];
  demand(equalBytes(record.signer, signer) && equalBytes(record.peer, peer), "bad-record");
  demand(byRequester ? isRequesters(record) : isAccepters(record), "bad-record");
}

function isRequesters({ type }: FriendshipRecord): boolean {
  return type !== FriendshipRecordType.ACCEPT && type !== FriendshipRecordType.DECLINE;
}

function isAccepters({ type }: FriendshipRecord): boolean {
  return type !== FriendshipRecordType.CONFIRM && type !== FriendshipRecordType.CANCEL;
}
