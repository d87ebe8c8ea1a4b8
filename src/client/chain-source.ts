import { demand, encodeBase64url, parseBase64url, type UserId } from "../protocol/index.ts";
import { ChainDocument, type ChainOrder, type EntryPartsFragment, type EntryType } from "./generated/graphql.ts";
import type { Transport } from "./ports.ts";

/** An entry as the relay hands it out; nothing about it is verified yet. */
export interface FetchedEntry {
  bytes: Uint8Array;
  /** The relay's signed receipt. */
  receipt: Uint8Array;
}

export interface ChainRange {
  after?: number;
  before?: number;
  types?: EntryType[];
  order?: ChainOrder;
}

const PAGE = 200;

/** One page of a chain, at most `first` entries. */
export async function fetchChainPage(
  transport: Transport,
  author: UserId,
  range: ChainRange & { first?: number },
): Promise<{ entries: FetchedEntry[]; hasMore: boolean; headSeq: number }> {
  const { chain } = await transport.execute(ChainDocument, {
    author: encodeBase64url(author),
    after: range.after ?? null,
    before: range.before ?? null,
    types: range.types ?? null,
    first: range.first ?? PAGE,
    order: range.order ?? "OLDEST_FIRST",
  });
  return { entries: chain.nodes.map(parseFetched), hasMore: chain.pageInfo.hasNextPage, headSeq: chain.head.seq };
}

/** All entries of a range, oldest first, page by page. */
export async function* fetchChain(transport: Transport, author: UserId, range: Omit<ChainRange, "order">): AsyncIterable<FetchedEntry> {
  let after = range.after;
  for (;;) {
    const page = await fetchChainPage(transport, author, { ...range, ...(after === undefined ? {} : { after }) });
    yield* page.entries;
    const last = page.entries.at(-1);
    if (!page.hasMore || last === undefined) return;
    const reached = claimedSeq(last.bytes);
    // A page that leads nowhere would be asked for again and again.
    demand(reached > (after ?? -1), "bad-seq");
    after = reached;
  }
}

/** Parses the wire form of an entry. Throws ProtocolError bad-encoding. */
export function parseFetched(entry: EntryPartsFragment): FetchedEntry {
  return { bytes: parseBase64url(entry.bytes), receipt: parseBase64url(entry.receipt.bytes) };
}

const SEQ_OFFSET = 34;
const SEQ_BYTES = 8;

/** The position that unverified bytes claim: enough to ask for the next page. Throws ProtocolError bad-length. */
export function claimedSeq(bytes: Uint8Array): number {
  demand(bytes.length >= SEQ_OFFSET + SEQ_BYTES, "bad-length");
  const view = new DataView(bytes.buffer, bytes.byteOffset + SEQ_OFFSET, SEQ_BYTES);
  return Number(view.getBigUint64(0));
}
