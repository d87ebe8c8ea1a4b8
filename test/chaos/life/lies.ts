import { createEntry, generateBytes, generateEntryId } from "../../../src/crypto/index.ts";
import { encodeBase64url, encodeHealPayload, type EntryHeader, EntryType, HASH_BYTES, isWithdrawn, parseBase64url, parseEntryHeader, SIGNED_HEADER_BYTES } from "../../../src/protocol/index.ts";
import type { OwnIdentity } from "../../../src/client/own-identity.ts";
import type { ReceiptSigner } from "../../../src/domain/ports/index.ts";
import type { Choice } from "../../support/random.ts";
import type { Json } from "./power.ts";

/** An entry as the relay hands it out. */
export interface WireEntry {
  bytes: string;
  receipt: { bytes: string };
}

/** What a relay needs that lies about one author, in league with who stole the author's keys. */
export interface Liar {
  author: OwnIdentity;
  receiptSigner: ReceiptSigner;
  /** What is really stored, by place. */
  stored: Map<number, WireEntry>;
  choice: Choice;
}

/** Changes a page of the author's chain in place; false where there was nothing to lie about. */
type PageLie = (nodes: WireEntry[], liar: Liar, variables: Json) => boolean;
/** What becomes of one live entry; undefined drops it. */
type LiveLie = (entry: WireEntry, liar: Liar) => WireEntry | undefined;

export const pageLies: Record<string, PageLie> = {
  "an entry changed": (nodes, { choice }) => change(nodes, choice, (entry) => ({ ...entry, bytes: turnBit(entry.bytes, choice) })),
  // Of cards and epochs that are read ahead nobody looks at the receipts.
  "a receipt changed": (nodes, { choice }, { types }) =>
    types === null && change(nodes, choice, (entry) => ({ ...entry, receipt: { bytes: turnBit(entry.receipt.bytes, choice) } })),
  "an entry left out": (nodes, { choice }) => {
    // The last of a page might as well not have been asked for.
    if (nodes.length < 2) return false;
    nodes.splice(choice.below(nodes.length - 1), 1);
    return true;
  },
  "entries in another order": (nodes, { choice }) => {
    if (nodes.length < 2) return false;
    const place = choice.below(nodes.length - 1);
    nodes.splice(place, 2, ...nodes.slice(place, place + 2).reverse());
    return true;
  },
  "a text taken away": (nodes, { choice }) => {
    const whole = nodes.filter((entry) => typeOf(entry) === EntryType.THOUGHT && !isWithdrawn(parseBase64url(entry.bytes)));
    return change(whole, choice, (entry) => ({ ...entry, bytes: encodeBase64url(parseBase64url(entry.bytes).subarray(0, SIGNED_HEADER_BYTES)) }), nodes);
  },
  "the newest entries hidden from who knew them": (nodes, { stored }, { before, first }) => {
    const older = stored.get(Number(before) - 2);
    if (before === null || first !== 1 || older === undefined) return false;
    nodes.splice(0, 1, older);
    return true;
  },
  "another entry at a place": (nodes, liar) => change(nodes.filter((entry) => typeOf(entry) === EntryType.THOUGHT), liar.choice, (entry) => fork(entry, liar), nodes),
};

export const liveLies: Record<string, LiveLie> = {
  "a live entry left out": () => undefined,
  "a live entry changed": (entry, { choice }) => ({ ...entry, bytes: turnBit(entry.bytes, choice) }),
  "another live entry at a place": fork,
};

/** What a client makes good by itself, because the next entry shows the gap. Everything else has to raise an alarm. */
export const curable: ReadonlySet<string> = new Set(["a live entry left out"]);

function change(candidates: WireEntry[], choice: Choice, make: (entry: WireEntry) => WireEntry, nodes = candidates): boolean {
  if (candidates.length === 0) return false;
  const entry = choice.pick(candidates);
  nodes.splice(nodes.indexOf(entry), 1, make(entry));
  return true;
}

// Signed by the author's own key, with a receipt by the relay: all that can be said against it is that there are two.
function fork({ bytes }: WireEntry, { author, receiptSigner }: Liar): WireEntry {
  const { seq, prev, epoch, timeMs, signerCard } = parseEntryHeader(parseBase64url(bytes).subarray(0, SIGNED_HEADER_BYTES));
  const payload = encodeHealPayload([generateBytes(HASH_BYTES)]);
  const place = { author: author.userId, seq, prev, epoch, timeMs, signerCard, signer: author.identity };
  const other = createEntry({ ...place, type: EntryType.HEAL, entryId: generateEntryId(), payload });
  const receipt = receiptSigner.sign({ author: author.userId, seq, entryHash: other.entryHash, relayMs: timeMs });
  return { bytes: encodeBase64url(other.bytes), receipt: { bytes: encodeBase64url(receipt) } };
}

function typeOf(entry: WireEntry): number {
  return headerOf(entry).type;
}

/** The place that an entry is for. */
export function seqIn(entry: WireEntry): number {
  return headerOf(entry).seq;
}

function headerOf({ bytes }: WireEntry): EntryHeader {
  return parseEntryHeader(parseBase64url(bytes).subarray(0, SIGNED_HEADER_BYTES));
}

function turnBit(text: string, choice: Choice): string {
  const bytes = parseBase64url(text);
  const place = choice.below(bytes.length);
  bytes[place] = (bytes[place] ?? 0) ^ (1 << choice.below(8));
  return encodeBase64url(bytes);
}
