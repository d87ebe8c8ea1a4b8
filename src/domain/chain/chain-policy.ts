import { equalBytes, type UserId } from "../../protocol/index.ts";
import { DomainError } from "../domain-error.ts";
import type { FriendshipRepository } from "../ports/index.ts";
import type { Viewer } from "../viewer.ts";

/** Whether the viewer may read an author's chain: one's own, or one that an edge leads to (PROTOCOL.md §5). */
export async function mayRead(friendships: Pick<FriendshipRepository, "hasEdge">, viewer: Viewer, author: UserId): Promise<boolean> {
  return equalBytes(viewer.userId, author) || friendships.hasEdge(viewer.userId, author);
}

/** @throws DomainError CHAIN_NOT_READABLE, for an author that does not exist too */
export async function requireReader(friendships: Pick<FriendshipRepository, "hasEdge">, viewer: Viewer, author: UserId): Promise<void> {
  if (await mayRead(friendships, viewer, author)) return;
  throw new DomainError("CHAIN_NOT_READABLE", "Only friends can read this chain: ask its author for friendship first.");
}
