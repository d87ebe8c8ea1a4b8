import { cardHashOf, openGrant, type CardOwner } from "../crypto/index.ts";
import { encodeBase64url, equalBytes, GrantKind, parseBase64url, parseGrant, ProtocolError, type VaultFriend } from "../protocol/index.ts";
import { AuthorKeys } from "./author-keys.ts";
import { AuthorLog } from "./author-log.ts";
import { demandPinned, followCard, isSecondContinuation } from "./card-pins.ts";
import { claimedSeq, type FetchedEntry } from "./chain-source.ts";
import type { ClientContext } from "./context.ts";
import { AskForGrantDocument, GrantsDocument } from "./generated/graphql.ts";
import type { OwnKeys } from "./own-identity.ts";
import { findUser } from "./people.ts";
import { suspendFriend } from "./suspension.ts";
import type { VerifiedUser } from "./verified-user.ts";

/** A friend's verified chain, and the keys to it that this client was granted. */
export class FriendChain {
  readonly user: VerifiedUser;
  readonly log: AuthorLog;
  readonly keys: AuthorKeys;
  /** What follows this place is new to the feed. */
  readonly openedAt: number;
  readonly #context: ClientContext;
  #askedForEpoch = -1;
  /** The newest epoch whose grant names a card of one's own that is not in force any more. */
  #outdatedEpoch = -1;
  #alarm: { code: string; text: string } | undefined;

  private constructor(context: ClientContext, user: VerifiedUser, log: AuthorLog, openedAt: number) {
    this.#context = context;
    this.user = user;
    this.log = log;
    this.openedAt = openedAt;
    this.keys = new AuthorKeys(user.userId, () => log.outline);
  }

  /**
   * Opens a friend's chain against the card that the own vault pins, and the grants that came with it. New to the feed is
   * what follows the pinned position; of a new friend what came after `sinceMs`, the relay's time of the friendship.
   * Throws ClientError FRIEND_SUSPENDED and ProtocolError when the chain does not verify.
   */
  static async open(context: ClientContext, friend: VaultFriend, user: VerifiedUser, sinceMs: number): Promise<FriendChain> {
    await demandPinned(context, friend, user);
    const { transport, vault } = context;
    const log = await AuthorLog.open(transport, () => vault.content.settings.relayReceiptKey, friend.userId, friend.position);
    const openedAt = friend.position?.seq ?? (await lastBefore(log, sinceMs));
    const chain = new FriendChain(context, user, log, openedAt);
    await chain.refreshGrants();
    return chain;
  }

  /** Why nothing more of this chain is believed, if so. */
  get alarm(): { code: string; text: string } | undefined {
    return this.#alarm;
  }

  /** Takes in a new entry, and what was missed before it. Answers whether there was anything new. */
  async take(fetched: FetchedEntry): Promise<boolean> {
    if (this.#alarm) return false;
    const epoch = this.log.state.epoch;
    const before = this.log.state.seq;
    try {
      // Entries that came while the socket was away are fetched in one go.
      if (claimedSeq(fetched.bytes) > before + 1) await this.log.catchUp();
      else this.log.append(fetched);
    } catch (error) {
      this.#raise(error);
      if (isSecondContinuation(this.log.outline, fetched.bytes)) await suspendFriend(this.#context, this.user.userId);
      return true;
    }
    await followCard(this.#context, this);
    if (this.log.state.epoch !== epoch) await this.refreshGrants();
    return this.log.state.seq > before;
  }

  /** Fetches what follows the newest entry. */
  async catchUp(): Promise<void> {
    if (this.#alarm) return;
    const epoch = this.log.state.epoch;
    try {
      await this.log.catchUp();
      this.log.demandExplained();
    } catch (error) {
      this.#raise(error);
    }
    await followCard(this.#context, this);
    if (this.log.state.epoch !== epoch) await this.refreshGrants();
  }

  /** At the head of the chain, a thought without its text and without a tombstone has been taken away by the relay. */
  demandExplained(): void {
    if (this.#alarm) return;
    try {
      this.log.demandExplained();
    } catch (error) {
      this.#raise(error);
    }
  }

  #raise(error: unknown): void {
    if (!(error instanceof ProtocolError)) throw error;
    this.#alarm = { code: error.code, text: `The chain of ${this.user.username} does not verify (${error.code}). Either the relay or ${this.user.username} changed it; nothing more of it is shown.` };
  }

  /** Fetches the grants of this author and opens those that hold; asks for one when the newest epoch stays shut, or was sealed to an earlier own card. */
  async refreshGrants(): Promise<void> {
    let after: string | null = null;
    do {
      const { grants }: { grants: { nodes: readonly { bytes: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } } } =
        await this.#context.transport.execute(GrantsDocument, { author: encodeBase64url(this.user.userId), after });
      for (const { bytes } of grants.nodes) this.#takeGrant(parseBase64url(bytes));
      after = grants.pageInfo.hasNextPage ? grants.pageInfo.endCursor : null;
    } while (after !== null);
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

// The friend may have written in between: how far one looks back is bounded by how much that was.
async function lastBefore(log: AuthorLog, sinceMs: number): Promise<number> {
  const isNew = (): boolean => (log.entries[0]?.receivedAtMs ?? 0) >= sinceMs;
  while (isNew() && (await log.loadOlder()));
  return log.entries.findLast(({ receivedAtMs }) => receivedAtMs < sinceMs)?.entry.seq ?? log.start - 1;
}

/**
 * A friend with the card in force: of an opened chain the one that the chain itself proves, else what the relay tells, if it
 * continues the card that the own vault pins. Throws ClientError USER_UNKNOWN, CARD_REFUSED, FRIEND_SUSPENDED.
 */
export async function findPinned(context: ClientContext, friend: VaultFriend): Promise<Pick<VerifiedUser, "userId" | "card">> {
  const { chains, transport } = context;
  const card = chains.find(friend.userId)?.log.state.card;
  if (card !== undefined) return { userId: friend.userId, card };
  const user = await findUser(transport, { id: encodeBase64url(friend.userId) });
  await demandPinned(context, friend, user);
  return user;
}
