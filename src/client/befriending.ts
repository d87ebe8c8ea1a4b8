import { createAccept, createConfirm, friendshipIdOf, type FriendshipRecordInput } from "../crypto/index.ts";
import {
  encodeBase64url,
  equalBytes,
  FriendshipRecordType,
  GrantKind,
  MAX_FRIENDS,
  parseFriendRequest,
  ProtocolError,
  type CardHash,
  type FriendshipId,
  type VaultFriend,
} from "../protocol/index.ts";
import { demandPinned } from "./card-pins.ts";
import type { ChainWriter } from "./chain-writer.ts";
import type { ClientContext } from "./context.ts";
import { rememberEnded, type Ending } from "./ending.ts";
import { ClientError, expectResult, isRefusal, RelayRefusal } from "./errors.ts";
import { createRequest } from "./friend-requests.ts";
import { recordInput, verifyReceivedRequest, type OwnFriendship } from "./friendship-records.ts";
import { AcceptFriendshipDocument, ConfirmFriendshipDocument, RequestFriendshipDocument, type FriendshipPartsFragment } from "./generated/graphql.ts";
import { newestKeyForFriends, sealGrant } from "./granting.ts";
import { findUser } from "./people.ts";
import { isAnswered } from "./is-answered.ts";
import { isRecipient } from "./plan-rotation.ts";
import type { Rotation } from "./rotation.ts";
import { isHistoryDue, shareHistory, termsFor, type FriendChoice, type Terms } from "./terms.ts";
import type { VaultContent } from "./vault-store.ts";
import { hasCard, type VerifiedUser } from "./verified-user.ts";

const MAX_TRIES = 4;
const OPEN_STATES: ReadonlySet<string> = new Set(["PENDING", "ACCEPTED", "CONFIRMED"]);

/** Makes friends. Whatever carries a grant is in the own vault before it is sent (PROTOCOL.md §5 "Vault before record"). */
export class Befriending {
  readonly #context: ClientContext;
  readonly #writer: ChainWriter;
  readonly #rotation: Rotation;
  readonly #ending: Ending;

  constructor(parts: { context: ClientContext; writer: ChainWriter; rotation: Rotation; ending: Ending }) {
    this.#context = parts.context;
    this.#writer = parts.writer;
    this.#rotation = parts.rotation;
    this.#ending = parts.ending;
  }

  /** Asks this user; accepts instead if they asked first. What is chosen holds once they accept. */
  async request(user: VerifiedUser, choice: FriendChoice & { provenCard?: CardHash }): Promise<void> {
    await this.#demandProven(user);
    if (await this.#ask(user, choice)) return;
    // What the vault held was over already: this one is new.
    await this.#ask(user, choice);
  }

  /** Accepts a received request. */
  async accept(friendship: FriendshipPartsFragment, choice: FriendChoice): Promise<void> {
    const { own, now, vault } = this.#context;
    const received = verifyReceivedRequest(own, friendship, now());
    await this.#demandProven(received.user);
    await this.#answer(received, termsFor(vault.content, received.user, choice));
  }

  /** Completes a friendship that one asked for: exactly the request that the own vault holds as pending, once (PROTOCOL.md §5). */
  async confirm(friendship: OwnFriendship): Promise<void> {
    const { transport } = this.#context;
    const { id, user, changedAtMs } = friendship;
    const asked = this.#find(id);
    if (asked !== undefined) await demandPinned(this.#context, asked, user);
    await this.#context.keyLog.demand(user);
    await this.#consumeRequest(id);
    const friend = this.#find(id);
    // Only who is in the own vault at this moment gets a grant, whatever the relay replays.
    if (friend?.state !== "CONFIRMED") return;
    await this.#withGrant(friend, user, FriendshipRecordType.CONFIRM, async (about, grant) => {
      const { confirmFriendship } = await transport.execute(ConfirmFriendshipDocument, { input: { record: encodeBase64url(createConfirm(about)), grant } });
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
    const friend = this.#find(fid);
    if (friend?.state === "CONFIRMED") await this.welcome(friend, user, changedAtMs);
  }

  /** Opens the chain of a friend; new to the feed is what came after this time of the relay's. */
  async welcome(friend: VaultFriend, user: VerifiedUser, sinceMs: number): Promise<void> {
    const { chains, notices } = this.#context;
    const open = chains.find(friend.userId);
    if (open) {
      await demandPinned(this.#context, friend, user);
      if (equalBytes(open.friend.fid, friend.fid)) return;
      // What came between the friendship for which it was opened and this one has not been delivered.
      await open.catchUp();
      return open.refreshGrants();
    }
    await chains.open(friend, user, sinceMs);
    if (!chains.find(friend.userId)) return;
    notices.emit({ kind: "befriended", username: friend.username ?? "", userId: friend.userId });
  }

  // What the own vault contradicts needs no proof of the relay's.
  async #demandProven(user: VerifiedUser): Promise<void> {
    const { vault, keyLog } = this.#context;
    demandFreeName(vault.content.friends.friends.filter(({ userId }) => !equalBytes(userId, user.userId)), user);
    await keyLog.demand(user);
  }

  #find(fid: FriendshipId): VaultFriend | undefined {
    return this.#context.vault.content.friends.friends.find((one) => equalBytes(one.fid, fid));
  }

  // Answers false when the request that was under way is over.
  async #ask(user: VerifiedUser, choice: FriendChoice & { provenCard?: CardHash }): Promise<boolean> {
    const { own, now, transport } = this.#context;
    const { fid, record, terms } = await this.#holdRequest(user, choice);
    try {
      const { requestFriendship } = await transport.execute(RequestFriendshipDocument, { input: { record: encodeBase64url(record) } });
      if (requestFriendship.__typename === "RequestCrossed") {
        await this.#ending.dropRequest(fid);
        const received = verifyReceivedRequest(own, requestFriendship.friendship, now());
        if (!hasCard(received.user, user.cardHash)) throw new ProtocolError("bad-card", "another user than the one who was asked");
        await this.#demandProven(received.user);
        await this.#answer(received, terms);
        return true;
      }
      const { state } = expectResult(requestFriendship, "FriendshipRequested").friendship;
      if (OPEN_STATES.has(state)) return true;
      await this.#ending.dropRequest(fid);
      return false;
    } catch (error) {
      if (error instanceof RelayRefusal) await this.#ending.dropRequest(fid);
      throw error;
    }
  }

  // Another device may have asked meanwhile: the newest vault holds one request to each person, and that one is sent.
  async #holdRequest(user: VerifiedUser, choice: FriendChoice & { provenCard?: CardHash }): Promise<HeldRequest> {
    const requests: HeldRequest[] = [];
    await this.#context.vault.update((content) => {
      const held = content.friends.friends.find(({ userId }) => equalBytes(userId, user.userId));
      const record = createRequest(this.#context, user, held);
      const request = { fid: friendshipIdOf(parseFriendRequest(record)), record, terms: termsFor(content, user, choice) };
      requests.push(request);
      holdRequest(content, user, request);
    });
    const request = requests.at(-1);
    if (request === undefined) throw new RangeError("a vault was updated without its change");
    return request;
  }

  async #answer({ user, fid }: { user: VerifiedUser; fid: FriendshipId }, terms: Terms): Promise<void> {
    const { vault, transport } = this.#context;
    const held = vault.content.friends.friends.find(({ userId }) => equalBytes(userId, user.userId));
    if (held === undefined || held.state === "PENDING_OUT") await this.#beginEpochFor(terms.kind);
    await vault.update((content) => holdAccepted(content, user, { fid, terms }));
    const friend = this.#find(fid);
    if (friend === undefined || !isRecipient(friend)) throw new ClientError("REQUEST_EXISTS", `There is another friendship with ${user.username} under way.`);
    await this.#withGrant(friend, user, FriendshipRecordType.ACCEPT, async (about, grant) => {
      const { acceptFriendship } = await transport.execute(AcceptFriendshipDocument, { input: { record: encodeBase64url(createAccept(about)), grant } });
      expectResult(acceptFriendship, "FriendshipAccepted");
    });
  }

  // Makes a friend of the own request. If another device chooses anew for them meanwhile, that is what counts.
  async #consumeRequest(fid: FriendshipId): Promise<void> {
    const { now, vault } = this.#context;
    for (let asked = this.#find(fid); asked?.state === "PENDING_OUT"; asked = this.#find(fid)) {
      if ((asked.expiresMs ?? 0) <= now()) throw new ClientError("REQUEST_UNKNOWN", "The request ran out before it was accepted.");
      const kind = kindOnceFriends(asked);
      await this.#beginEpochFor(kind);
      await vault.update(({ friends }) => {
        const pending = friends.friends.find((one) => equalBytes(one.fid, fid));
        if (pending?.state !== "PENDING_OUT" || kindOnceFriends(pending) !== kind) return false;
        if (isHistoryDue(pending)) shareHistory(pending);
        pending.state = "CONFIRMED";
        delete pending.request;
        delete pending.expiresMs;
        return true;
      });
    }
  }

  // Who reads from now on gets no key of the epoch so far. They enter the vault once the next one is in force, so that
  // nothing seals an earlier one to them, whatever happens in between (PROTOCOL.md §5 "From now on").
  async #beginEpochFor(kind: GrantKind): Promise<void> {
    if (kind === GrantKind.EPOCH_ONLY) await this.#writer.exclusively(() => this.#rotation.begin());
  }

  // Sends a record with a grant of the epoch in force. If the relay refuses, the key may have leaked to who was to get it:
  // they leave the vault, and a new epoch begins.
  async #withGrant(friend: VaultFriend, user: VerifiedUser, type: FriendshipRecordType, send: (about: FriendshipRecordInput, grant: string) => Promise<void>): Promise<void> {
    const { own } = this.#context;
    let to = user;
    const refusal = await this.#writer.exclusively(async () => {
      for (let attempt = 0; ; attempt += 1) {
        await this.#rotation.finish();
        const epoch = await newestKeyForFriends(this.#context);
        const held = this.#find(friend.fid);
        if (held === undefined || !isRecipient(held)) return ended(user);
        const grant = sealGrant(this.#context, epoch, held.kind, to);
        try {
          return void (await send(recordInput(own, held.fid, to), encodeBase64url(grant)));
        } catch (error) {
          if (!(error instanceof RelayRefusal)) throw error;
          // Another device took this step, under an earlier card of one of the two: the record is another one, and it counts.
          if (isRefusal(error, "FRIENDSHIP_STATE") && (await isAnswered(this.#context, held.fid, type))) return undefined;
          if (!isRefusal(error, "GRANT_INVALID", "EPOCH_STALE", "CARD_STALE") || attempt + 1 === MAX_TRIES) return error;
          if (isRefusal(error, "CARD_STALE")) to = await this.#findNewCard(held);
          else await this.#context.log.catchUp();
        }
      }
    });
    if (refusal === undefined) return;
    if (refusal instanceof ClientError) throw refusal;
    await this.#ending.remove(friend, { endedByMe: false });
    throw refusal;
  }

  // The other side has a new card since it was looked at.
  async #findNewCard(friend: VaultFriend): Promise<VerifiedUser> {
    const user = await findUser(this.#context.transport, { id: encodeBase64url(friend.userId) });
    await demandPinned(this.#context, friend, user);
    await this.#context.keyLog.demand(user);
    return user;
  }
}

function ended({ username }: VerifiedUser): ClientError {
  return new ClientError("REQUEST_UNKNOWN", `Another device of yours ended this friendship with ${username}.`);
}

function kindOnceFriends(friend: VaultFriend): GrantKind {
  return isHistoryDue(friend) ? GrantKind.HISTORY : friend.kind;
}

interface HeldRequest {
  fid: FriendshipId;
  record: Uint8Array;
  terms: Terms;
}

// A request that is under way stays the same, on the terms of now.
function holdRequest({ friends }: VaultContent, user: VerifiedUser, { fid, record, terms }: HeldRequest): void {
  const others = friends.friends.filter(({ userId }) => !equalBytes(userId, user.userId));
  demandFreeName(others, user);
  if (others.length >= MAX_FRIENDS) throw new ClientError("FRIENDS_FULL", `You have ${MAX_FRIENDS} friends, the most there can be.`);
  const { expiresMs } = parseFriendRequest(record);
  friends.friends = [...others, { ...newFriend(user, fid), ...terms, state: "PENDING_OUT", request: record, expiresMs }];
}

// An own request to the same person that crossed is replaced; an ended friendship never comes back.
function holdAccepted({ friends }: VaultContent, user: VerifiedUser, { fid, terms }: { fid: FriendshipId; terms: Terms }): boolean {
  if (friends.ended.some((ended) => equalBytes(ended, fid))) throw new ClientError("REQUEST_UNKNOWN", "This request is over.");
  const held = friends.friends.find(({ userId }) => equalBytes(userId, user.userId));
  if (held && held.state !== "PENDING_OUT") return false;
  const others = friends.friends.filter((friend) => friend !== held);
  demandFreeName(others, user);
  if (others.length >= MAX_FRIENDS) throw new ClientError("FRIENDS_FULL", `You have ${MAX_FRIENDS} friends, the most there can be.`);
  friends.friends = [...others, { ...newFriend(user, fid), ...terms, state: "ACCEPTED" }];
  if (held) rememberEnded(friends, held.fid);
  return true;
}

// A name stands for the keys that were met under it: a second person of that name is the relay's invention.
function demandFreeName(others: VaultFriend[], { username }: VerifiedUser): void {
  if (others.every((other) => other.username !== username)) return;
  throw new ClientError("CARD_REFUSED", `The relay shows two people under the name ${username}, one of whom you know. Do not befriend the other.`);
}

function newFriend({ userId, username, card: { cardVersion }, cardHash }: VerifiedUser, fid: FriendshipId) {
  return { userId, username, cardHash, ...(cardVersion > 1 && { cardVersion }), fid };
}
