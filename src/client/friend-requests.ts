import { createFriendRequest, generateRequestId } from "../crypto/index.ts";
import { equalBytes, idKey, MAX_REQUEST_LIFE_MS, parseBase64url, type FriendshipId, type UserId, type VaultFriend } from "../protocol/index.ts";
import type { ClientContext } from "./context.ts";
import { ClientError } from "./errors.ts";
import type { FriendshipPartsFragment } from "./generated/graphql.ts";
import { fetchRequests } from "./people.ts";
import type { VerifiedUser } from "./verified-user.ts";

/** A request that waits for an answer. */
export interface FriendRequest {
  id: FriendshipId;
  username: string;
  userId: UserId;
  /** Milliseconds since 1970. */
  expiresAtMs: number;
}

/** Requests that wait for an answer, as the relay tells them. */
export async function listRequests({ transport, own }: ClientContext): Promise<{ received: FriendRequest[]; sent: FriendRequest[] }> {
  const open = (await fetchRequests(transport)).filter(({ state }) => state === "PENDING");
  const me = idKey(own.userId);
  const [received, sent] = [open.filter(({ accepter }) => accepter.id === me), open.filter(({ requester }) => requester.id === me)];
  return {
    received: received.map((friendship) => requestOf(friendship, friendship.requester)),
    sent: sent.map((friendship) => requestOf(friendship, friendship.accepter)),
  };
}

/** The open request of this user. Throws ClientError REQUEST_UNKNOWN. */
export async function findReceived({ transport }: ClientContext, username: string): Promise<FriendshipPartsFragment> {
  const received = await fetchRequests(transport, "RECEIVED");
  const friendship = received.find(({ requester, state }) => requester.username === username && state === "PENDING");
  if (friendship === undefined) throw new ClientError("REQUEST_UNKNOWN", `There is no open request from ${username}.`);
  return friendship;
}

/** A signed REQUEST to this user: the one under way, or else a new one. Throws ClientError REQUEST_TO_SELF, REQUEST_EXISTS. */
export function createRequest({ own, now }: ClientContext, user: VerifiedUser, held: VaultFriend | undefined): Uint8Array {
  if (equalBytes(user.userId, own.userId)) throw new ClientError("REQUEST_TO_SELF", "This is you: ask somebody else.");
  const createdMs = now();
  if (held?.state === "PENDING_OUT" && held.request && (held.expiresMs ?? 0) > createdMs) return held.request;
  if (held && held.state !== "PENDING_OUT") throw new ClientError("REQUEST_EXISTS", `You and ${user.username} are friends already, or about to be.`);
  return createFriendRequest({
    from: own.userId,
    to: user.userId,
    fromCardHash: own.cardHash,
    toCardHash: user.cardHash,
    requestId: generateRequestId(),
    createdMs,
    expiresMs: createdMs + MAX_REQUEST_LIFE_MS,
    signSecretKey: own.identity.sign.secretKey,
  });
}

function requestOf(friendship: FriendshipPartsFragment, peer: { id: string; username: string }): FriendRequest {
  return { id: parseBase64url(friendship.id), username: peer.username, userId: parseBase64url(peer.id), expiresAtMs: friendship.expiresAt };
}
