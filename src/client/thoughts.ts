import { encodeUtf8, equalBytes, MAX_TEXT_BYTES, type EntryHash, type ThoughtBody, type UserId, type VaultFriend } from "../protocol/index.ts";
import type { ChainWriter } from "./chain-writer.ts";
import type { ClientContext } from "./context.ts";
import { ClientError } from "./errors.ts";
import type { ReadThought } from "./events.ts";
import type { FriendChains } from "./friend-chains.ts";
import { horizonOf, type Horizon } from "./horizon.ts";
import { inspectEntry, type InspectedEntry } from "./inspect-entry.ts";
import { catchUpOwn } from "./own-chain.ts";
import { findByHash, openBody, readBackwards, readThought, type OpenedBody, type ReadableChain } from "./readable-chain.ts";
import { verificationOf, type Verification } from "./verification.ts";

/** Writing own thoughts, and reading those of friends and oneself. */
export class Thoughts {
  readonly #context: ClientContext;
  readonly #writer: ChainWriter;
  readonly #chains: FriendChains;

  constructor(parts: { context: ClientContext; writer: ChainWriter; chains: FriendChains }) {
    this.#context = parts.context;
    this.#writer = parts.writer;
    this.#chains = parts.chains;
  }

  /**
   * Seals a thought and appends it to the own chain. At most 60 000 bytes of UTF-8.
   * Throws ClientError TEXT_TOO_LONG, RELAY_UNREACHABLE, SIGNED_OUT and RelayRefusal.
   */
  async write(text: string, { reply }: { reply?: EntryHash } = {}): Promise<ReadThought> {
    return this.#append(reply === undefined ? { v: 1, t: text } : { v: 1, t: text, reply });
  }

  /** Replaces the text of an own thought. The relay cannot tell an edit from a new thought. */
  async edit(id: EntryHash, text: string): Promise<ReadThought> {
    if (!(await this.#isOwn(id))) throw unknownThought();
    return { ...(await this.#append({ v: 1, t: text, edits: id })), id, edited: true };
  }

  /**
   * Withdraws an own thought and its edits: the relay deletes their sealed texts. Who has read them keeps what they read.
   * If it fails on the way, it can be called again. Throws ClientError THOUGHT_UNKNOWN.
   */
  async withdraw(id: EntryHash): Promise<void> {
    const isStanding = await this.#isOwn(id);
    const edits = this.#context.log.entries.filter((entry) => isEditOf(openBody(this.#own, entry), id));
    if (!isStanding && edits.length === 0) throw unknownThought();
    // An edit that went first would show the text that it had replaced, for ever if the rest fails.
    if (isStanding) await this.#writer.writeTombstone(id);
    for (const { hash } of edits) await this.#writer.writeTombstone(hash);
  }

  /** Thoughts of a friend, or one's own without a name, from the newest back. Stop when you have enough. Throws ClientError NOT_FRIENDS. */
  async *by(username?: string): AsyncGenerator<ReadThought> {
    const chain = this.#chainOf(username);
    yield* readBackwards(chain, this.verificationOf(chain));
  }

  /**
   * One entry of a friend's chain, or of one's own, with the outcome of every check; what is missing up to it is fetched.
   * Throws ClientError NOT_FRIENDS, ENTRY_UNKNOWN.
   */
  async inspect(author: UserId | string, seq: number): Promise<InspectedEntry> {
    const find = (): ReadableChain => this.#chainOf(typeof author === "string" ? author : this.#nameOf(author));
    if (seq > find().log.state.seq) await this.#catchUp(find());
    // A chain may have gone on along another branch.
    const chain = find();
    const { receipts, vault } = this.#context;
    return inspectEntry({ chain, verification: this.verificationOf(chain), receipts, relayKey: vault.content.settings.relayReceiptKey }, seq);
  }

  /** What lies behind the oldest thought that `by` yields. Throws ClientError NOT_FRIENDS. */
  horizon(username?: string): Horizon {
    const chain = this.#chainOf(username);
    return horizonOf(chain, this.#heldFriend(chain)?.firstEpoch);
  }

  /** The own chain and those of all friends. */
  chains(): ReadableChain[] {
    return [this.#own, ...this.#chains.list()];
  }

  /** How sure the own vault is of the author's card; the own one always counts. */
  verificationOf(chain: ReadableChain): Verification {
    if (equalBytes(chain.user.userId, this.#context.own.userId)) return "verified";
    const friend = this.#heldFriend(chain);
    return friend === undefined ? "unverified" : verificationOf(friend);
  }

  #heldFriend({ user }: ReadableChain): VaultFriend | undefined {
    return this.#context.vault.content.friends.friends.find(({ userId }) => equalBytes(userId, user.userId));
  }

  get #own(): ReadableChain {
    const { own, log, keys } = this.#context;
    return { user: own, log, keys };
  }

  #chainOf(username?: string): ReadableChain {
    if (username === undefined || username === this.#context.own.username) return this.#own;
    const chain = this.#chains.list().find(({ user }) => user.username === username);
    if (chain === undefined) throw new ClientError("NOT_FRIENDS", `You and ${username} are not friends, so there is nothing to read.`);
    return chain;
  }

  #nameOf(author: UserId): string {
    const known = this.chains().find(({ user }) => equalBytes(user.userId, author));
    if (known === undefined) throw new ClientError("NOT_FRIENDS", "You and the author are not friends, so there is nothing to read.");
    return known.user.username;
  }

  #catchUp({ user }: ReadableChain): Promise<void> {
    return this.#chains.find(user.userId)?.catchUp() ?? catchUpOwn(this.#context.log);
  }

  async #append(body: ThoughtBody): Promise<ReadThought> {
    if (encodeUtf8(body.t).length > MAX_TEXT_BYTES) {
      throw new ClientError("TEXT_TOO_LONG", `A thought holds at most ${MAX_TEXT_BYTES} bytes. Nothing was sent.`);
    }
    // Two friends whom the relay shows two logs find out by what each has seen.
    const log = this.#context.keyLog.newest?.bytes;
    const written = await this.#writer.writeThought(log === undefined ? body : { ...body, log });
    return readThought(this.#own, written, body, "verified");
  }

  async #isOwn(id: EntryHash): Promise<boolean> {
    const found = await findByHash(this.#context.log, id);
    return found !== undefined && openBody(this.#own, found) !== undefined;
  }
}

function unknownThought(): ClientError {
  return new ClientError("THOUGHT_UNKNOWN", "You have no such thought, or it is withdrawn already.");
}

function isEditOf(body: OpenedBody | undefined, id: EntryHash): boolean {
  return body !== undefined && body !== "unreadable" && body.edits !== undefined && equalBytes(body.edits, id);
}
