import { EntryType, parseBase64url, parseEntryHeader, SIGNED_HEADER_BYTES } from "../../protocol/index.ts";

/** One column of a row, as the database's own shell prints it. */
export interface Column {
  name: string;
  value: string;
  /** What whoever reads the row learns from it. */
  meaning: string;
}

/** An entry as the relay hands it out to those who may read it: it keeps nothing of an entry that this does not hold. */
interface StoredEntry {
  author: string;
  seq: number;
  type: keyof typeof EntryType;
  epoch: number;
  hash: string;
  bytes: string;
  receipt: { bytes: string; receivedAt: number };
}

type Ask = (operation: { query: string; variables: Record<string, unknown> }) => Promise<{ data?: unknown; errors?: readonly { message: string }[] }>;

const STORED_ENTRY = `query StoredEntry($author: UserId!, $after: Sequence) {
  chain(author: $author, after: $after, first: 1) {
    nodes { author seq type epoch hash bytes receipt { bytes receivedAt } }
  }
}`;

/** The row that the relay keeps for one entry, asked for again. Throws an Error whose text is for people. */
export async function findRow(ask: Ask, author: string, seq: number): Promise<Column[]> {
  const { data, errors = [] } = await ask({ query: STORED_ENTRY, variables: { author, after: seq === 0 ? null : seq - 1 } });
  const [stored] = (data as { chain: { nodes: StoredEntry[] } } | null | undefined)?.chain.nodes ?? [];
  if (stored === undefined) throw new Error(errors.map(({ message }) => message).join(" ") || "The relay keeps no such entry.");
  return columnsOf(stored);
}

function columnsOf({ author, seq, type, epoch, hash, bytes, receipt }: StoredEntry): Column[] {
  const signed = parseBase64url(bytes);
  const signedHeader = signed.subarray(0, SIGNED_HEADER_BYTES);
  const payload = signed.subarray(SIGNED_HEADER_BYTES);
  const isThought = type === "THOUGHT";
  // First what it is all about, then what stands around it.
  return [
    { name: "payload", value: payload.length === 0 ? "NULL" : hexOf(payload), meaning: payloadMeaning(isThought, payload.length) },
    { name: "author", value: hexOf(parseBase64url(author)), meaning: "whose chain it is" },
    { name: "seq", value: String(seq), meaning: "its place there" },
    { name: "type", value: String(EntryType[type]), meaning: isThought ? "a thought, or an edit" : type.toLowerCase() },
    { name: "epoch", value: String(epoch), meaning: "which key; not the key" },
    { name: "entryId", value: hexOf(parseEntryHeader(signedHeader).entryId), meaning: "random" },
    { name: "hash", value: hexOf(parseBase64url(hash)), meaning: "names this entry" },
    { name: "signedHeader", value: hexOf(signedHeader), meaning: "signed by the author" },
    { name: "receivedAtMs", value: String(receipt.receivedAt), meaning: "when it arrived" },
    { name: "receipt", value: hexOf(parseBase64url(receipt.bytes)), meaning: "the relay’s signature" },
  ];
}

function payloadMeaning(isThought: boolean, length: number): string {
  if (length === 0) return "deleted";
  return isThought ? `the text, sealed: ${length} bytes` : `public keys, commitments or names of entries: ${length} bytes`;
}

function hexOf(bytes: Uint8Array): string {
  return `\\x${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
