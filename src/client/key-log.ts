import { logLeafHashOf, userNameHashOf, verifyCheckpoint, verifyConsistency, verifyInclusion } from "../crypto/index.ts";
import { encodeSplitProof, equalBytes, idKey, parseCheckpoint, ProtocolError, type CardHash, type Checkpoint, type KeyLogLeaf, type UserId, type VaultSettings } from "../protocol/index.ts";
import { ClientError } from "./errors.ts";
import type { Emitter, Notice } from "./events.ts";
import { askKeyLog, MAX_PROOFS, type KeyLogAnswer } from "./key-log-question.ts";
import { Mutex } from "./mutex.ts";
import type { Transport } from "./ports.ts";

/** A card as the log has to hold it. */
export interface LoggedCard {
  username: string;
  userId: UserId;
  cardHash: CardHash;
}

/**
 * The relay's key log, as far as this client has verified it (PROTOCOL.md §7): one checkpoint that continues every other one
 * that this user or a friend has seen, and the cards that are proven to be under it. Once the log contradicts itself, no card
 * is proven any more.
 */
export class KeyLog {
  readonly #transport: Transport;
  readonly #relayKey: Uint8Array;
  readonly #notices: Emitter<Notice>;
  /** One question at a time: each answer is compared with the one before. */
  readonly #mutex = new Mutex();
  readonly #proven = new Set<string>();
  /** Checkpoints that others saw, by size and root, until they are compared. */
  readonly #heard = new Map<string, Checkpoint>();
  /** The largest size that each friend has told. */
  readonly #told = new Map<string, number>();
  #newest: Checkpoint | undefined;
  #failure: ClientError | undefined;

  constructor(parts: { transport: Transport; relayKey: Uint8Array; pinned: Uint8Array | undefined; notices: Emitter<Notice> }) {
    this.#transport = parts.transport;
    this.#relayKey = parts.relayKey;
    this.#notices = parts.notices;
    this.#newest = parts.pinned && verifyCheckpoint(parts.relayKey, parts.pinned);
  }

  /** The newest verified checkpoint, for the vault and for friends; undefined when there is none to vouch for. */
  get newest(): Checkpoint | undefined {
    return this.#failure ? undefined : this.#newest;
  }

  /** Whether the relay has contradicted itself. */
  get isBroken(): boolean {
    return this.#failure !== undefined;
  }

  /** Refuses a card that the log does not prove. Throws ClientError CARD_NOT_LOGGED, KEY_LOG_BROKEN. */
  async demand(card: LoggedCard): Promise<void> {
    await this.prove([card]);
    if (this.#failure) throw this.#failure;
    if (this.#proven.has(keyOf(card))) return;
    throw new ClientError("CARD_NOT_LOGGED", `The relay does not prove that everybody is shown this identity card for ${card.username}. Nothing is sealed to it.`);
  }

  /** Asks for the proofs of many cards at once; what is not proven stays so. */
  async prove(cards: LoggedCard[]): Promise<void> {
    const missing = cards.filter((card) => !this.#proven.has(keyOf(card)));
    for (let from = 0; from < missing.length; from += MAX_PROOFS) {
      const leaves = missing.slice(from, from + MAX_PROOFS).map(leafOf);
      await this.#ask({ leaves }, ({ checkpoint, proofs }) => leaves.forEach((leaf, index) => this.#take(checkpoint, leaf, proofs[index])));
    }
  }

  /**
   * Compares the leaves under the own name with the own cards, of which the vault may hold newer ones than are published.
   * Throws ClientError OWN_CARD_MISMATCH: a hard stop.
   */
  async watchOwn(published: LoggedCard, own: CardHash[]): Promise<void> {
    const leaf = leafOf(published);
    await this.#ask({ names: [leaf.nameHash], leaves: [leaf] }, ({ checkpoint, leavesOf, proofs }) => {
      const isOwn = ({ userId, cardHash }: KeyLogLeaf): boolean => equalBytes(userId, published.userId) && own.some((hash) => equalBytes(hash, cardHash));
      if (!leavesOf.every(isOwn)) throw foreignCard();
      if (!leavesOf.some(({ cardHash }) => equalBytes(cardHash, published.cardHash))) throw foreignCard();
      this.#take(checkpoint, leaf, proofs[0]);
      if (!this.#proven.has(keyOf(published))) throw foreignCard();
    });
  }

  /** Takes in the checkpoint that a friend, or another device, has seen; it is compared with the next answer of the relay. */
  hear(from: UserId, bytes: Uint8Array | undefined): void {
    const heard = bytes && this.#findNews(from, bytes);
    if (!heard) return;
    this.#heard.set(placeOf(heard), heard);
    // What cannot be asked now is compared later: the relay only has to answer once.
    void this.#ask({}).catch(() => undefined);
  }

  /** Pins the newest checkpoint for the own other devices; what another one has pinned is compared. Answers whether it changed anything. */
  pinTo(settings: VaultSettings, own: UserId): boolean {
    const { newest } = this;
    if (!newest) return false;
    if (settings.log && parseCheckpoint(settings.log).size >= newest.size) {
      this.hear(own, settings.log);
      return false;
    }
    settings.log = newest.bytes;
    return true;
  }

  // One comparison covers all that a friend saw before: their client has compared its own.
  #findNews(from: UserId, bytes: Uint8Array): Checkpoint | undefined {
    try {
      const { size } = parseCheckpoint(bytes);
      if (size <= (this.#told.get(idKey(from)) ?? 0)) return undefined;
      const checkpoint = verifyCheckpoint(this.#relayKey, bytes);
      this.#told.set(idKey(from), size);
      const isOurs = this.#newest && placeOf(this.#newest) === placeOf(checkpoint);
      return isOurs ? undefined : checkpoint;
    } catch (error) {
      // Whatever a friend made up says nothing about the relay.
      if (error instanceof ProtocolError) return undefined;
      throw error;
    }
  }

  async #ask(question: { leaves?: KeyLogLeaf[]; names?: Uint8Array[] }, take: (answer: KeyLogAnswer) => void = () => undefined): Promise<void> {
    await this.#mutex.run(async () => {
      if (this.#failure) return;
      const others = [...this.#heard.entries()].slice(0, MAX_PROOFS - 1);
      const seen = [...(this.#newest ? [this.#newest] : []), ...others.map(([, checkpoint]) => checkpoint)];
      const answer = await this.#answerTo(question, seen);
      if (!answer) return;
      for (const checkpoint of seen) if (!this.#isContinued(checkpoint, answer)) return;
      for (const [place] of others) this.#heard.delete(place);
      this.#newest = answer.checkpoint;
      take(answer);
    });
  }

  async #answerTo(question: { leaves?: KeyLogLeaf[]; names?: Uint8Array[] }, seen: Checkpoint[]): Promise<KeyLogAnswer | undefined> {
    try {
      return await askKeyLog(this.#transport, this.#relayKey, { ...question, from: seen.map(({ size }) => size) });
    } catch (error) {
      this.#fail(error);
      return undefined;
    }
  }

  #isContinued(older: Checkpoint, { checkpoint: newer, paths }: KeyLogAnswer): boolean {
    const path = paths.get(older.size) ?? [];
    try {
      verifyConsistency(older, newer, path);
      return true;
    } catch (error) {
      const isSplit = error instanceof ProtocolError && error.code === "split-view";
      const same = older.size === newer.size;
      this.#fail(error, isSplit ? encodeSplitProof({ older: older.bytes, newer: newer.bytes, path: same ? [] : path }) : undefined);
      return false;
    }
  }

  #take(checkpoint: Checkpoint, leaf: KeyLogLeaf, proof: KeyLogAnswer["proofs"][number]): void {
    if (!proof) return;
    try {
      verifyInclusion(checkpoint, leaf, proof);
      this.#proven.add(idKey(logLeafHashOf(leaf)));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
    }
  }

  #fail(error: unknown, proof?: Uint8Array): void {
    if (!(error instanceof ProtocolError)) throw error;
    const text = `The relay's log of identity cards contradicts what you or a friend saw before (${error.code}). No new card is used here. Ask your friends, by another way, what their clients say.`;
    this.#failure = new ClientError("KEY_LOG_BROKEN", text, { cause: error });
    this.#notices.emit({ kind: "keyLogAlarm", code: error.code, text, proof });
  }
}

function leafOf({ username, userId, cardHash }: LoggedCard): KeyLogLeaf {
  return { nameHash: userNameHashOf(username), userId, cardHash };
}

function keyOf(card: LoggedCard): string {
  return idKey(logLeafHashOf(leafOf(card)));
}

function placeOf({ size, root }: Checkpoint): string {
  return `${size} ${idKey(root)}`;
}

function foreignCard(): ClientError {
  return new ClientError("OWN_CARD_MISMATCH", "The relay's log of identity cards names other cards under your name than yours. Stop using this relay and tell your friends.");
}
