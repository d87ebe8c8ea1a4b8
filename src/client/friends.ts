import { createCancel, createDecline, safetyNumber } from "../crypto/index.ts";
import { encodeBase64url, type UserId, type VaultFriend } from "../protocol/index.ts";
import type { Befriending } from "./befriending.ts";
import type { ClientContext } from "./context.ts";
import type { Ending } from "./ending.ts";
import { ClientError, expectResult } from "./errors.ts";
import { findReceived, listRequests, type FriendRequest } from "./friend-requests.ts";
import { friendshipOf, recordInput } from "./friendship-records.ts";
import { CancelFriendshipDocument, DeclineFriendshipDocument } from "./generated/graphql.ts";
import { isRecipient } from "./granting.ts";
import { findUser, type Whom } from "./people.ts";

/** A friend, as the own vault holds it. */
export interface Friend {
  userId: UserId;
  username: string;
  /** Whether the safety numbers were compared. */
  verified: boolean;
}

/** What the user does about friends. */
export class Friends {
  readonly #context: ClientContext;
  readonly #befriending: Befriending;
  readonly #ending: Ending;

  constructor(parts: { context: ClientContext; befriending: Befriending; ending: Ending }) {
    this.#context = parts.context;
    this.#befriending = parts.befriending;
    this.#ending = parts.ending;
  }

  /** The friends with whom keys were exchanged on both sides. */
  list(): Friend[] {
    const confirmed = this.#held.filter(({ state }) => state === "CONFIRMED");
    return confirmed.map(({ userId, username = "", verified }) => ({ userId, username, verified }));
  }

  /** Requests that wait for an answer, as the relay tells them. */
  requests(): Promise<{ received: FriendRequest[]; sent: FriendRequest[] }> {
    return listRequests(this.#context);
  }

  /** Asks somebody to become friends; accepts instead if they asked first. Throws ClientError and RelayRefusal. */
  async request(whom: string | Whom): Promise<void> {
    const user = await findUser(this.#context.transport, typeof whom === "string" ? { username: whom } : whom);
    await this.#befriending.request(user);
  }

  /** Accepts the request of this user, with a grant of the newest epoch, which opens all history. */
  async accept(username: string): Promise<void> {
    await this.#befriending.accept(await findReceived(this.#context, username));
  }

  /** Declines the request of this user. */
  async decline(username: string): Promise<void> {
    const { own, transport } = this.#context;
    const { id, peer, peerCardHash } = friendshipOf(own, await findReceived(this.#context, username));
    const record = createDecline(recordInput(own, id, { userId: peer, cardHash: peerCardHash }));
    const { declineFriendship } = await transport.execute(DeclineFriendshipDocument, { input: { record: encodeBase64url(record) } });
    expectResult(declineFriendship, "FriendshipDeclined");
  }

  /** Takes back an own request that nobody answered. */
  async cancel(username: string): Promise<void> {
    const { own, transport } = this.#context;
    const pending = this.#held.find((friend) => friend.username === username && friend.state === "PENDING_OUT");
    if (pending === undefined) throw new ClientError("REQUEST_UNKNOWN", `There is no request to ${username} under way.`);
    const record = createCancel(recordInput(own, pending.fid, pending));
    const { cancelFriendship } = await transport.execute(CancelFriendshipDocument, { input: { record: encodeBase64url(record) } });
    expectResult(cancelFriendship, "FriendshipCancelled");
    await this.#ending.dropRequest(pending.fid);
  }

  /** Ends a friendship: a new epoch without this friend begins in the same transaction. */
  async end(username: string): Promise<void> {
    const friend = this.#held.find((one) => one.username === username && isRecipient(one));
    if (friend === undefined) throw new ClientError("NOT_FRIENDS", `You and ${username} are not friends.`);
    await this.#ending.remove(friend, { endedByMe: true });
  }

  /** The 60 digits to compare with this friend over another channel. */
  async safetyNumber(username: string): Promise<string> {
    const friend = this.#held.find((one) => one.username === username);
    if (friend === undefined) throw new ClientError("NOT_FRIENDS", `You and ${username} are not friends.`);
    return safetyNumber(this.#context.own, friend);
  }

  /** Notes that the safety numbers were compared and are equal. */
  async markVerified(username: string): Promise<void> {
    await this.#context.vault.update(({ friends }) => {
      const friend = friends.friends.find((one) => one.username === username);
      if (friend === undefined) throw new ClientError("NOT_FRIENDS", `You and ${username} are not friends.`);
      if (friend.verified) return false;
      friend.verified = true;
      return true;
    });
  }

  get #held(): VaultFriend[] {
    return this.#context.vault.content.friends.friends;
  }
}
