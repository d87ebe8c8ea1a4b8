import DataLoader from "dataloader";
import type { CardRecord, UserRecord } from "../domain/ports.ts";
import { idKey, type UserId } from "../protocol/index.ts";
import type { Services } from "./context.ts";

/** Reads that one execution repeats, gathered into one statement each. Public facts only: they ask for no viewer. */
export interface Loaders {
  users: DataLoader<UserId, UserRecord | undefined, string>;
  /** The card in force, by user. */
  currentCards: DataLoader<UserId, CardRecord | undefined, string>;
  /** All cards, by user, oldest first. */
  cards: DataLoader<UserId, CardRecord[], string>;
}

/** One set for each execution: a request, or the delivery of one event. A longer life would answer with old cards. */
export function createLoaders(services: Pick<Services, "users">): Loaders {
  return {
    users: new DataLoader((ids) => services.users.findMany([...ids]), { cacheKeyFn: idKey }),
    currentCards: new DataLoader((ids) => services.users.findCurrentCards([...ids]), { cacheKeyFn: idKey }),
    cards: new DataLoader((ids) => services.users.listCards([...ids]), { cacheKeyFn: idKey }),
  };
}
