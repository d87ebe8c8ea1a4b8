import {
  createEntry,
  createEpochPayload,
  createThoughtEntry,
  deriveThoughtKey,
  generateEntryId,
  generateEpochKey,
  type CreatedEntry,
} from "../../../src/crypto/index.ts";
import {
  encodeEpochPayload,
  encodeTombstonePayload,
  EntryType,
  EpochReason,
  HASH_BYTES,
  type EntryHash,
  type EntryPre,
  type EpochPayload,
} from "../../../src/protocol/index.ts";
import { withNextCard, type Person } from "./person.ts";

type Overrides = Partial<EntryPre> & { signer?: Person["identity"] };

/** Writes a chain as an honest author does; overrides let a test sign something that an honest author would not. */
export class ChainWriter {
  person: Person;
  readonly entries: CreatedEntry[] = [];
  readonly keys: Uint8Array[] = [];
  readonly epochs: EpochPayload[] = [];

  constructor(person: Person) {
    this.person = person;
  }

  /** A chain that stands at EPOCH 0. */
  static begin(person: Person): ChainWriter {
    const writer = new ChainWriter(person);
    writer.append(EntryType.CARD, person.card.bytes);
    writer.rotate(EpochReason.FIRST);
    return writer;
  }

  get bytes(): Uint8Array[] {
    return this.entries.map((entry) => entry.bytes);
  }

  get seq(): number {
    return this.entries.length - 1;
  }

  get head(): EntryHash {
    return this.entries.at(-1)?.entryHash ?? new Uint8Array(HASH_BYTES);
  }

  get key(): Uint8Array {
    return this.keys.at(-1) ?? new Uint8Array(HASH_BYTES);
  }

  get thoughtKey(): Uint8Array {
    return deriveThoughtKey(this.key, this.person.userId, this.keys.length - 1);
  }

  place(): Omit<EntryPre, "type"> {
    return {
      author: this.person.userId,
      seq: this.entries.length,
      prev: this.head,
      epoch: Math.max(0, this.keys.length - 1),
      timeMs: 1_700_000_000_000,
      entryId: generateEntryId(),
      signerCard: this.person.cardHash,
    };
  }

  /** Signs an entry for the next position without appending it. */
  sign(type: EntryType, payload: Uint8Array, overrides: Overrides = {}): CreatedEntry {
    return createEntry({ ...this.place(), type, signer: this.person.identity, ...overrides, payload });
  }

  append(type: EntryType, payload: Uint8Array, overrides: Overrides = {}): CreatedEntry {
    return this.#keep(this.sign(type, payload, overrides));
  }

  signThought(text: string): CreatedEntry {
    const { identity, cardHash } = this.person;
    return createThoughtEntry({ ...this.place(), identity, cardHash, thoughtKey: this.thoughtKey, body: { v: 1, t: text } });
  }

  think(text: string): CreatedEntry {
    return this.#keep(this.signThought(text));
  }

  withdraw(target: EntryHash): CreatedEntry {
    return this.append(EntryType.TOMBSTONE, encodeTombstonePayload(target));
  }

  /** The next epoch's payload, under a fresh key. */
  nextEpoch(reason: EpochReason): { key: Uint8Array; payload: EpochPayload } {
    const n = this.keys.length;
    const key = generateEpochKey();
    const link = n === 0 ? {} : { previousKey: this.key };
    return { key, payload: createEpochPayload({ author: this.person.userId, n, key, vaultMin: 1, reason, ...link }) };
  }

  rotate(reason: EpochReason = EpochReason.ANY): CreatedEntry {
    const { key, payload } = this.nextEpoch(reason);
    const epoch = this.append(EntryType.EPOCH, encodeEpochPayload(payload), { epoch: payload.n });
    this.keys.push(key);
    this.epochs.push(payload);
    return epoch;
  }

  /** Appends the CARD alone; the EPOCH that has to follow is the caller's. */
  changeCard(): CreatedEntry {
    const next = withNextCard(this.person);
    const card = this.append(EntryType.CARD, next.card.bytes);
    this.person = next;
    return card;
  }

  #keep(entry: CreatedEntry): CreatedEntry {
    this.entries.push(entry);
    return entry;
  }
}
