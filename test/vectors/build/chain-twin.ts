import {
  createEntry,
  deriveKey,
  deriveThoughtKey,
  epochCommitment,
  thoughtCommitment,
  type CreatedEntry,
} from "../../../src/crypto/index.ts";
import { pad } from "../../../src/crypto/secret/padding.ts";
import { sealWithNonce } from "../../../src/crypto/secret/seal.ts";
import {
  concatBytes,
  encodeEntryPre,
  encodeEpochPayload,
  encodeThoughtBody,
  encodeTombstonePayload,
  EntryType,
  EpochReason,
  u32,
  type EntryPre,
  type EpochPayload,
  type UserId,
} from "../../../src/protocol/index.ts";
import { bytesFor, withNextCard, CREATED_MS, type Person } from "./material.ts";

export type Overrides = Partial<EntryPre> & { signer?: Person["identity"] };

/** The payload of EPOCH n as PROTOCOL.md §3 lays it out, with the nonce of its link given. */
export function epochWith(epoch: {
  author: UserId;
  n: number;
  key: Uint8Array;
  previousKey?: Uint8Array;
  reason: EpochReason;
  vaultMin?: number;
}): EpochPayload {
  const { author, n, key, previousKey, reason, vaultMin = 1 } = epoch;
  const commitment = epochCommitment(key, author, n);
  const ad = concatBytes(author, u32(n), commitment);
  const linkKey = deriveKey(key, "epoch-back-key", author, u32(n));
  const back = previousKey ? sealWithNonce(bytesFor(`back ${n}`, 24), linkKey, "epoch-back", ad, previousKey) : new Uint8Array();
  return { n, commitment, thoughtCommitment: thoughtCommitment(deriveThoughtKey(key, author, n), author, n), vaultMin, reason, back };
}

/** Writes an author's chain, the same at every run; overrides sign what an honest author would not. */
export class ChainTwin {
  person: Person;
  readonly entries: CreatedEntry[] = [];
  readonly keys: Uint8Array[] = [];
  readonly epochs: EpochPayload[] = [];

  constructor(author: Person) {
    this.person = author;
  }

  /** A chain that stands at EPOCH 0. */
  static begin(author: Person): ChainTwin {
    const chain = new ChainTwin(author);
    chain.append(EntryType.CARD, author.card.bytes);
    chain.rotate(EpochReason.FIRST);
    return chain;
  }

  get bytes(): Uint8Array[] {
    return this.entries.map(({ bytes }) => bytes);
  }

  get key(): Uint8Array {
    return this.keys.at(-1) ?? bytesFor("no key yet");
  }

  get thoughtKey(): Uint8Array {
    return deriveThoughtKey(this.key, this.person.userId, this.keys.length - 1);
  }

  place(): Omit<EntryPre, "type"> {
    const seq = this.entries.length;
    return {
      author: this.person.userId,
      seq,
      prev: this.entries.at(-1)?.entryHash ?? new Uint8Array(32),
      epoch: Math.max(0, this.keys.length - 1),
      timeMs: CREATED_MS + seq,
      entryId: bytesFor(`entry ${seq}`, 16),
      signerCard: this.person.cardHash,
    };
  }

  /** Signs an entry for the next position without appending it. */
  sign(type: EntryType, payload: Uint8Array, overrides: Overrides = {}): CreatedEntry {
    return createEntry({ ...this.place(), type, signer: this.person.identity, ...overrides, payload });
  }

  append(type: EntryType, payload: Uint8Array, overrides: Overrides = {}): CreatedEntry {
    const entry = this.sign(type, payload, overrides);
    this.entries.push(entry);
    return entry;
  }

  /** A THOUGHT whose sealed plaintext is given; without one, the padded body of a text. */
  signThought(content: string | Uint8Array, overrides: Overrides = {}): CreatedEntry {
    const pre = { ...this.place(), type: EntryType.THOUGHT, ...overrides };
    const plaintext = typeof content === "string" ? pad(encodeThoughtBody({ v: 1, t: content })) : content;
    const payload = sealWithNonce(bytesFor(`thought ${pre.seq}`, 24), this.thoughtKey, "thought", encodeEntryPre(pre), plaintext);
    return this.sign(EntryType.THOUGHT, payload, overrides);
  }

  think(content: string | Uint8Array): CreatedEntry {
    const entry = this.signThought(content);
    this.entries.push(entry);
    return entry;
  }

  withdraw(target: Uint8Array): CreatedEntry {
    return this.append(EntryType.TOMBSTONE, encodeTombstonePayload(target));
  }

  /** The next epoch's payload and key. */
  nextEpoch(reason: EpochReason = EpochReason.ANY): { key: Uint8Array; payload: EpochPayload } {
    const n = this.keys.length;
    const key = bytesFor(`epoch key ${n}`);
    const link = n === 0 ? {} : { previousKey: this.key };
    return { key, payload: epochWith({ author: this.person.userId, n, key, reason, ...link }) };
  }

  rotate(reason: EpochReason = EpochReason.ANY): CreatedEntry {
    const { key, payload } = this.nextEpoch(reason);
    const entry = this.append(EntryType.EPOCH, encodeEpochPayload(payload), { epoch: payload.n });
    this.keys.push(key);
    this.epochs.push(payload);
    return entry;
  }

  /** Appends the CARD alone; the EPOCH that has to follow is the caller's. */
  changeCard(name: string): CreatedEntry {
    const next = withNextCard(this.person, name);
    const entry = this.append(EntryType.CARD, next.card.bytes);
    this.person = next;
    return entry;
  }
}
