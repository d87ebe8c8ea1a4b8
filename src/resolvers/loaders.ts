import DataLoader from "dataloader";
import type { ThoughtPlace } from "../domain/chain/thought-service.ts";
import type { CardRecord, FriendshipRecordRow, Page, ThoughtRecord, UserRecord } from "../domain/ports/index.ts";
import type { Viewer } from "../domain/viewer.ts";
import { idKey, type UserId } from "../protocol/index.ts";
import type { Services } from "./context.ts";

/** Reads that one execution repeats, gathered into one statement each. What is not public asks for the viewer. */
export interface Loaders {
  users: DataLoader<UserId, UserRecord | undefined, string>;
  /** The card in force, by user. */
  currentCards: DataLoader<UserId, CardRecord | undefined, string>;
  /** All cards, by user, oldest first. */
  cards: DataLoader<UserId, CardRecord[], string>;
  /** The newest friendship or request with the viewer, by user. */
  newestFriendships(viewer: Viewer): DataLoader<UserId, FriendshipRecordRow | undefined, string>;
  /** A page of thoughts, by author; empty for whose thoughts the viewer may not see. */
  thoughts(viewer: Viewer, place: ThoughtPlace): DataLoader<UserId, Page<ThoughtRecord>, string>;
}

/** One set for each execution: a request, or the delivery of one event. A longer life would answer with old cards. */
export function createLoaders(services: Pick<Services, "users" | "friendships" | "thoughts">): Loaders {
  const newestFriendships = new Map<string, ReturnType<Loaders["newestFriendships"]>>();
  const thoughts = new Map<string, ReturnType<Loaders["thoughts"]>>();
  return {
    users: new DataLoader((ids) => services.users.findMany([...ids]), { cacheKeyFn: idKey }),
    currentCards: new DataLoader((ids) => services.users.findCurrentCards([...ids]), { cacheKeyFn: idKey }),
    cards: new DataLoader((ids) => services.users.listCards([...ids]), { cacheKeyFn: idKey }),
    newestFriendships(viewer) {
      const key = idKey(viewer.userId);
      const loader = newestFriendships.get(key) ?? new DataLoader((ids) => services.friendships.findNewest(viewer, [...ids]), { cacheKeyFn: idKey });
      newestFriendships.set(key, loader);
      return loader;
    },
    thoughts(viewer, place) {
      const key = `${idKey(viewer.userId)} ${place.before} ${place.first}`;
      const loader = thoughts.get(key) ?? new DataLoader((ids) => services.thoughts.listMany(viewer, [...ids], place), { cacheKeyFn: idKey });
      thoughts.set(key, loader);
      return loader;
    },
  };
}

/** A user who is named by something stored. */
export async function loadUser({ users }: Loaders, id: UserId): Promise<UserRecord> {
  const user = await users.load(id);
  if (!user) throw new Error("a user who is not stored");
  return user;
}
