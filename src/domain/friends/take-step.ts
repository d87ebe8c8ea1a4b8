import { demandAnswerTo, verifyFriendshipRecord } from "../../crypto/public.ts";
import { type Card, equalBytes, type FriendshipRecord, parseFriendRequest, parseFriendshipRecord, type UserId } from "../../protocol/index.ts";
import { getCard } from "../chain/append-entries.ts";
import { DomainError } from "../domain-error.ts";
import type { CardRecord, FriendshipEventRecord, FriendshipRecordRow, Repositories } from "../ports/index.ts";
import { refusing } from "../protocol-refusal.ts";
import type { Viewer } from "../viewer.ts";
import { asOf, peerOf, requirePart, requireStep, type Step } from "./friendship-policy.ts";

/** A step that may be taken: the friendship before it, and the people with their cards in force. */
export interface StepBase {
  row: FriendshipRecordRow;
  viewerCard: Card;
  peer: { userId: UserId; cardHash: Uint8Array };
}

export interface StepTaken<Effect> {
  row: FriendshipRecordRow;
  events: FriendshipEventRecord[];
  /** What the step did besides; undefined when it had been taken before. */
  effect: Effect | undefined;
}

/** Parses the viewer's record. @throws DomainError BYTES_MALFORMED, SIGNER_NOT_VIEWER */
export function parseOwnRecord(viewer: Viewer, { type }: Step, bytes: Uint8Array): FriendshipRecord {
  const record = refusing(() => parseFriendshipRecord(bytes));
  if (record.type !== type) throw new DomainError("BYTES_MALFORMED", "This record is for another step: sign the one for this step.");
  if (equalBytes(record.signer, viewer.userId)) return record;
  throw new DomainError("SIGNER_NOT_VIEWER", "This record is signed by somebody else: sign it yourself.");
}

/**
 * Takes a step by the viewer's signed record, in a transaction. The same record again answers with the friendship as it is.
 * Both users are locked first, so that no other step of the two runs beside it; `effect` locks heads if it needs them.
 * @throws DomainError FRIENDSHIP_NOT_FOUND, FRIENDSHIP_STATE, REQUEST_EXPIRED, CARD_STALE, SIGNATURE_INVALID, BYTES_MALFORMED
 */
export async function takeStep<Effect>(
  repositories: Repositories,
  viewer: Viewer,
  step: Step,
  record: FriendshipRecord,
  nowMs: number,
  effect: (base: StepBase) => Promise<Effect>,
): Promise<StepTaken<Effect>> {
  const { users, friendships } = repositories;
  const pair = requirePart(viewer, await friendships.find(record.fid));
  await users.lock([pair.requester, pair.accepter]);
  const row = asOf(nowMs, requirePart(viewer, await friendships.find(record.fid)));

  const kept = row[step.record];
  if (kept && equalBytes(kept, record.bytes)) return { row, events: [], effect: undefined };

  requireStep(viewer, row, step);
  const base = await baseOf(repositories, viewer, row, record);
  const done = await effect(base);

  const changed = { ...row, state: step.to, changedAtMs: Math.max(nowMs, row.changedAtMs), [step.record]: record.bytes };
  await friendships.update(changed);
  const both = [row.requester, row.accepter].map((userId) => ({ userId, friendshipId: row.id }));
  return { row: changed, events: await friendships.insertEvents(step.to, both), effect: done };
}

async function baseOf(repositories: Repositories, viewer: Viewer, row: FriendshipRecordRow, record: FriendshipRecord): Promise<StepBase> {
  const viewerCard = await getCard(repositories, viewer.userId);
  const userId = peerOf(viewer.userId, row);
  const [peerCard] = await repositories.users.findCurrentCards([userId]);
  return { row, viewerCard, peer: { userId, cardHash: verifyRecord({ userId: viewer.userId, card: viewerCard }, row, record, peerCard) } };
}

/** Answers with the hash of the peer's card in force, which the record has to name. @throws DomainError CARD_STALE, SIGNATURE_INVALID, BYTES_MALFORMED */
export function verifyRecord(signer: { userId: UserId; card: Card }, row: FriendshipRecordRow, record: FriendshipRecord, peerCard: CardRecord | undefined): Uint8Array {
  const verify = (): void => {
    demandAnswerTo(parseFriendRequest(row.requestRecord), record);
    verifyFriendshipRecord(signer, record.bytes);
  };
  refusing(verify, { "bad-card": "CARD_STALE" });
  if (peerCard && equalBytes(peerCard.hash, record.peerCardHash)) return peerCard.hash;
  throw new DomainError("CARD_STALE", "The other one has a new card: fetch it and sign again.");
}
