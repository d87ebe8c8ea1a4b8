import { equalBytes, FriendshipRecordType, type UserId } from "../../protocol/index.ts";
import { DomainError } from "../domain-error.ts";
import type { FriendshipEventKind, FriendshipRecordRow, FriendshipState } from "../ports/index.ts";
import type { Viewer } from "../viewer.ts";

/** A step that one of the two takes by a signed record (PROTOCOL.md §5). */
export interface Step {
  type: FriendshipRecordType;
  by: "requester" | "accepter" | "either";
  from: readonly FriendshipState[];
  to: FriendshipState & FriendshipEventKind;
  /** Where the record is kept. */
  record: "acceptRecord" | "confirmRecord" | "endRecord";
}

export const steps = {
  accept: { type: FriendshipRecordType.ACCEPT, by: "accepter", from: ["PENDING"], to: "ACCEPTED", record: "acceptRecord" },
  confirm: { type: FriendshipRecordType.CONFIRM, by: "requester", from: ["ACCEPTED"], to: "CONFIRMED", record: "confirmRecord" },
  decline: { type: FriendshipRecordType.DECLINE, by: "accepter", from: ["PENDING"], to: "DECLINED", record: "endRecord" },
  cancel: { type: FriendshipRecordType.CANCEL, by: "requester", from: ["PENDING"], to: "CANCELLED", record: "endRecord" },
  end: { type: FriendshipRecordType.UNFRIEND, by: "either", from: ["ACCEPTED", "CONFIRMED"], to: "ENDED", record: "endRecord" },
} as const satisfies Record<string, Step>;

/** A pending request that ran out reads as EXPIRED, whether or not a later request has said so in the store. */
export function asOf(nowMs: number, row: FriendshipRecordRow): FriendshipRecordRow {
  return row.state === "PENDING" && row.expiresAtMs <= nowMs ? { ...row, state: "EXPIRED" } : row;
}

/** Whether the viewer is one of the two: nobody else sees a friendship. */
export function takesPart({ userId }: Viewer, row: FriendshipRecordRow): boolean {
  return equalBytes(userId, row.requester) || equalBytes(userId, row.accepter);
}

/** The other one of the two. */
export function peerOf(userId: UserId, row: Pick<FriendshipRecordRow, "requester" | "accepter">): UserId {
  return equalBytes(userId, row.requester) ? row.accepter : row.requester;
}

/** @throws DomainError FRIENDSHIP_NOT_FOUND, for a friendship of others too */
export function requirePart(viewer: Viewer, row: FriendshipRecordRow | undefined): FriendshipRecordRow {
  if (row && takesPart(viewer, row)) return row;
  throw new DomainError("FRIENDSHIP_NOT_FOUND", "You have no friendship or request with this id: look at your lists again.");
}

/** @throws DomainError REQUEST_EXPIRED, or FRIENDSHIP_STATE when the step is not possible or not the viewer's to take */
export function requireStep(viewer: Viewer, row: FriendshipRecordRow, step: Step): void {
  if (row.state === "EXPIRED") throw new DomainError("REQUEST_EXPIRED", "The request ran out: ask again.");
  if (!step.from.includes(row.state)) {
    throw new DomainError("FRIENDSHIP_STATE", `This friendship is ${row.state}, so this step is not possible: look at it again.`);
  }
  const side = equalBytes(viewer.userId, row.requester) ? "requester" : "accepter";
  if (step.by === "either" || step.by === side) return;
  throw new DomainError("FRIENDSHIP_STATE", `Only the ${step.by} of a friendship can take this step: look at who asked whom.`);
}
