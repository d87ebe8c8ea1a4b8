import type { PasswordOptions } from "../../crypto/index.ts";
import { equalBytes, parseBase64url, SIGNED_RECEIPT_BYTES, type ArchivedEntry, type ArchivePiece, type ChainPiece } from "../../protocol/index.ts";
import type { AuthorKeys } from "../author-keys.ts";
import type { AuthorLog } from "../author-log.ts";
import { fetchChain } from "../chain-source.ts";
import type { ClientContext } from "../context.ts";
import { catchUpOwn } from "../own-chain.ts";
import { fetchFriendships } from "../people.ts";
import { verificationOf } from "../verification.ts";
import { ArchiveCheck } from "./archive-check.ts";
import { sealPieces } from "./archive-file.ts";

/** Entries of a piece come to about so many bytes. */
const PIECE_BYTES = 262_144;
const KEYS_OF_A_PIECE = 1_000;

/** What is written down of one author. */
interface Written {
  about: Omit<ChainPiece, "kind" | "start" | "headSeq" | "headHash">;
  log: AuthorLog;
  keys: AuthorKeys;
}

/**
 * The bytes of an archive: the own chain and that of every friend, from where this client may read them, with receipts,
 * cards, keys, friendship records and proofs. All of it is fetched anew and passes the check that readers run before it is
 * sealed. A chain that is not believed any more is left out; `onOmitted` hears its author's name.
 * Throws ClientError and ProtocolError.
 */
export function writeArchive(context: ClientContext, password: string, options: PasswordOptions, onOmitted: (username: string) => void): AsyncGenerator<Uint8Array> {
  return sealPieces(password, checked(piecesOf(context, onOmitted)), options);
}

async function* checked(pieces: AsyncIterable<ArchivePiece>): AsyncGenerator<ArchivePiece> {
  const check = new ArchiveCheck();
  for await (const piece of pieces) {
    check.take(piece);
    yield piece;
  }
  check.demandOver();
}

async function* piecesOf(context: ClientContext, onOmitted: (username: string) => void): AsyncGenerator<ArchivePiece> {
  const { own, vault, transport, now, log, keys } = context;
  const { relayReceiptKey: receiptKey, relayLoginKey: loginKey, log: checkpoint } = vault.content.settings;
  const { userId, username, cardHash } = own;
  yield { kind: "about", relay: transport.origin, userId, username, createdMs: now(), receiptKey, loginKey, ...(checkpoint && { checkpoint }) };
  await catchUpOwn(log);
  const count = { chains: 1, entries: 0 };
  const counted = (written: Written): AsyncGenerator<ArchivePiece> => chainPieces(context, written, count);
  yield* counted({ about: { userId, username, cardHash, verification: "verified" }, log, keys });
  for (const { parts, chain, about } of await readableFriends(context, onOmitted)) {
    count.chains += 1;
    yield* counted({ about, log: chain.log, keys: chain.keys });
    const { requestRecord, acceptRecord, confirmRecord } = parts;
    const records = { ...(acceptRecord !== null && { accept: parseBase64url(acceptRecord) }), ...(confirmRecord !== null && { confirm: parseBase64url(confirmRecord) }) };
    yield { kind: "friendship", request: parseBase64url(requestRecord), ...records };
  }
  for (const { kind, bytes } of context.proofs.list()) yield { kind: "proof", proof: kind, bytes };
  yield { kind: "end", ...count };
}

async function readableFriends({ vault, transport, chains }: ClientContext, onOmitted: (username: string) => void) {
  const friendships = await fetchFriendships(transport);
  return vault.content.friends.friends.flatMap((friend) => {
    const chain = chains.find(friend.userId);
    const parts = friendships.find(({ id }) => equalBytes(parseBase64url(id), friend.fid));
    if (friend.state === "PENDING_OUT" || friend.state === "PENDING_IN") return [];
    if (chain === undefined || chain.isStopped || parts === undefined) {
      onOmitted(chain?.user.username ?? friend.username ?? "a friend");
      return [];
    }
    const { userId, username } = chain.user;
    return [{ parts, chain, about: { userId, username, cardHash: friend.cardHash, verification: verificationOf(friend) } }];
  });
}

async function* chainPieces({ transport }: ClientContext, { about, log, keys }: Written, count: { entries: number }): AsyncGenerator<ArchivePiece> {
  const { seq: headSeq, hash: headHash } = log.position;
  const start = startOf(log, keys);
  yield { kind: "chain", ...about, start, headSeq, headHash };
  const landmarks = fetchChain(transport, log.author, { types: ["CARD", "EPOCH"], before: headSeq + 1 });
  for await (const entries of inPieces(landmarks)) yield { kind: "landmarks", entries: entries.map(({ bytes }) => bytes) };
  const held = keys.list();
  for (let from = 0; from < held.length; from += KEYS_OF_A_PIECE) yield { kind: "keys", keys: held.slice(from, from + KEYS_OF_A_PIECE) };
  const whole = fetchChain(transport, log.author, { ...(start > 0 && { after: start - 1 }), before: headSeq + 1 });
  for await (const entries of inPieces(whole)) {
    count.entries += entries.length;
    yield { kind: "entries", entries };
  }
}

/** What is older was written before the reader's time; without any key it is the newest epoch. */
function startOf({ outline }: AuthorLog, { firstEpoch }: AuthorKeys): number {
  if (firstEpoch === 0) return 0;
  return (firstEpoch === undefined ? outline.epochs.at(-1) : outline.epochs[firstEpoch])?.seq ?? 0;
}

async function* inPieces(entries: AsyncIterable<ArchivedEntry>): AsyncGenerator<ArchivedEntry[]> {
  let piece: ArchivedEntry[] = [];
  let bytes = 0;
  for await (const entry of entries) {
    piece.push(entry);
    bytes += entry.bytes.length + SIGNED_RECEIPT_BYTES;
    if (bytes < PIECE_BYTES) continue;
    yield piece;
    [piece, bytes] = [[], 0];
  }
  if (piece.length > 0) yield piece;
}
