import {
  concatBytes,
  encodeFriendRequest,
  encodeFriendshipRecord,
  FRIENDSHIP_SIGN_LABELS,
  FriendshipRecordType,
  type FriendRequestFields,
  type FriendshipRecordFields,
} from "../../protocol/index.ts";
import { sign } from "../sign.ts";

/** A signed REQUEST, 226 bytes (PROTOCOL.md §5): save it in the vault before it is sent. */
export function createFriendRequest({
  signSecretKey,
  ...request
}: FriendRequestFields & { signSecretKey: Uint8Array }): Uint8Array {
  const record = encodeFriendRequest(request);
  return concatBytes(record, sign(signSecretKey, "req", record));
}

/** What the records after a REQUEST say; card hashes are those in force now. */
export type FriendshipRecordInput = Omit<FriendshipRecordFields, "type"> & { signSecretKey: Uint8Array };

/** Signed records of 226 bytes each (PROTOCOL.md §5). ACCEPT and CONFIRM travel with a grant, UNFRIEND with a rotation. */
export const createAccept = (input: FriendshipRecordInput): Uint8Array => create(FriendshipRecordType.ACCEPT, input);
export const createConfirm = (input: FriendshipRecordInput): Uint8Array => create(FriendshipRecordType.CONFIRM, input);
export const createUnfriend = (input: FriendshipRecordInput): Uint8Array => create(FriendshipRecordType.UNFRIEND, input);
export const createDecline = (input: FriendshipRecordInput): Uint8Array => create(FriendshipRecordType.DECLINE, input);
export const createCancel = (input: FriendshipRecordInput): Uint8Array => create(FriendshipRecordType.CANCEL, input);

function create(type: FriendshipRecordType, { signSecretKey, ...fields }: FriendshipRecordInput): Uint8Array {
  const record = encodeFriendshipRecord({ ...fields, type });
  return concatBytes(record, sign(signSecretKey, FRIENDSHIP_SIGN_LABELS[type], record));
}
