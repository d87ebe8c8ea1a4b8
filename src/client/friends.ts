import { createDecline } from "../crypto/index.ts";
import { encodeBase64url, type UserId, type VaultFriend } from "../protocol/index.ts";
import type { Befriending } from "./befriending.ts";
import type { ClientContext } from "./context.ts";
import type { Ending } from "./ending.ts";
import { ClientError, expectResult } from "./errors.ts";
import { findReceived, listRequests, type FriendRequest } from "./friend-requests.ts";
import { friendshipOf, recordInput } from "./friendship-records.ts";
import { DeclineFriendshipDocument } from "./generated/graphql.ts";
import { createInviteLink, findInvited } from "./invites.ts";
import { findUser, type Whom } from "./people.ts";
import { numberOfSuspended, reinstate } from "./suspension.ts";
import { takeBack } from "./take-back.ts";
import { sharingOf, type FriendChoice, type Sharing } from "./terms.ts";
import { verificationOf, type Verification } from "./verification.ts";
import type { Verifier } from "./verifier.ts";
import { withNewestCard } from "./with-newest-card.ts";

/** A friend, as the own vault holds it. */
export interface Friend {
  userId: UserId;
  username: string;
  /** Whether the identity card is known to be theirs. */
  verification: Verification;
  /** What they read of one's own thoughts. */
  sharing: Sharing;
}

/** What the user does about friends. */
export class Friends {
  readonly #context: ClientContext;
  readonly #befriending: Befriending;
  readonly #ending: Ending;
  readonly #verifier: Verifier;

  constructor(parts: { context: ClientContext; befriending: Befriending; ending: Ending; verifier: Verifier }) {
    this.#context = parts.context;
    this.#befriending = parts.befriending;
    this.#ending = parts.ending;
    this.#verifier = parts.verifier;
  }

  /** The friends with whom keys were exchanged on both sides. */
  list(): Friend[] {
    const confirmed = this.#held.filter(({ state }) => state === "CONFIRMED");
    return confirmed.map(friendOf);
  }

  /** Requests that wait for an answer, as the relay tells them. */
  requests(): Promise<{ received: FriendRequest[]; sent: FriendRequest[] }> {
    return listRequests(this.#context);
  }

  /**
   * Asks somebody to become friends; accepts instead if they asked first. An invite link proves who made it: they are
   * verified from the start, and a relay that shows somebody else is refused with ClientError INVITE_REFUSED. With
   * `history: false` they read what is written once they have accepted, and nothing before. Throws ClientError, RelayRefusal.
   */
  async request(whom: string | Whom | { link: string }, choice: FriendChoice = {}): Promise<void> {
    await withNewestCard(() => this.#request(whom, choice));
  }

  /** Accepts the request of this user. With `history: false` they read what is written from now on, and nothing before. */
  async accept(username: string, choice: FriendChoice = {}): Promise<void> {
    await this.#befriending.accept(await findReceived(this.#context, username), choice);
  }

  /**
   * A link by which others ask you, certain that it is you; you cannot tell from it who they are. Give it away by a way that
   * the relay has no hand in. Without a name in it, nothing in it tells the relay whose it is.
   */
  inviteLink({ named = true }: { named?: boolean } = {}): string {
    return createInviteLink(this.#context, { named });
  }

  /** Declines the request of this user. */
  async decline(username: string): Promise<void> {
    const { own, transport } = this.#context;
    await withNewestCard(async () => {
      const { id, user } = friendshipOf(own, await findReceived(this.#context, username));
      const record = createDecline(recordInput(own, id, user));
      const { declineFriendship } = await transport.execute(DeclineFriendshipDocument, { input: { record: encodeBase64url(record) } });
      expectResult(declineFriendship, "FriendshipDeclined");
    });
  }

  /** Takes back an own request that nobody answered. */
  async cancel(username: string): Promise<void> {
    const pending = this.#held.find((friend) => friend.username === username && friend.state === "PENDING_OUT");
    if (pending === undefined) throw new ClientError("REQUEST_UNKNOWN", `There is no request to ${username} under way.`);
    await takeBack(this.#context, pending.fid, pending.userId);
    await this.#ending.dropRequest(pending.fid);
  }

  /** Ends a friendship: a new epoch without this friend begins in the same transaction. */
  async end(username: string): Promise<void> {
    const friend = this.#held.find((one) => one.username === username && one.state !== "PENDING_OUT");
    if (friend === undefined) throw new ClientError("NOT_FRIENDS", `You and ${username} are not friends.`);
    await this.#ending.remove(friend, { endedByMe: true });
  }

  /** The 60 digits to compare with this friend over another channel. */
  async safetyNumber(username: string): Promise<string> {
    const suspended = this.#held.find((one) => one.username === username && one.state === "SUSPENDED");
    return suspended === undefined ? this.#verifier.safetyNumber(username) : numberOfSuspended(this.#context, suspended);
  }

  /** Friends of whom the relay showed two identity cards where there can be one. Nothing of them is shown, nothing sealed to them. */
  suspended(): Friend[] {
    return this.#held.filter(({ state }) => state === "SUSPENDED").map(friendOf);
  }

  /**
   * Takes a suspended friend back, by the safety number that the two compared in person. Throws ClientError FRIEND_SUSPENDED
   * when it is not the number of the card that the relay shows now.
   */
  async reinstate(username: string, comparedNumber: string): Promise<void> {
    const friend = this.#held.find((one) => one.username === username && one.state === "SUSPENDED");
    if (friend === undefined) throw new ClientError("NOT_FRIENDS", `${username} is not suspended.`);
    await reinstate(this.#context, friend, comparedNumber);
  }

  /**
   * Notes that the safety numbers were compared and are equal. Given the number that was compared, it refuses any other with
   * SAFETY_NUMBER_DIFFERS: the friend's card may have changed while you compared. History that waited for this is shared.
   */
  async markVerified(username: string, compared?: string): Promise<void> {
    await this.#verifier.markVerified(username, compared);
  }

  /** Verifies a friend by their invite link, shown in person. Throws ClientError INVITE_REFUSED when it names another card. */
  async verifyByLink(link: string): Promise<void> {
    await this.#verifier.verifyByLink(link);
  }

  /** Takes back that a friend is verified. History that was shared stays shared. */
  async markUnverified(username: string): Promise<void> {
    await this.#verifier.markUnverified(username);
  }

  /** Whether new friends read what was written before only once they are verified. */
  get historyAfterVerification(): boolean {
    return this.#context.vault.content.settings.historyAfterVerification ?? false;
  }

  /** Sets that for friends to come, on all devices. */
  async setHistoryAfterVerification(isOn: boolean): Promise<void> {
    await this.#context.vault.update(({ settings }) => void (settings.historyAfterVerification = isOn));
  }

  async #request(whom: string | Whom | { link: string }, choice: FriendChoice): Promise<void> {
    const { transport } = this.#context;
    const isLink = typeof whom === "object" && "link" in whom;
    if (!isLink) return this.#befriending.request(await findUser(transport, typeof whom === "string" ? { username: whom } : whom), choice);
    const { user, provenCard } = await findInvited(transport, whom.link);
    await this.#befriending.request(user, { ...choice, provenCard });
  }

  get #held(): VaultFriend[] {
    return this.#context.vault.content.friends.friends;
  }
}

function friendOf(friend: VaultFriend): Friend {
  const { userId, username = "" } = friend;
  return { userId, username, verification: verificationOf(friend), sharing: sharingOf(friend) };
}
