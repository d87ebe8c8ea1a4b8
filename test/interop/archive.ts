import { type Bytes, concat, demand, equal, u64, u8, utf8 } from "./bytes.ts";
import { parseCbor } from "./cbor.ts";
import { open } from "./primitives.ts";
import { bytes, bytesUpTo, list, natural, oneOf, optional, record, text } from "./shape.ts";

const HEAD_BYTES = 147;
const PREFIX_BYTES = 42;
const MAX_CONTENT_BYTES = 1_048_576;
const MOST = 16_384;

const id = bytes(32);
const entry = bytesUpTo(65_843);

const shapes = {
  about: record({ kind: oneOf("about"), relay: text(2048), userId: id, username: text(30), createdMs: natural, receiptKey: id, loginKey: id, checkpoint: optional(bytes(146)) }),
  chain: record({ kind: oneOf("chain"), userId: id, username: text(30), verification: oneOf("verified", "unverified", "changed"), cardHash: id, start: natural, headSeq: natural, headHash: id }),
  landmarks: record({ kind: oneOf("landmarks"), entries: list(entry, MOST) }),
  keys: record({ kind: oneOf("keys"), keys: list(record({ n: natural, of: oneOf(1, 2), key: id }), MOST) }),
  entries: record({ kind: oneOf("entries"), entries: list(record({ bytes: entry, receipt: bytes(145) }), MOST) }),
  friendship: record({ kind: oneOf("friendship"), request: bytes(226), accept: optional(bytes(226)), confirm: optional(bytes(226)) }),
  proof: record({ kind: oneOf("proof"), proof: oneOf("fork", "receipts"), bytes: bytesUpTo(524_288) }),
  end: record({ kind: oneOf("end"), chains: natural, entries: natural }),
};

const kindOf = record({ kind: oneOf(...(Object.keys(shapes) as (keyof typeof shapes)[])) });

/** docs/ARCHIVE.md, "Format". */
export function openArchiveHead(passwordKey: Bytes, head: Bytes): { salt: Bytes; id: Bytes; archiveKey: Bytes } {
  demand(head.length === HEAD_BYTES, "bad-length");
  demand(equal(head.slice(0, 8), utf8("PBARCHIV")), "bad-type");
  demand(head[8] === 1 && head[9] === 1, "unknown-version");
  const archiveKey = open(passwordKey, "archive-key", head.slice(0, PREFIX_BYTES), head.slice(PREFIX_BYTES));
  return { salt: head.slice(10, 26), id: head.slice(26, PREFIX_BYTES), archiveKey };
}

export function openArchivePiece(archiveKey: Bytes, place: { id: Bytes; index: number; isLast: boolean }, sealed: Bytes): object {
  demand(sealed.length <= MAX_CONTENT_BYTES + 73, "bad-length");
  return parseArchivePiece(open(archiveKey, "archive", concat(place.id, u64(place.index), u8(place.isLast ? 1 : 0)), sealed));
}

export function parseArchivePiece(content: Bytes): object {
  const value = parseCbor(content, MAX_CONTENT_BYTES);
  return shapes[kindOf(value).kind](value);
}
