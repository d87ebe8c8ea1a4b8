import { type Entry, EntryType, type FriendshipRecord, type UserId } from "../../protocol/index.ts";
import { appendEntries, type AppendTools, entryEvents, findStored, parseEntries } from "../chain/append-entries.ts";
import { storeRotation } from "../chain/store-rotation.ts";
import { DomainError } from "../domain-error.ts";
import type { DomainLimits } from "../limits.ts";
import type { EntryRecord, RelayEvent, Repositories } from "../ports/index.ts";
import type { Viewer } from "../viewer.ts";
import { steps } from "./friendship-policy.ts";
import { parseOwnRecord } from "./take-step.ts";

/** Parses what ends a friendship. @throws DomainError as parseOwnRecord and parseEntries; ENTRY_INVALID unless it is one EPOCH, behind a HEAL at most */
export function parseEnd(viewer: Viewer, input: { record: Uint8Array; entries: Uint8Array[] }): { record: FriendshipRecord; entries: Entry[] } {
  const record = parseOwnRecord(viewer, steps.end, input.record);
  const entries = parseEntries(viewer.userId, input.entries.slice(0, 3), [EntryType.HEAL, EntryType.EPOCH]);
  const order = entries.map(({ type }) => (type === EntryType.EPOCH ? "EPOCH" : "HEAL")).join(" ");
  if (order === "EPOCH" || order === "HEAL EPOCH") return { record, entries };
  throw new DomainError("ENTRY_INVALID", "A friendship ends with one new epoch, behind a HEAL if one is due: send no other entries.");
}

export interface ShutOut {
  tools: AppendTools;
  limits: DomainLimits;
  viewer: Viewer;
  peer: UserId;
  entries: Entry[];
  grants: Uint8Array[];
}

/**
 * Takes the friend out of the viewer's readers, and the viewer out of the friend's, then starts the epoch for those who
 * remain. The friend's next thought waits for an epoch too (PROTOCOL.md §5 "Unfriending").
 */
export async function shutOut(repositories: Repositories, { tools, limits, viewer, peer, entries, grants }: ShutOut): Promise<RelayEvent[]> {
  const [chain] = await repositories.chains.lock(viewer.userId, peer);
  await repositories.friendships.deleteEdges(viewer.userId, peer);
  await repositories.grants.deleteBetween(viewer.userId, peer);
  await repositories.chains.noteEndedEdges(viewer.userId, peer);

  const appended = await appendEntries(repositories, tools, { ...chain, endedEdges: chain.endedEdges + 1 }, entries);
  // An epoch that began while they were friends may have been granted to the friend.
  if (!appended.added.some(({ type }) => type === EntryType.EPOCH)) {
    throw new DomainError("ENTRY_INVALID", "This epoch began before the friendship ended: start a fresh one.");
  }
  await storeRotation(repositories, appended, grants, limits);
  const edges: RelayEvent[] = [viewer.userId, peer].map((userId) => ({ kind: "edges", userId }));
  return [...edges, ...entryEvents(appended)];
}

/** The entries as they are stored. @throws DomainError FRIENDSHIP_STATE when the friendship ended with others */
export async function storedEntries(repositories: Repositories, entries: Entry[]): Promise<EntryRecord[]> {
  const stored = await Promise.all(entries.map((entry) => findStored(repositories, entry)));
  return stored.map((entry) => {
    if (entry) return entry;
    throw new DomainError("FRIENDSHIP_STATE", "This friendship was ended together with another epoch: synchronise.");
  });
}
