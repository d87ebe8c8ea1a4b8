import { equalBytes, idKey, type UserId, type VaultFriend } from "../protocol/index.ts";
import type { ClientContext } from "./context.ts";
import { FriendChain } from "./friend-chain.ts";
import type { VerifiedUser } from "./verified-user.ts";

/** The opened chains of friends, by user id. */
export class FriendChains {
  readonly #context: () => ClientContext;
  readonly #chains = new Map<string, FriendChain>();
  readonly #opening = new Map<string, Promise<FriendChain>>();

  constructor(context: () => ClientContext) {
    this.#context = context;
  }

  find(userId: UserId): FriendChain | undefined {
    return this.#chains.get(idKey(userId));
  }

  list(): FriendChain[] {
    return [...this.#chains.values()];
  }

  /** Opens a friend's chain once, however many ask. Throws as FriendChain.open. */
  async open(friend: VaultFriend, user: VerifiedUser, sinceMs: number): Promise<FriendChain> {
    const key = idKey(friend.userId);
    const opened = this.#chains.get(key);
    if (opened) return opened;
    let opening = this.#opening.get(key);
    if (opening === undefined) {
      opening = FriendChain.open(this.#context(), friend, user, sinceMs).finally(() => this.#opening.delete(key));
      this.#opening.set(key, opening);
    }
    const chain = await opening;
    // The friendship may have ended while the chain was being opened.
    const { friends } = this.#context().vault.content.friends;
    if (!friends.some(({ fid }) => equalBytes(fid, friend.fid))) return chain;
    this.#chains.set(key, chain);
    // Entries that came while it was being opened found no chain to take them.
    await chain.catchUp();
    return chain;
  }

  close(userId: UserId): void {
    this.#chains.delete(idKey(userId));
  }
}
