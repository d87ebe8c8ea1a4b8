import { encodeBase64url, equalBytes, type FriendshipId, FriendshipRecordType, idKey, parseBase64url, ProtocolError, type VaultFriend } from "../protocol/index.ts";
import type { Befriending } from "./befriending.ts";
import type { ClientContext } from "./context.ts";
import type { Ending } from "./ending.ts";
import { provePinned } from "./demand-logged.ts";
import { ClientError, expectResult, RelayRefusal } from "./errors.ts";
import { friendshipOf, verifyAnswer, type OwnFriendship } from "./friendship-records.ts";
import { FriendshipByIdDocument, RequestFriendshipDocument, type FriendshipPartsFragment } from "./generated/graphql.ts";
import { fetchFriendships, fetchRequests } from "./people.ts";
import { takeBack } from "./take-back.ts";

/** Brings the own vault and what the relay tells of friendships together. The vault decides; the relay only reminds. */
export class Reconciler {
  /** Told while friends were opened: what fails in the same way right after is told no second time. */
  readonly #told = new Set<string>();
  readonly #context: ClientContext;
  readonly #befriending: Befriending;
  readonly #ending: Ending;

  constructor(parts: { context: ClientContext; befriending: Befriending; ending: Ending }) {
    this.#context = parts.context;
    this.#befriending = parts.befriending;
    this.#ending = parts.ending;
  }

  /**
   * Opens the chains of those whom the own vault holds as friends, before anything is done about anybody. What does not
   * hold is told as a problem; what the relay refuses is told by reconcileAll.
   */
  async openFriends(): Promise<void> {
    await provePinned(this.#context);
    for (const parts of await fetchFriendships(this.#context.transport)) {
      try {
        const friendship = friendshipOf(this.#context.own, parts);
        const friend = this.#find(friendship);
        if (friend?.state === "CONFIRMED") await this.#befriending.welcome(friend, friendship.user, friendship.changedAtMs);
      } catch (error) {
        if (!isAboutThem(error)) throw error;
        // A relay that was caught once may be honest the next time.
        if (error instanceof RelayRefusal) continue;
        this.#tell(error);
        this.#told.add(toldKey(parts, error));
      }
    }
  }

  /** Goes through all friendships once: what happened while this client was away. */
  async reconcileAll(): Promise<void> {
    const { transport } = this.#context;
    const told = [...(await fetchFriendships(transport)), ...(await fetchRequests(transport))];
    for (const friendship of told) await this.reconcile(friendship);
    const known = new Set(told.map(({ id }) => id));
    for (const friend of [...this.#held]) {
      if (!known.has(idKey(friend.fid))) await this.lookUp(friend);
    }
  }

  /** Follows one friendship. What does not hold changes nothing and is told as a problem. */
  async reconcile(parts: FriendshipPartsFragment): Promise<void> {
    try {
      await this.#follow(friendshipOf(this.#context.own, parts));
    } catch (error) {
      if (!isAboutThem(error)) throw error;
      if (!this.#told.delete(toldKey(parts, error))) this.#tell(error);
    }
  }

  #tell(cause: Error): void {
    this.#context.notices.emit({ kind: "problem", text: `A friendship could not be followed: ${cause.message}`, cause });
  }

  async #follow(friendship: OwnFriendship): Promise<void> {
    switch (friendship.state) {
      case "PENDING":
        return this.#followPending(friendship);
      case "ACCEPTED":
        return this.#followAccepted(friendship);
      case "CONFIRMED":
        return this.#followConfirmed(friendship);
      case "ENDED":
        return this.#followEnded(friendship);
      case "DECLINED":
        return this.#followClosed(friendship, FriendshipRecordType.DECLINE);
      case "CANCELLED":
      case "EXPIRED":
        return this.#followUnanswered(friendship);
    }
  }

  async #followPending(friendship: OwnFriendship): Promise<void> {
    const { id, isRequester, parts, peer, user } = friendship;
    if (!isRequester) this.#context.notices.emit({ kind: "requested", friendshipId: parts.id, username: user.username });
    else if (await this.#isOver(friendship)) await takeBack(this.#context, id, peer);
  }

  async #followAccepted(friendship: OwnFriendship): Promise<void> {
    if (!friendship.isRequester) return;
    verifyAnswer(friendship, friendship.parts.acceptRecord, FriendshipRecordType.ACCEPT);
    await this.#refreshUnless(friendship, "PENDING_OUT");
    if (await this.#isOver(friendship)) return this.#ending.endUnheld(friendship);
    await this.#befriending.confirm(friendship);
  }

  // One own device may send a request that another one has given up: nobody would ever answer for it.
  async #isOver(friendship: OwnFriendship): Promise<boolean> {
    if (this.#find(friendship)) return false;
    const { friends, ended } = (await this.#context.vault.reload()).friends;
    // Somebody who is held by another friendship is nobody to end an older one with, whatever a relay replays.
    return !friends.some(({ userId }) => equalBytes(userId, friendship.peer)) && ended.some((fid) => equalBytes(fid, friendship.id));
  }

  async #followConfirmed(friendship: OwnFriendship): Promise<void> {
    if (friendship.isRequester) {
      await this.#refreshUnless(friendship, "CONFIRMED");
    } else {
      verifyAnswer(friendship, friendship.parts.confirmRecord, FriendshipRecordType.CONFIRM);
      await this.#refreshUnless(friendship, "ACCEPTED");
      await this.#befriending.noteConfirmed(friendship);
    }
    const friend = this.#find(friendship);
    if (friend?.state === "CONFIRMED") await this.#befriending.welcome(friend, friendship.user, friendship.changedAtMs);
  }

  async #followEnded(friendship: OwnFriendship): Promise<void> {
    // Another device of the same user may have ended or followed it: the newest vault tells.
    if (this.#find(friendship)) await this.#context.vault.reload();
    if (!this.#find(friendship)) return this.#ending.noteEnded(friendship);
    verifyAnswer(friendship, friendship.parts.endRecord, FriendshipRecordType.UNFRIEND);
    await this.#ending.followEnd(friendship.id);
  }

  async #followClosed(friendship: OwnFriendship, type: FriendshipRecordType): Promise<void> {
    if (this.#find(friendship) === undefined || !friendship.isRequester) return;
    verifyAnswer(friendship, friendship.parts.endRecord, type);
    await this.#ending.followEnd(friendship.id);
  }

  // Nobody signs that a request ran out: it is believed of a request, and never of a friendship that both confirmed.
  async #followUnanswered(friendship: OwnFriendship): Promise<void> {
    if (this.#find(friendship)?.state === "CONFIRMED") throw new ProtocolError("bad-record", "a confirmed friendship does not run out");
    await this.#ending.followEnd(friendship.id);
  }

  // Another device may have taken the step: the newest vault tells before anything is done.
  async #refreshUnless(friendship: OwnFriendship, state: VaultFriend["state"]): Promise<void> {
    if (this.#find(friendship)?.state !== state) await this.#context.vault.reload();
  }

  /** Asks for one friendship: a request that never arrived is sent again, and what has ended is followed. */
  async lookUp(friend: VaultFriend): Promise<void> {
    const { transport } = this.#context;
    const { friendship } = await transport.execute(FriendshipByIdDocument, { id: encodeBase64url(friend.fid) });
    if (friendship !== null) return this.reconcile(friendship);
    if (friend.state === "PENDING_OUT" && friend.request !== undefined) await this.#askAgain(friend.fid, friend.request);
  }

  // What the relay refuses now it refuses for good: who was asked may be gone, or the request has run out. A limit by the day
  // leaves it to the next sign-in. Neither stops this one.
  async #askAgain(fid: FriendshipId, request: Uint8Array): Promise<void> {
    try {
      const { requestFriendship } = await this.#context.transport.execute(RequestFriendshipDocument, { input: { record: encodeBase64url(request) } });
      if (requestFriendship.__typename !== "RequestCrossed") expectResult(requestFriendship, "FriendshipRequested");
    } catch (error) {
      if (error instanceof RelayRefusal) await this.#ending.dropRequest(fid);
      else if (!isLimit(error)) throw error;
      this.#tell(error);
    }
  }

  #find({ parts }: OwnFriendship): VaultFriend | undefined {
    const fid = idKey(parseBase64url(parts.id));
    return this.#held.find((friend) => idKey(friend.fid) === fid);
  }

  get #held(): VaultFriend[] {
    return this.#context.vault.content.friends.friends;
  }
}

function toldKey({ id }: FriendshipPartsFragment, { message }: Error): string {
  return `${id} ${message}`;
}

function isLimit(error: unknown): error is ClientError {
  return error instanceof ClientError && error.code === "RATE_LIMITED";
}

// What one friendship cannot be followed for, and others can.
function isAboutThem(error: unknown): error is Error {
  if (error instanceof ProtocolError || error instanceof RelayRefusal) return true;
  return error instanceof ClientError && ["CARD_NOT_LOGGED", "CARD_REFUSED", "FRIEND_SUSPENDED", "KEY_LOG_BROKEN", "REQUEST_UNKNOWN", "USER_UNKNOWN"].includes(error.code);
}
