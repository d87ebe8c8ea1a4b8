import { safetyNumber } from "../crypto/index.ts";
import { equalBytes, GrantKind, type FriendshipId, type VaultFriend } from "../protocol/index.ts";
import type { ChainWriter } from "./chain-writer.ts";
import type { ClientContext } from "./context.ts";
import { ClientError, isRefusal } from "./errors.ts";
import { storeGrantsFor } from "./granting.ts";
import { readInviteLink } from "./invites.ts";
import { isRecipient } from "./plan-rotation.ts";
import type { Rotation } from "./rotation.ts";
import { isHistoryDue, shareHistory } from "./terms.ts";

const MAX_TRIES = 4;

/** Notes what the user found out about friends' cards, and shares the history that waited for it (PROTOCOL.md §2 "Verification"). */
export class Verifier {
  readonly #context: ClientContext;
  readonly #writer: ChainWriter;
  readonly #rotation: Rotation;

  constructor(parts: { context: ClientContext; writer: ChainWriter; rotation: Rotation }) {
    this.#context = parts.context;
    this.#writer = parts.writer;
    this.#rotation = parts.rotation;
  }

  safetyNumber(username: string): string {
    return safetyNumber(this.#context.own, this.#find(username));
  }

  /** With the number that was compared, it counts only if it is the number of this very moment. */
  async markVerified(username: string, compared: string | undefined): Promise<void> {
    const { own } = this.#context;
    await this.#note(this.#find(username).fid, (friend) => {
      if (compared === undefined || digitsOf(compared) === digitsOf(safetyNumber(own, friend))) return;
      throw new ClientError("SAFETY_NUMBER_DIFFERS", `This is not the safety number of you and ${username}. Nothing was noted: compare again.`);
    });
  }

  async verifyByLink(link: string): Promise<void> {
    const { userId, cardHash } = readInviteLink(this.#context.transport, link);
    const found = this.#held.find((friend) => equalBytes(friend.userId, userId));
    if (found === undefined) throw new ClientError("NOT_FRIENDS", "You are not friends with the one who made this link.");
    await this.#note(found.fid, (friend) => {
      if (equalBytes(friend.cardHash, cardHash)) return;
      throw new ClientError("INVITE_REFUSED", `This link names another identity card than the one that you know of ${friend.username}. Ask for a new link, in person.`);
    });
  }

  async markUnverified(username: string): Promise<void> {
    const { fid } = this.#find(username);
    await this.#change(fid, (friend) => {
      friend.verified = false;
      delete friend.verifiedCard;
    });
  }

  /** Gives the history to friends who were to have it once verified, and are by now (PROTOCOL.md §5 "From now on"). */
  async shareDueHistory(): Promise<void> {
    for (const { fid } of this.#held.filter(isDue)) {
      // The vault says so after the grant is stored: until then it is tried again at every sign-in.
      if (await this.#writer.exclusively(() => this.#storeHistoryGrant(fid))) await this.#change(fid, shareHistory);
    }
  }

  get #held(): VaultFriend[] {
    return this.#context.vault.content.friends.friends;
  }

  #find(username: string): VaultFriend {
    const friend = this.#held.find((one) => one.username === username);
    if (friend === undefined) throw new ClientError("NOT_FRIENDS", `You and ${username} are not friends.`);
    return friend;
  }

  async #note(fid: FriendshipId, demandProof: (friend: VaultFriend) => void): Promise<void> {
    await this.#change(fid, (friend) => {
      demandProof(friend);
      friend.verified = true;
      friend.verifiedCard = friend.cardHash;
    });
    await this.shareDueHistory();
  }

  async #change(fid: FriendshipId, change: (friend: VaultFriend) => void): Promise<void> {
    await this.#context.vault.update(({ friends }) => {
      const friend = friends.friends.find((one) => equalBytes(one.fid, fid));
      if (friend === undefined) throw new ClientError("NOT_FRIENDS", "This friendship ended in the meantime.");
      change(friend);
    });
  }

  // Answers whether it is stored. Who cannot be sealed to gets it once that is possible again.
  async #storeHistoryGrant(fid: FriendshipId): Promise<boolean> {
    for (let attempt = 1; ; attempt += 1) {
      await this.#rotation.finish();
      const isMeant = (friend: VaultFriend): boolean => equalBytes(friend.fid, fid) && isHistoryDue(friend);
      try {
        return (await storeGrantsFor(this.#context, isMeant, GrantKind.HISTORY)) > 0;
      } catch (error) {
        if (!isRefusal(error, "GRANT_INVALID") || attempt === MAX_TRIES) throw error;
        await this.#context.log.catchUp();
      }
    }
  }
}

function isDue(friend: VaultFriend): boolean {
  return isRecipient(friend) && isHistoryDue(friend);
}

function digitsOf(text: string): string {
  return text.replace(/\D/g, "");
}
