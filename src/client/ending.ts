import { equalBytes, MAX_ENDED_FRIENDSHIPS, type FriendshipId, type VaultFriend } from "../protocol/index.ts";
import type { ChainWriter } from "./chain-writer.ts";
import type { ClientContext } from "./context.ts";
import type { OwnFriendship } from "./friendship-records.ts";
import { planRotation } from "./plan-rotation.ts";
import type { Rotation } from "./rotation.ts";
import type { VaultContent } from "./vault-store.ts";

/** Ends friendships and requests in the own vault, and begins the epoch that leaves an ex-friend out (PROTOCOL.md §5 "Unfriending"). */
export class Ending {
  readonly #context: ClientContext;
  readonly #writer: ChainWriter;
  readonly #rotation: Rotation;

  constructor(parts: { context: ClientContext; writer: ChainWriter; rotation: Rotation }) {
    this.#context = parts.context;
    this.#writer = parts.writer;
    this.#rotation = parts.rotation;
  }

  /** Removes a friend: a new epoch begins without them, in one transaction with the end if it is one's own. */
  async remove(friend: VaultFriend, { endedByMe }: { endedByMe: boolean }): Promise<void> {
    const { chains, notices } = this.#context;
    await this.#writer.exclusively(async () => {
      while (!(await this.#plan(friend, endedByMe ? friend.fid : undefined))) await this.#rotation.finish();
      chains.close(friend.userId);
      await this.#rotation.finish();
    });
    notices.emit({ kind: "ended", username: friend.username ?? "", userId: friend.userId });
  }

  /** Forgets a request that nobody accepted, without a rotation: no key went out. */
  async dropRequest(fid: FriendshipId): Promise<void> {
    await this.#context.vault.update(({ friends }) => {
      const left = friends.friends.filter((friend) => !equalBytes(friend.fid, fid) || friend.state !== "PENDING_OUT");
      if (left.length === friends.friends.length) return false;
      friends.friends = left;
      rememberEnded(friends, fid);
      return true;
    });
  }

  /** Follows the end of a friendship or request by the other side: a new epoch before the next thought. */
  async followEnd(fid: FriendshipId): Promise<void> {
    const friend = this.#held.find((one) => equalBytes(one.fid, fid));
    if (friend === undefined) return;
    if (friend.state === "PENDING_OUT") return this.dropRequest(fid);
    await this.remove(friend, { endedByMe: false });
  }

  /** Ends at the relay what was accepted there after it was over here. */
  async endUnheld({ id, peer }: OwnFriendship): Promise<void> {
    const { vault, log } = this.#context;
    await this.#writer.exclusively(async () => {
      await this.#rotation.finish();
      await vault.update((content) => {
        if (content.pending.rotation !== undefined) return false;
        planRotation(content, log.state.epoch, [peer], id);
        return true;
      });
      await this.#rotation.finish();
    });
  }

  /** Notes that another device ended a friendship or followed its end. An older one with a friend of today changes nothing. */
  noteEnded({ peer, user }: OwnFriendship): void {
    const { chains, notices } = this.#context;
    const isFriend = this.#held.some(({ userId }) => equalBytes(userId, peer));
    if (isFriend || !chains.find(peer)) return;
    chains.close(peer);
    notices.emit({ kind: "ended", username: user.username, userId: peer });
  }

  get #held(): VaultFriend[] {
    return this.#context.vault.content.friends.friends;
  }

  // Answers false while another end is on its way to the relay: it goes first, or nobody would ever tell the relay of it.
  async #plan(friend: VaultFriend, endedFid: FriendshipId | undefined): Promise<boolean> {
    const { vault, log } = this.#context;
    const { friends } = await vault.update((content) => {
      const left = content.friends.friends.filter(({ fid }) => !equalBytes(fid, friend.fid));
      const isGone = left.length === content.friends.friends.length;
      if (isGone || content.pending.rotation?.endedFid !== undefined) return false;
      content.friends.friends = left;
      rememberEnded(content.friends, friend.fid);
      planRotation(content, log.state.epoch, [friend.userId], endedFid);
      return true;
    });
    return !friends.friends.some(({ fid }) => equalBytes(fid, friend.fid));
  }
}

/** Notes a fid as ended. A request runs out after 30 days: what ended long ago cannot be replayed, and makes room. */
export function rememberEnded(friends: VaultContent["friends"], fid: FriendshipId): void {
  friends.ended = [...friends.ended, fid].slice(-MAX_ENDED_FRIENDSHIPS);
}
