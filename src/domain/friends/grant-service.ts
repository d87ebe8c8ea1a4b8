import { idKey, parseGrant, type UserId } from "../../protocol/index.ts";
import { getCard } from "../chain/append-entries.ts";
import { DomainError } from "../domain-error.ts";
import type { DomainLimits } from "../limits.ts";
import type { Bus, Clock, FriendshipEventRecord, FriendshipRecordRow, GrantRecord, Page, Repositories, UnitOfWork } from "../ports/index.ts";
import { refusing } from "../protocol-refusal.ts";
import type { Viewer } from "../viewer.ts";
import { checkGrants } from "./check-grants.ts";

export interface GrantPlace {
  author: UserId;
  epoch: number;
  kind: number;
}

export interface GrantService {
  /** Grants that were sealed to the viewer. */
  list(viewer: Viewer, options: { author: UserId | undefined; after: GrantPlace | undefined; first: number }): Promise<Page<GrantRecord>>;
  /** The viewer's readers without a grant of the epoch in force, and those who asked for one. */
  listMissing(viewer: Viewer, first: number): Promise<{ recipient: UserId; asked: boolean }[]>;
  /** Stores grants of the viewer's epoch in force; returns how many were sent. @throws DomainError GRANT_INVALID and as checkGrants */
  store(viewer: Viewer, grants: Uint8Array[]): Promise<number>;
  /** Asks an author for a new grant; asking again before it comes changes nothing. @throws DomainError FRIENDSHIP_NOT_FOUND unless the viewer may read */
  ask(viewer: Viewer, author: UserId): Promise<FriendshipRecordRow>;
}

export interface GrantServiceDeps {
  unitOfWork: UnitOfWork;
  bus: Bus;
  clock: Clock;
  limits: DomainLimits;
}

export function createGrantService({ unitOfWork, bus, clock, limits }: GrantServiceDeps): GrantService {
  const { grants, chains } = unitOfWork.repositories;
  const publish = (events: FriendshipEventRecord[]): void =>
    events.forEach(({ userId, number }) => bus.publish({ kind: "friendship", userId, number }));

  return {
    list: (viewer, options) => grants.list(viewer.userId, options),

    async listMissing(viewer, first) {
      const chain = await chains.find(viewer.userId);
      return chain ? grants.listMissing(viewer.userId, chain.epoch, first) : [];
    },

    async store(viewer, bytes) {
      if (bytes.length === 0) throw new DomainError("GRANT_INVALID", "There is no grant to store: send at least one.");
      publish(await unitOfWork.run((repositories) => storeGrants(repositories, viewer.userId, bytes, limits)));
      return bytes.length;
    },

    async ask(viewer, author) {
      const { row, events } = await unitOfWork.run((repositories) => askForGrant(repositories, viewer.userId, author, clock.nowMs()));
      publish(events);
      return row;
    },
  };
}

async function storeGrants(repositories: Repositories, author: UserId, bytes: Uint8Array[], limits: DomainLimits): Promise<FriendshipEventRecord[]> {
  const { users, chains, friendships, grants } = repositories;
  await users.lock(bytes.map((one) => refusing(() => parseGrant(one)).recipient));
  const [chain] = await chains.lock(author);
  const edges = await friendships.listReaders(author);
  const owner = { chain, card: await getCard(repositories, author), readers: edges.map(({ reader }) => reader) };
  const stored = await grants.insert(checkGrants(owner, bytes, limits));

  const told = new Set(stored.map(({ recipient }) => idKey(recipient)));
  const answered = edges.filter(({ reader }) => told.has(idKey(reader)));
  await friendships.clearGrantAsked(author, answered.map(({ reader }) => reader));
  return friendships.insertEvents("GRANT_STORED", answered.map(({ reader, friendshipId }) => ({ userId: reader, friendshipId })));
}

async function askForGrant(
  { users, friendships }: Repositories,
  reader: UserId,
  author: UserId,
  nowMs: number,
): Promise<{ row: FriendshipRecordRow; events: FriendshipEventRecord[] }> {
  await users.lock([reader, author]);
  const row = await friendships.findOpen(reader, author);
  if (!row || !(await friendships.hasEdge(reader, author))) {
    throw new DomainError("FRIENDSHIP_NOT_FOUND", "Only friends can be asked for a grant: this is not one.");
  }
  const isNew = await friendships.setGrantAsked(reader, author, nowMs);
  const events = isNew ? await friendships.insertEvents("GRANT_ASKED", [{ userId: author, friendshipId: row.id }]) : [];
  return { row, events };
}
