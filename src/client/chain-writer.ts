import { createEntry, createThoughtEntry, entryHashOf, generateEntryId, type CreatedEntry } from "../crypto/index.ts";
import {
  encodeBase64url,
  encodeBeaconPayload,
  encodeHealPayload,
  EntryType,
  equalBytes,
  idKey,
  parseBase64url,
  parseEntryHeader,
  SIGNED_HEADER_BYTES,
  type EntryHash,
  type EntryPre,
  type ThoughtBody,
} from "../protocol/index.ts";
import type { LogEntry } from "./author-log.ts";
import type { ClientContext } from "./context.ts";
import { ClientError, expectResult, isRefusal, RelayRefusal } from "./errors.ts";
import { AppendEntriesDocument, CreateThoughtDocument, WithdrawThoughtDocument } from "./generated/graphql.ts";
import { followOwnEpoch } from "./granting.ts";
import { Mutex } from "./mutex.ts";
import { restoreOwnChain } from "./restore-own-chain.ts";

const MAX_TRIES = 8;
/** A HEAL counts its entries in one byte. */
const MAX_HEALED = 255;

/** What the relay answers to an append: a signed receipt for each entry, in order. */
export type Receipts = readonly { readonly bytes: string }[];
/** Sends signed entries; may run again with the same entries after a lost answer. */
export type Send = (entries: CreatedEntry[]) => Promise<Receipts>;
/** Where the next entry goes. */
export type Place = Omit<EntryPre, "type" | "entryId">;

/** What the friendships of a user ask of those who write. */
export interface WritingRules {
  /** Runs in the writer's turn before anything is signed: throws while the relay withholds the end of the own chain. */
  demandOwnHead(): Promise<void>;
  /** Runs in the writer's turn in front of every thought and tombstone: a pending rotation comes first. */
  beforeWriting(): Promise<void>;
  /** Runs when the relay wants a new epoch first: a friend has left, or another device rotated. */
  afterEpochStale(): Promise<void>;
}

/**
 * Appends to the own chain, one entry at a time. An entry is signed only when everything before it has a receipt or
 * travels along; what lost its place is named by the next HEAL (PROTOCOL.md §3 "Forks").
 */
export class ChainWriter {
  readonly #context: ClientContext;
  readonly #rules: WritingRules;
  readonly #mutex = new Mutex();
  #unanswered: { entries: CreatedEntry[]; send: Send } | undefined;

  constructor(context: ClientContext, rules: WritingRules) {
    this.#context = context;
    this.#rules = rules;
  }

  /** Runs work while nothing else is appended from this device. */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    return this.#mutex.run(work);
  }

  /** Appends a thought. Throws ClientError and RelayRefusal; what became of an unanswered entry is settled by the next append. */
  writeThought(body: ThoughtBody): Promise<LogEntry> {
    return this.#write((place) => this.#thoughtEntry(place, body), this.#sendThought);
  }

  /** Appends the withdrawal of an own thought. */
  writeTombstone(target: EntryHash): Promise<LogEntry> {
    return this.#write((place) => this.sign(place, EntryType.TOMBSTONE, target), this.#sendTombstone);
  }

  /** Appends a BEACON. */
  writeBeacon(): Promise<LogEntry> {
    return this.#write((place) => this.#beaconEntry(place), sendEntries(this.#context, []));
  }

  /** Appends the HEAL that is due, if one is. */
  async heal(): Promise<void> {
    for (let attempt = 0; attempt < MAX_TRIES; attempt += 1) {
      if (await this.exclusively(() => this.#prepare())) return;
    }
    throw conflict();
  }

  /** Signs an entry for a place with the keys of the card in force. */
  sign(place: Place, type: EntryType, payload: Uint8Array, entryId = generateEntryId()): CreatedEntry {
    return createEntry({ ...place, type, entryId, payload, signer: this.#context.own.identity });
  }

  /** The place behind the head, or behind an entry that travels along. */
  placeAfter(previous?: { seq: number; hash: EntryHash }): Place {
    const { log, own, now } = this.#context;
    const { seq, hash } = previous ?? log.position;
    return { author: own.userId, seq: seq + 1, prev: hash, epoch: log.state.epoch, timeMs: now(), signerCard: own.cardHash };
  }

  /** A HEAL for everything that this user's devices gave up, or undefined when there is nothing. */
  healIfDue(): { entry: CreatedEntry; healed: EntryHash[] } | undefined {
    const healed = this.#context.vault.content.pending.abandoned.slice(0, MAX_HEALED);
    if (healed.length === 0) return undefined;
    return { entry: this.sign(this.placeAfter(), EntryType.HEAL, encodeHealPayload(healed)), healed };
  }

  /** Forgets abandoned entries once a HEAL with a receipt names them. */
  async forgetHealed(healed: EntryHash[]): Promise<void> {
    const done = new Set(healed.map(idKey));
    await this.#context.vault.update(({ pending }) => {
      const left = pending.abandoned.filter((hash) => !done.has(idKey(hash)));
      if (left.length === pending.abandoned.length) return false;
      pending.abandoned = left;
      return true;
    });
  }

  /**
   * Sends signed entries and takes them into the own chain. Answers false when they lost their place: they are then
   * written down as abandoned and the own chain is caught up. Any other refusal abandons them too and is thrown.
   */
  async send(entries: CreatedEntry[], send: Send): Promise<boolean> {
    await this.#rememberInFlight(entries);
    const receipts = await this.#receiptsOf(entries, send);
    if (receipts === undefined) return false;
    await this.#accept(entries, receipts);
    return true;
  }

  /** Settles what an earlier append left open: an answer that never came, or a crash before it did. */
  async settle(): Promise<void> {
    await this.#rules.demandOwnHead();
    const unanswered = this.#unanswered;
    if (unanswered !== undefined) {
      this.#unanswered = undefined;
      // Entries that are refused now are abandoned by that; who asked for them was told long ago that they got no answer.
      await this.send(unanswered.entries, unanswered.send).catch(demandRefusal);
      return;
    }
    await this.#settleAfterCrash();
  }

  async #write(build: (place: Place) => CreatedEntry, send: Send): Promise<LogEntry> {
    for (let attempt = 0; attempt < MAX_TRIES; attempt += 1) {
      try {
        const written = await this.exclusively(() => this.#tryWrite(build, send));
        if (written) return written;
      } catch (error) {
        if (!isRefusal(error, "EPOCH_STALE")) throw error;
        await this.#rules.afterEpochStale();
      }
    }
    throw conflict();
  }

  async #tryWrite(build: (place: Place) => CreatedEntry, send: Send): Promise<LogEntry | undefined> {
    if (!(await this.#prepare())) return undefined;
    await followOwnEpoch(this.#context);
    const entry = build(this.placeAfter());
    return (await this.send([entry], send)) ? this.#written(entry) : undefined;
  }

  // What an earlier append left open, a pending rotation and what was abandoned come before anything new.
  async #prepare(): Promise<boolean> {
    await this.settle();
    await this.#rules.beforeWriting();
    const due = this.healIfDue();
    if (due === undefined) return true;
    if (!(await this.send([due.entry], sendEntries(this.#context, [])))) return false;
    await this.forgetHealed(due.healed);
    return true;
  }

  #thoughtEntry(place: Place, body: ThoughtBody): CreatedEntry {
    const { own, keys, observations } = this.#context;
    const thoughtKey = keys.thoughtKey(place.epoch);
    if (thoughtKey === undefined) throw new ClientError("VAULT_BROKEN", "The vault lacks the key of the own newest epoch.");
    const entryId = generateEntryId();
    const obs = observations.make(entryId);
    const carried = obs.length === 0 ? body : { ...body, obs };
    return createThoughtEntry({ ...place, identity: own.identity, cardHash: own.cardHash, entryId, thoughtKey, body: carried });
  }

  #beaconEntry(place: Place): CreatedEntry {
    const entryId = generateEntryId();
    return this.sign(place, EntryType.BEACON, encodeBeaconPayload(this.#context.observations.make(entryId)), entryId);
  }

  readonly #sendThought: Send = async ([entry]) => {
    const { createThought } = await this.#context.transport.execute(CreateThoughtDocument, { input: { entry: wire(entry) } });
    return [expectResult(createThought, "ThoughtCreated").receipt];
  };

  readonly #sendTombstone: Send = async ([entry]) => {
    const { withdrawThought } = await this.#context.transport.execute(WithdrawThoughtDocument, { input: { entry: wire(entry) } });
    return [expectResult(withdrawThought, "ThoughtWithdrawn").receipt];
  };

  async #receiptsOf(entries: CreatedEntry[], send: Send): Promise<Receipts | undefined> {
    try {
      return await this.#sendToRestored(entries, send);
    } catch (error) {
      if (!(error instanceof RelayRefusal)) {
        this.#unanswered = { entries, send };
        throw error;
      }
      // Two devices may sign the same pending rotation: the slower one finds its id taken.
      const isLost = isRefusal(error, "HEAD_STALE", "ENTRY_CONFLICT");
      if (isLost) await this.#context.log.catchUp();
      await this.#abandon(entries.map(({ entryHash }) => entryHash));
      if (isLost) return undefined;
      throw error;
    }
  }

  // A relay that was restored from a backup wants to know first what this device holds.
  async #sendToRestored(entries: CreatedEntry[], send: Send): Promise<Receipts> {
    try {
      return await send(entries);
    } catch (error) {
      if (!isRefusal(error, "RECEIPT_DUE")) throw error;
      await restoreOwnChain(this.#context);
      return send(entries);
    }
  }

  async #accept(entries: CreatedEntry[], receipts: Receipts): Promise<void> {
    entries.forEach(({ bytes }, index) => {
      const receipt = receipts[index];
      if (receipt === undefined) throw new ClientError("RELAY_FAILED", "The relay gave no receipt for an entry.");
      this.#acceptOne(bytes, parseBase64url(receipt.bytes));
    });
    await this.#context.device.write(undefined);
  }

  /** The entry may have come by the feed already, with a receipt that holds; the one in the answer has to hold as well. */
  #acceptOne(bytes: Uint8Array, receipt: Uint8Array): void {
    const { log, receipts } = this.#context;
    const { author, seq, header } = parseEntryHeader(bytes.subarray(0, SIGNED_HEADER_BYTES));
    if (log.at(seq) !== undefined) receipts.check(receipt, { author, seq, entryHash: entryHashOf(header) });
    log.append({ bytes, receipt });
  }

  #written({ entryHash }: CreatedEntry): LogEntry {
    const written = this.#context.log.entries.findLast(({ hash }) => equalBytes(hash, entryHash));
    if (written === undefined) throw new ClientError("RELAY_FAILED", "The entry is not on the own chain.");
    return written;
  }

  async #rememberInFlight(entries: CreatedEntry[]): Promise<void> {
    const { device, own, log } = this.#context;
    await device.write({ userId: idKey(own.userId), seq: log.state.seq + 1, entryHashes: entries.map(({ entryHash }) => idKey(entryHash)) });
  }

  async #settleAfterCrash(): Promise<void> {
    const { device, own, log } = this.#context;
    const inFlight = await device.read();
    if (inFlight === undefined || inFlight.userId !== idKey(own.userId)) return;
    await log.catchUp();
    // The own chain is opened where the vault was saved last: what was in flight may stand before that.
    await log.loadDownTo(inFlight.seq);
    await this.#abandon(inFlight.entryHashes.map(parseBase64url));
  }

  // Entries that stand on the own chain after all are not abandoned.
  async #abandon(hashes: EntryHash[]): Promise<void> {
    const { log, vault, device } = this.#context;
    const onChain = new Set(log.entries.map(({ hash }) => idKey(hash)));
    const lost = hashes.filter((hash) => !onChain.has(idKey(hash)));
    if (lost.length > 0) await vault.update(({ pending }) => void pending.abandoned.push(...lost));
    await device.write(undefined);
  }
}

function demandRefusal(error: unknown): void {
  if (!(error instanceof RelayRefusal)) throw error;
}

/** Appends entries and grants in one mutation. */
export function sendEntries({ transport }: ClientContext, grants: Uint8Array[]): Send {
  return async (entries) => {
    const input = { entries: entries.map(wire), grants: grants.map(encodeBase64url) };
    const { appendEntries } = await transport.execute(AppendEntriesDocument, { input });
    return expectResult(appendEntries, "EntriesAppended").receipts;
  };
}

function conflict(): ClientError {
  return new ClientError("CONFLICT", "Other devices kept appending to your chain. Try again.");
}

/** The wire form of a signed entry. */
export function wire(entry: CreatedEntry | undefined): string {
  if (entry === undefined) throw new RangeError("an entry is missing");
  return encodeBase64url(entry.bytes);
}
