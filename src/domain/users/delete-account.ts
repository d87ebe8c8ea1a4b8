import { type FriendshipRecord, idKey, type UserId } from "../../protocol/index.ts";
import { getCard } from "../chain/append-entries.ts";
import { DomainError } from "../domain-error.ts";
import { peerOf, requirePart, steps } from "../friends/friendship-policy.ts";
import { verifyRecord } from "../friends/take-step.ts";
import type { Clock, FriendshipEventRecord, FriendshipRecordRow, PasswordVerifier, Repositories } from "../ports/index.ts";
import { endAllSessions, type SessionsEndedEvent } from "../sessions/end-sessions.ts";
import { takeProof } from "../sessions/take-proof.ts";
import type { Viewer } from "../viewer.ts";

export interface DeletionTools {
  passwords: PasswordVerifier;
  clock: Clock;
}

export interface Deletion {
  deletedAtMs: number;
  friendshipsEnded: number;
  /** What friends are told. */
  events: FriendshipEventRecord[];
  ended: SessionsEndedEvent;
}

interface Proof {
  loginId: Uint8Array;
  loginFinish: Uint8Array;
}

/**
 * Ends the viewer's account, in a transaction. What stays is what others hold on to: the name, the cards, their places in
 * the key log, and the signed records of friendships. Users are locked first and heads next, as by every other step.
 */
export async function deleteAccount(repositories: Repositories, tools: DeletionTools, viewer: Viewer, { ends, ...proof }: Proof & { ends: FriendshipRecord[] }): Promise<Deletion> {
  const { userId } = viewer;
  const nowMs = tools.clock.nowMs();
  const peers = await findPeers(repositories, viewer, ends);
  await repositories.users.lock([userId, ...peers]);
  await takeProof({ ...tools, sessions: repositories.sessions }, proof, userId);

  const events = await endFriendships(repositories, viewer, ends, nowMs);
  await repositories.friendships.expireRequests(userId, nowMs);
  await repositories.friendships.deleteEvents(userId);
  await repositories.chains.lock(userId, ...peers);
  await repositories.friendships.deleteEdgesOf(userId);
  await repositories.grants.deleteOf(userId);
  await repositories.chains.noteLostFriend(peers);
  await repositories.chains.delete(userId);
  await repositories.vaults.delete(userId);
  await repositories.sessions.deleteLoginAttemptsOf(userId);
  const ended = await endAllSessions(repositories, userId);
  await repositories.users.markDeleted(userId, nowMs);
  return { deletedAtMs: nowMs, friendshipsEnded: ends.length, events, ended };
}

async function findPeers({ friendships }: Repositories, viewer: Viewer, ends: FriendshipRecord[]): Promise<UserId[]> {
  const rows = await friendships.findMany(ends.map(({ fid }) => fid));
  return rows.map((row) => peerOf(viewer.userId, requirePart(viewer, row)));
}

/** Each friend's own client wants to see it signed: with one record too few or too many nothing ends. */
async function endFriendships(repositories: Repositories, viewer: Viewer, ends: FriendshipRecord[], nowMs: number): Promise<FriendshipEventRecord[]> {
  const { users, friendships } = repositories;
  const goingOn = await friendships.listGoingOn(viewer.userId);
  const recordOf = new Map(ends.map((record) => [idKey(record.fid), record]));
  const isWhole = goingOn.length === ends.length && goingOn.every(({ id }) => recordOf.has(idKey(id)));
  if (!isWhole) throw new DomainError("FRIENDSHIP_STATE", "Your friendships are others than these: fetch them, and sign an end for each that is accepted or confirmed.");

  const signer = { userId: viewer.userId, card: await getCard(repositories, viewer.userId) };
  const peers = goingOn.map((row) => peerOf(viewer.userId, row));
  const cards = await users.findCurrentCards(peers);
  for (const [index, row] of goingOn.entries()) {
    const record = recordOf.get(idKey(row.id)) as FriendshipRecord;
    verifyRecord(signer, row, record, cards[index]);
    await friendships.update(endedBy(record, row, nowMs));
  }
  return friendships.insertEvents(steps.end.to, goingOn.map(({ id: friendshipId }, index) => ({ userId: peers[index] as UserId, friendshipId })));
}

function endedBy({ bytes }: FriendshipRecord, row: FriendshipRecordRow, nowMs: number): FriendshipRecordRow {
  return { ...row, state: steps.end.to, changedAtMs: Math.max(nowMs, row.changedAtMs), endRecord: bytes };
}
