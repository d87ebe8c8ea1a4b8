import { createAccept, createCancel, createConfirm, createDecline, createFriendRequest, friendshipIdOf, generateRequestId, safetyNumber, type FriendshipRecordInput } from "../crypto/index.ts";
import {
  encodeBase64url,
  equalBytes,
  GrantKind,
  idKey,
  MAX_ENDED_FRIENDSHIPS,
  MAX_FRIENDS,
  MAX_REQUEST_LIFE_MS,
  parseBase64url,
  parseFriendRequest,
  ProtocolError,
  type FriendshipId,
  type UserId,
  type VaultFriend,
} from "../protocol/index.ts";
import type { ChainWriter } from "./chain-writer.ts";
import type { ClientContext } from "./context.ts";
import { ClientError, expectResult, isRefusal, RelayRefusal } from "./errors.ts";
import type { Emitter, Notice } from "./events.ts";
import type { FriendChains } from "./friend-chains.ts";
import { friendshipOf, verifyReceivedRequest, type OwnFriendship } from "./friendship-records.ts";
import {
  AcceptFriendshipDocument,
  CancelFriendshipDocument,
  ConfirmFriendshipDocument,
  DeclineFriendshipDocument,
  RequestFriendshipDocument,
  type FriendshipPartsFragment,
} from "./generated/graphql.ts";
import { isRecipient, newestEpochKey, sealGrant } from "./granting.ts";
import { fetchRequests, findUser, type Whom } from "./people.ts";
import { planRotation, type Rotation } from "./rotation.ts";
import type { VaultContent } from "./vault-store.ts";
import type { VerifiedUser } from "./verified-user.ts";

/** A friend, as the own vault holds it. */
export interface Friend {
  userId: UserId;
  username: string;
  /** Whether the safety numbers were compared. */
  verified: boolean;
}

/** A request that waits for an answer. */
export interface FriendRequest {
  id: FriendshipId;
  username: string;
  userId: UserId;
  /** Milliseconds since 1970. */
  expiresAtMs: number;
}

const MAX_TRIES = 4;

/** What the user does about friends. Whatever carries a grant is in the own vault before it is sent (PROTOCOL.md §5). */
export class Friends {
  readonly #context: ClientContext;
  readonly #chains: FriendChains;
  readonly #writer: ChainWriter;
  readonly #rotation: Rotation;
  readonly #notices: Emitter<Notice>;

  constructor(parts: { context: ClientContext; chains: FriendChains; writer: ChainWriter; rotation: Rotation; notices: Emitter<Notice> }) {
    this.#context = parts.context;
    this.#chains = parts.chains;
    this.#writer = parts.writer;
    this.#rotation = parts.rotation;
    this.#notices = parts.notices;
  }

  /** The friends with whom keys were exchanged on both sides. */
  list(): Friend[] {
    const confirmed = this.#held.filter(({ state }) => state === "CONFIRMED");
    return confirmed.map(({ userId, username = "", verified }) => ({ userId, username, verified }));
  }

  /** Requests that wait for an answer, as the relay tells them. */
  async requests(): Promise<{ received: FriendRequest[]; sent: FriendRequest[] }> {
    const open = (await fetchRequests(this.#context.transport)).filter(({ state }) => state === "PENDING");
    const me = idKey(this.#context.own.userId);
    const [received, sent] = [open.filter(({ accepter }) => accepter.id === me), open.filter(({ requester }) => requester.id === me)];
    return {
      received: received.map((friendship) => requestOf(friendship, friendship.requester)),
      sent: sent.map((friendship) => requestOf(friendship, friendship.accepter)),
    };
  }

  /** Asks somebody to become friends; accepts instead if they asked first. Throws ClientError and RelayRefusal. */
  async request(whom: string | Whom): Promise<void> {
    const user = await findUser(this.#context.transport, typeof whom === "string" ? { username: whom } : whom);
    const record = this.#createRequest(user);
    const fid = friendshipIdOf(parseFriendRequest(record));
    await this.#context.vault.update((content) => holdRequest(content, user, { fid, record }));
    try {
      const { requestFriendship } = await this.#context.transport.execute(RequestFriendshipDocument, { input: { record: encodeBase64url(record) } });
      if (requestFriendship.__typename !== "RequestCrossed") return void expectResult(requestFriendship, "FriendshipRequested");
      await this.#drop(fid);
      await this.#acceptOf(requestFriendship.friendship, user);
    } catch (error) {
      if (error instanceof RelayRefusal) await this.#drop(fid);
      throw error;
    }
  }

  /** Accepts the request of this user, with a grant of the newest epoch, which opens all history. */
  async accept(username: string): Promise<void> {
    const friendship = await this.#findReceived(username);
    await this.#acceptOf(friendship);
  }

  /** Declines the request of this user. */
  async decline(username: string): Promise<void> {
    const { id, peer, peerCardHash } = this.#ofOwn(await this.#findReceived(username));
    const record = createDecline(this.#recordInput(id, peer, peerCardHash));
    const { declineFriendship } = await this.#context.transport.execute(DeclineFriendshipDocument, { input: { record: encodeBase64url(record) } });
    expectResult(declineFriendship, "FriendshipDeclined");
  }

  /** Takes back an own request that nobody answered. */
  async cancel(username: string): Promise<void> {
    const pending = this.#held.find((friend) => friend.username === username && friend.state === "PENDING_OUT");
    if (pending === undefined) throw new ClientError("REQUEST_UNKNOWN", `There is no request to ${username} under way.`);
    const record = createCancel(this.#recordInput(pending.fid, pending.userId, pending.cardHash));
    const { cancelFriendship } = await this.#context.transport.execute(CancelFriendshipDocument, { input: { record: encodeBase64url(record) } });
    expectResult(cancelFriendship, "FriendshipCancelled");
    await this.#drop(pending.fid);
  }

  /** Ends a friendship: a new epoch without this friend begins in the same transaction. */
  async end(username: string): Promise<void> {
    const friend = this.#held.find((one) => one.username === username && isRecipient(one));
    if (friend === undefined) throw new ClientError("NOT_FRIENDS", `You and ${username} are not friends.`);
    await this.#remove(friend, { endedByMe: true });
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

  /** Completes a friendship that one asked for: exactly the request that the own vault holds as pending, once (PROTOCOL.md §5). */
  async confirm(friendship: OwnFriendship): Promise<void> {
    const { id, peer, peerCardHash, user, changedAtMs } = friendship;
    await this.#context.vault.update(({ friends }) => {
      const pending = friends.friends.find((one) => equalBytes(one.fid, id));
      if (pending?.state !== "PENDING_OUT") return false;
      if ((pending.expiresMs ?? 0) <= this.#context.now()) throw new ClientError("REQUEST_UNKNOWN", "The request ran out before it was accepted.");
      pending.state = "CONFIRMED";
      delete pending.request;
      delete pending.expiresMs;
      return true;
    });
    const friend = this.#held.find((one) => equalBytes(one.fid, id));
    // Only who is in the own vault at this moment gets a grant, whatever the relay replays.
    if (friend?.state !== "CONFIRMED") return;
    const record = encodeBase64url(createConfirm(this.#recordInput(id, peer, peerCardHash)));
    await this.#withGrant(friend, user, async (grant) => {
      const { confirmFriendship } = await this.#context.transport.execute(ConfirmFriendshipDocument, { input: { record, grant } });
      expectResult(confirmFriendship, "FriendshipConfirmed");
    });
    await this.welcome(friend, user, changedAtMs);
  }

  /** Notes that the other side confirmed what one accepted. */
  async noteConfirmed({ id: fid, user, changedAtMs }: OwnFriendship): Promise<void> {
    await this.#context.vault.update(({ friends }) => {
      const accepted = friends.friends.find((one) => equalBytes(one.fid, fid));
      if (accepted?.state !== "ACCEPTED") return false;
      accepted.state = "CONFIRMED";
      return true;
    });
    const friend = this.#held.find((one) => equalBytes(one.fid, fid));
    if (friend?.state === "CONFIRMED") await this.welcome(friend, user, changedAtMs);
  }

  /** Opens the chain of a friend; new to the feed is what came after this time of the relay's. */
  async welcome(friend: VaultFriend, user: VerifiedUser, sinceMs: number): Promise<void> {
    if (this.#chains.find(friend.userId)) return;
    await this.#chains.open(friend, user, sinceMs);
    this.#notices.emit({ kind: "befriended", username: friend.username ?? "", userId: friend.userId });
  }

  /** Follows the end of a friendship or request by the other side: a new epoch before the next thought. */
  async followEnd(fid: FriendshipId): Promise<void> {
    const friend = this.#held.find((one) => equalBytes(one.fid, fid));
    if (friend === undefined) return;
    if (!isRecipient(friend)) return this.#drop(fid);
    await this.#remove(friend, { endedByMe: false });
  }

  /** Notes that another device ended a friendship or followed its end. An older one with a friend of today changes nothing. */
  noteEnded({ peer, user }: OwnFriendship): void {
    const isFriend = this.#held.some(({ userId }) => equalBytes(userId, peer));
    if (isFriend || !this.#chains.find(peer)) return;
    this.#chains.close(peer);
    this.#notices.emit({ kind: "ended", username: user.username, userId: peer });
  }

  get #held(): VaultFriend[] {
    return this.#context.vault.content.friends.friends;
  }

  #createRequest(user: VerifiedUser): Uint8Array {
    const { own, now } = this.#context;
    if (equalBytes(user.userId, own.userId)) throw new ClientError("REQUEST_TO_SELF", "This is you: ask somebody else.");
    const held = this.#held.find(({ userId }) => equalBytes(userId, user.userId));
    const createdMs = now();
    if (held?.state === "PENDING_OUT" && held.request && (held.expiresMs ?? 0) > createdMs) return held.request;
    if (held && held.state !== "PENDING_OUT") throw new ClientError("REQUEST_EXISTS", `You and ${user.username} are friends already, or about to be.`);
    return createFriendRequest({
      from: own.userId,
      to: user.userId,
      fromCardHash: own.cardHash,
      toCardHash: user.cardHash,
      requestId: generateRequestId(),
      createdMs,
      expiresMs: createdMs + MAX_REQUEST_LIFE_MS,
      signSecretKey: own.identity.sign.secretKey,
    });
  }

  async #acceptOf(friendship: FriendshipPartsFragment, expected?: VerifiedUser): Promise<void> {
    const { own, now, vault, transport } = this.#context;
    const { user, request, fid } = verifyReceivedRequest(own, friendship, now());
    const isExpected = expected === undefined || equalBytes(expected.cardHash, user.cardHash);
    if (!isExpected) throw new ProtocolError("bad-card", "another user than the one who was asked");
    await vault.update((content) => holdAccepted(content, user, fid));
    const friend = this.#held.find((one) => equalBytes(one.fid, fid));
    if (friend === undefined || !isRecipient(friend)) throw new ClientError("REQUEST_EXISTS", `There is another friendship with ${user.username} under way.`);
    const record = encodeBase64url(createAccept(this.#recordInput(fid, request.from, user.cardHash)));
    await this.#withGrant(friend, user, async (grant) => {
      const { acceptFriendship } = await transport.execute(AcceptFriendshipDocument, { input: { record, grant } });
      expectResult(acceptFriendship, "FriendshipAccepted");
    });
  }

  // Sends a record with a grant of the epoch in force. If the relay refuses, the key may have leaked to who was to get it:
  // they leave the vault, and a new epoch begins.
  async #withGrant(friend: VaultFriend, user: VerifiedUser, send: (grant: string) => Promise<void>): Promise<void> {
    const refusal = await this.#writer.exclusively(async () => {
      for (let attempt = 0; ; attempt += 1) {
        await this.#rotation.finish();
        const grant = sealGrant(this.#context, await newestEpochKey(this.#context), friend.kind, user);
        try {
          return void (await send(encodeBase64url(grant)));
        } catch (error) {
          if (!(error instanceof RelayRefusal)) throw error;
          if (!isRefusal(error, "GRANT_INVALID", "EPOCH_STALE") || attempt + 1 === MAX_TRIES) return error;
          await this.#context.log.catchUp();
        }
      }
    });
    if (refusal === undefined) return;
    await this.#remove(friend, { endedByMe: false });
    throw refusal;
  }

  async #remove(friend: VaultFriend, { endedByMe }: { endedByMe: boolean }): Promise<void> {
    const { vault, log } = this.#context;
    await this.#writer.exclusively(async () => {
      await vault.update((content) => {
        const { friends } = content;
        const left = friends.friends.filter(({ fid }) => !equalBytes(fid, friend.fid));
        if (left.length === friends.friends.length) return false;
        friends.friends = left;
        rememberEnded(friends, friend.fid);
        planRotation(content, log.state.epoch, [friend.userId], endedByMe ? friend.fid : undefined);
        return true;
      });
      this.#chains.close(friend.userId);
      await this.#rotation.finish();
    });
    this.#notices.emit({ kind: "ended", username: friend.username ?? "", userId: friend.userId });
  }

  // A request that nobody accepted leaves without a rotation: no key went out.
  async #drop(fid: FriendshipId): Promise<void> {
    await this.#context.vault.update(({ friends }) => {
      const left = friends.friends.filter((friend) => !equalBytes(friend.fid, fid) || friend.state !== "PENDING_OUT");
      if (left.length === friends.friends.length) return false;
      friends.friends = left;
      rememberEnded(friends, fid);
      return true;
    });
  }

  async #findReceived(username: string): Promise<FriendshipPartsFragment> {
    const received = await fetchRequests(this.#context.transport, "RECEIVED");
    const friendship = received.find(({ requester, state }) => requester.username === username && state === "PENDING");
    if (friendship === undefined) throw new ClientError("REQUEST_UNKNOWN", `There is no open request from ${username}.`);
    return friendship;
  }

  #ofOwn(friendship: FriendshipPartsFragment): OwnFriendship {
    return friendshipOf(this.#context.own, friendship);
  }

  #recordInput(fid: FriendshipId, peer: UserId, peerCardHash: Uint8Array): FriendshipRecordInput {
    const { own } = this.#context;
    return { fid, signer: own.userId, signerCardHash: own.cardHash, peer, peerCardHash, signSecretKey: own.identity.sign.secretKey };
  }
}

function requestOf(friendship: FriendshipPartsFragment, peer: { id: string; username: string }): FriendRequest {
  return { id: parseBase64url(friendship.id), username: peer.username, userId: parseBase64url(peer.id), expiresAtMs: friendship.expiresAt };
}

function holdRequest({ friends }: VaultContent, user: VerifiedUser, { fid, record }: { fid: FriendshipId; record: Uint8Array }): boolean {
  if (friends.friends.some((friend) => equalBytes(friend.fid, fid))) return false;
  const others = friends.friends.filter(({ userId }) => !equalBytes(userId, user.userId));
  if (others.length >= MAX_FRIENDS) throw new ClientError("FRIENDS_FULL", `You have ${MAX_FRIENDS} friends, the most there can be.`);
  const { expiresMs } = parseFriendRequest(record);
  friends.friends = [...others, { ...newFriend(user, fid), state: "PENDING_OUT", request: record, expiresMs }];
  return true;
}

// An own request to the same person that crossed is replaced; an ended friendship never comes back.
function holdAccepted({ friends }: VaultContent, user: VerifiedUser, fid: FriendshipId): boolean {
  if (friends.ended.some((ended) => equalBytes(ended, fid))) throw new ClientError("REQUEST_UNKNOWN", "This request is over.");
  const held = friends.friends.find(({ userId }) => equalBytes(userId, user.userId));
  if (held && held.state !== "PENDING_OUT") return false;
  const others = friends.friends.filter((friend) => friend !== held);
  if (others.length >= MAX_FRIENDS) throw new ClientError("FRIENDS_FULL", `You have ${MAX_FRIENDS} friends, the most there can be.`);
  friends.friends = [...others, { ...newFriend(user, fid), state: "ACCEPTED" }];
  if (held) rememberEnded(friends, held.fid);
  return true;
}

// A request runs out after 30 days: what ended long ago cannot be replayed, and makes room.
function rememberEnded(friends: VaultContent["friends"], fid: FriendshipId): void {
  friends.ended = [...friends.ended, fid].slice(-MAX_ENDED_FRIENDSHIPS);
}

function newFriend({ userId, username, cardHash }: VerifiedUser, fid: FriendshipId) {
  return { userId, username, cardHash, fid, verified: false, kind: GrantKind.HISTORY };
}
