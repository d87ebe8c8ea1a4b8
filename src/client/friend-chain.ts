import { cardHashOf, openGrant, type CardOwner } from "../crypto/index.ts";
import { encodeBase64url, equalBytes, GrantKind, parseGrant, ProtocolError, type Card, type ChainPosition, type ThoughtBody, type UserId, type VaultFriend } from "../protocol/index.ts";
import { AuthorKeys } from "./author-keys.ts";
import { AuthorLog, type LogEntry } from "./author-log.ts";
import { forkBetween, openHealed, readBranch, type Branch } from "./branch.ts";
import { brokenAlarm, forkAlarm, givenUpAlarm, healedText } from "./chain-alarms.ts";
import { demandPinned, followCard, isSecondContinuation } from "./card-pins.ts";
import { claimedSeq, fetchChainPage, type FetchedEntry } from "./chain-source.ts";
import type { ClientContext } from "./context.ts";
import { demandLogged } from "./demand-logged.ts";
import { ClientError, RelayRefusal } from "./errors.ts";
import type { Alarm } from "./events.ts";
import { claimedEpoch, fetchGrants } from "./fetch-grants.ts";
import { ForkFound } from "./fork-found.ts";
import { AskForGrantDocument } from "./generated/graphql.ts";
import type { OwnKeys } from "./own-identity.ts";
import { findUser } from "./people.ts";
import { suspendFriend } from "./suspension.ts";
import type { VerifiedUser } from "./verified-user.ts";

/** What readers of the feed are told of a chain besides its entries. */
export type ChainEvent = ({ kind: "alarm" } & Alarm) | { kind: "healed"; text: string };

/** The author gave up a branch: its entries behind this place are none any more. */
interface Turn {
  seq: number;
  dropped: LogEntry[];
}

/** A friend's verified chain, and the keys to it that this client was granted. */
export class FriendChain {
  readonly user: VerifiedUser;
  /** As the own vault held them when this was opened. */
  readonly friend: VaultFriend;
  /** What follows this place is new to the feed. */
  readonly openedAt: number;
  /** Oldest first. */
  readonly events: ChainEvent[] = [];
  /** Oldest first. */
  readonly turns: Turn[] = [];
  readonly #context: ClientContext;
  #log: AuthorLog;
  #keys: AuthorKeys;
  /** The card in force that the key log has proven. */
  #loggedCard: Card | undefined;
  #askedForEpoch = -1;
  /** The newest epoch whose grant names a card of one's own that is not in force any more. */
  #outdatedEpoch = -1;
  #isStopped = false;
  /** What stopped it, if a HEAL may explain it. */
  #forks: ForkFound[] = [];

  private constructor(context: ClientContext, friend: VaultFriend, user: VerifiedUser, log: AuthorLog, openedAt: number) {
    this.#context = context;
    this.friend = friend;
    this.user = user;
    this.openedAt = openedAt;
    this.#log = log;
    this.#keys = new AuthorKeys(user.userId, () => log.outline);
  }

  /**
   * Opens a friend's chain against the card that the own vault pins, and the grants that came with it. New to the feed is
   * what follows the pinned position; of a new friend what came after `sinceMs`, the relay's time of the friendship.
   * Throws ClientError FRIEND_SUSPENDED and ProtocolError when the chain does not verify.
   */
  static async open(context: ClientContext, friend: VaultFriend, user: VerifiedUser, sinceMs: number): Promise<FriendChain> {
    await demandPinned(context, friend, user);
    const { transport, receipts } = context;
    const { userId, position } = friend;
    const pinned = AuthorLog.open(transport, receipts, userId, position);
    const log = await (position === undefined ? pinned : pinned.catch((error: unknown) => acrossFork(context, userId, position, error)));
    const isHealed = position !== undefined && log.isHealed(position.hash);
    const openedAt = position === undefined ? await lastBefore(log, sinceMs) : position.seq - (isHealed ? 1 : 0);
    const chain = new FriendChain(context, friend, user, log, openedAt);
    if (isHealed) chain.raise(givenUpAlarm(user.username, position.seq));
    await chain.#demandLogged();
    await chain.refreshGrants();
    return chain;
  }

  /** The chain as this client believes it; another one after the author gave up a branch. */
  get log(): AuthorLog {
    return this.#log;
  }

  get keys(): AuthorKeys {
    return this.#keys;
  }

  /** Whether nothing more of this chain is believed. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Takes in a new entry, and what was missed before it. Answers whether there is anything new to tell. */
  async take(fetched: FetchedEntry): Promise<boolean> {
    const grown = await this.#grow(async () => {
      // An older place has to be linked before it can be compared.
      await this.log.loadDownTo(claimedSeq(fetched.bytes));
      // Entries that came while the socket was away are fetched in one go.
      if (claimedSeq(fetched.bytes) > this.log.state.seq + 1) await this.log.catchUp();
      else this.log.append(fetched);
    });
    if (this.#isStopped && isSecondContinuation(this.log.outline, fetched.bytes)) await suspendFriend(this.#context, this.user.userId);
    return grown;
  }

  /** Fetches what follows the newest entry. */
  async catchUp(): Promise<void> {
    await this.#grow(async () => {
      await this.log.catchUp();
      this.demandExplained();
    });
  }

  /** Asks the relay once more for the entry at a place. Another one than here is a fork. */
  async lookAgain(seq: number): Promise<void> {
    const { entries } = await fetchChainPage(this.#context.transport, this.user.userId, { before: seq + 1, order: "NEWEST_FIRST", first: 1 });
    for (const fetched of entries) await this.take(fetched);
  }

  /** At the head of the chain, a thought without its text and without a tombstone has been taken away by the relay. */
  demandExplained(): void {
    if (this.#isStopped) return;
    try {
      this.log.demandExplained();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#isStopped = true;
      this.raise(brokenAlarm(this.user.username, error.code));
    }
  }

  /** Compares what the author saw of the key log, as a thought of theirs tells, with what this client saw. */
  hear({ log }: ThoughtBody): void {
    this.#context.keyLog.hear(this.user.userId, log);
  }

  async #demandLogged(): Promise<void> {
    const { card } = this.log.state;
    if (card === undefined || card === this.#loggedCard) return;
    await demandLogged(this.#context, this.friend, { username: this.user.username, card });
    this.#loggedCard = card;
  }

  /** Tells the user that something is wrong with this chain. */
  raise(alarm: Alarm): void {
    const { userId, username } = this.user;
    this.events.push({ kind: "alarm", ...alarm });
    this.#context.notices.emit({ kind: "alarm", userId, username, ...alarm });
  }

  async #grow(read: () => Promise<void>): Promise<boolean> {
    const before = this.#log;
    const { seq, epoch } = before.state;
    const told = this.events.length;
    if (this.#isStopped) await this.#tryToGoOn();
    else await read().then(() => this.#demandLogged()).catch((error: unknown) => this.#stop(error));
    await followCard(this.#context, this);
    if (this.#log !== before || this.#log.state.epoch !== epoch) await this.refreshGrants();
    this.#context.observations.hear(this);
    return this.#log !== before || this.#log.state.seq > seq || this.events.length > told;
  }

  // Whatever does not verify may come from another branch, which tells more than the entry that was refused.
  async #stop(error: unknown): Promise<void> {
    const isUnlogged = error instanceof ClientError && LOG_FAULTS.has(error.code);
    if (!isUnlogged && !(error instanceof ProtocolError)) throw error;
    this.#isStopped = true;
    if (isUnlogged) return this.raise(brokenAlarm(this.user.username, error.code));
    const branch = await this.#readBranch();
    const fork = error instanceof ForkFound ? error : forkBetween(branch);
    if (fork === undefined) return this.raise(brokenAlarm(this.user.username, error.code));
    this.#forks.push(fork);
    this.#context.proofs.addFork(this.user, this.#log.outline.cards.map(({ card }) => card), fork);
    this.raise(forkAlarm(this.user.username, fork.held.entry.seq));
    if (branch) this.#goOnAlong(branch);
  }

  async #tryToGoOn(): Promise<void> {
    if (this.#forks.length === 0) return;
    const branch = await this.#readBranch();
    if (branch) this.#goOnAlong(branch);
  }

  // What the relay does not hand out, or what does not verify, heals nothing.
  async #readBranch(): Promise<Branch | undefined> {
    const { transport, receipts } = this.#context;
    try {
      return await readBranch(transport, receipts, this.#log);
    } catch (error) {
      if (error instanceof ProtocolError || error instanceof RelayRefusal || error instanceof ClientError) return undefined;
      throw error;
    }
  }

  // A HEAL excuses an entry for those who never accepted it; whoever had, keeps the alarm (PROTOCOL.md §3 "Forks").
  #goOnAlong({ log, abandoned }: Branch): void {
    const signed = [...abandoned.map(({ hash }) => hash), ...this.#forks.flatMap(({ held, other }) => [held.hash, other.hash])];
    if (!signed.every((hash) => log.holds(hash) || log.isHealed(hash))) return;
    const dropped = abandoned[0];
    if (dropped !== undefined) {
      this.turns.push({ seq: dropped.entry.seq - 1, dropped: abandoned });
      this.#keys = new AuthorKeys(this.user.userId, () => log.outline);
      this.#askedForEpoch = -1;
      this.#outdatedEpoch = -1;
    }
    this.#log = log;
    this.#isStopped = false;
    this.#forks = [];
    this.events.push({ kind: "healed", text: healedText(this.user.username, dropped !== undefined) });
  }

  /** Fetches the grants of this author and opens those that hold; asks for one when the newest epoch stays shut, or was sealed to an earlier own card. */
  async refreshGrants(): Promise<void> {
    const grants = await fetchGrants(this.#context.transport, this.user.userId);
    // What came with an epoch that is not read yet does not speak of one that does not exist.
    if (grants.some((bytes) => claimedEpoch(bytes) >= this.log.outline.epochs.length)) await this.catchUp();
    for (const bytes of grants) this.#takeGrant(bytes);
    await this.#askIfShut();
  }

  // One grant that does not hold must not keep the others from being used.
  #takeGrant(grantBytes: Uint8Array): void {
    try {
      const { authorCardHash, recipientCardHash, n } = parseGrant(grantBytes);
      const { own } = this.#context;
      const keys = own.all.find(({ cardHash }) => equalBytes(cardHash, recipientCardHash));
      const epoch = this.log.outline.epochs[n]?.payload;
      if (keys === undefined || epoch === undefined) throw new ProtocolError("bad-grant");
      const opened = openGrant({ grantBytes, recipient: { userId: own.userId, ...keys }, author: this.#cardOwner(authorCardHash), epoch });
      this.#noteCard(n, keys);
      if (opened.kind === GrantKind.HISTORY) this.keys.addEpochKey(opened.n, opened.key);
      else this.keys.addThoughtKey(opened.n, opened.key);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      const text = `The relay handed out a grant in the name of ${this.user.username} that does not hold (${error.code}). It was refused.`;
      this.#context.notices.emit({ kind: "problem", text, cause: error });
    }
  }

  // A grant to an earlier own card opens with the keys that are kept; it is asked for anew, sealed to the present ones.
  #noteCard(n: number, { cardHash }: OwnKeys): void {
    if (!equalBytes(cardHash, this.#context.own.cardHash)) this.#outdatedEpoch = Math.max(this.#outdatedEpoch, n);
    else if (this.#outdatedEpoch <= n) this.#outdatedEpoch = -1;
  }

  // Grants are signed with a card of the verified chain, the one that was in force then.
  #cardOwner(cardHash: Uint8Array): CardOwner {
    const signer = this.log.outline.cards.find(({ card }) => equalBytes(cardHashOf(card), cardHash));
    if (signer === undefined) throw new ProtocolError("bad-card");
    return { userId: this.user.userId, card: signer.card };
  }

  async #askIfShut(): Promise<void> {
    const { epoch } = this.log.state;
    const isShut = this.keys.thoughtKey(epoch) === undefined;
    if (this.#askedForEpoch >= epoch || (!isShut && this.#outdatedEpoch !== epoch)) return;
    this.#askedForEpoch = epoch;
    // A hint, no more: a refusal changes nothing here.
    await this.#context.transport.execute(AskForGrantDocument, { input: { author: encodeBase64url(this.user.userId) } });
  }
}

// The pinned entry may have been given up by its author since.
async function acrossFork({ transport, receipts }: ClientContext, author: UserId, pinned: ChainPosition, error: unknown): Promise<AuthorLog> {
  if (!(error instanceof ProtocolError) || error.code !== "fork") throw error;
  return openHealed(transport, receipts, author, pinned);
}
const LOG_FAULTS: ReadonlySet<string> = new Set(["CARD_NOT_LOGGED", "KEY_LOG_BROKEN"]);

// The friend may have written in between: how far one looks back is bounded by how much that was.
async function lastBefore(log: AuthorLog, sinceMs: number): Promise<number> {
  const isNew = (): boolean => (log.entries[0]?.receivedAtMs ?? 0) >= sinceMs;
  while (isNew() && (await log.loadOlder()));
  return log.entries.findLast(({ receivedAtMs }) => receivedAtMs < sinceMs)?.entry.seq ?? log.start - 1;
}

/**
 * A friend with the card in force: of an opened chain the one that the chain itself proves, else what the relay tells, if it
 * continues the card that the own vault pins; proven by the key log.
 * Throws ClientError USER_UNKNOWN, CARD_REFUSED, FRIEND_SUSPENDED, CARD_NOT_LOGGED, KEY_LOG_BROKEN.
 */
export async function findPinned(context: ClientContext, friend: VaultFriend): Promise<Pick<VerifiedUser, "userId" | "card">> {
  const user = await findCardInForce(context, friend);
  await demandLogged(context, friend, user);
  return user;
}

async function findCardInForce(context: ClientContext, friend: VaultFriend): Promise<Pick<VerifiedUser, "userId" | "username" | "card">> {
  const { chains, transport } = context;
  const chain = chains.find(friend.userId);
  if (chain?.log.state.card) return { ...chain.user, card: chain.log.state.card };
  const user = await findUser(transport, { id: encodeBase64url(friend.userId) });
  await demandPinned(context, friend, user);
  return user;
}
