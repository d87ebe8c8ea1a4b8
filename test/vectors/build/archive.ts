import { sealWithNonce } from "../../../src/crypto/secret/seal.ts";
import { concatBytes, encodeArchivePiece, encodeArchivePlace, encodeArchivePrefix, encodeCbor, u8, type ArchivePiece, type SealLabel } from "../../../src/protocol/index.ts";
import { toHex } from "../hex.ts";
import type { Vector } from "../vector.ts";
import { bytesFor, CREATED_MS, filled, withByte, withPart } from "./material.ts";
import { Topic } from "./topic.ts";

type Expect = Vector["expect"];

const salt = bytesFor("archive salt", 16);
const id = bytesFor("archive id", 16);
const passwordKey = bytesFor("archive password");
const archiveKey = bytesFor("archive key");
const nonce = bytesFor("archive nonce", 24);

const about: ArchivePiece = {
  kind: "about",
  relay: "https://relay.example",
  userId: bytesFor("archive user"),
  username: "alice",
  createdMs: CREATED_MS,
  receiptKey: bytesFor("archive receipt key"),
  loginKey: bytesFor("archive login key"),
};
const chain: ArchivePiece = {
  kind: "chain",
  userId: bytesFor("archive user"),
  username: "alice",
  verification: "verified",
  cardHash: bytesFor("archive card"),
  start: 0,
  headSeq: 2,
  headHash: bytesFor("archive head"),
};
const others: ArchivePiece[] = [
  { ...about, checkpoint: filled(146, 1) },
  chain,
  { kind: "landmarks", entries: [filled(300, 2), filled(400, 3)] },
  { kind: "keys", keys: [{ n: 0, of: 1, key: bytesFor("archive K") }, { n: 1, of: 2, key: bytesFor("archive T") }] },
  { kind: "entries", entries: [{ bytes: filled(234, 4), receipt: filled(145, 5) }] },
  { kind: "friendship", request: filled(226, 6), accept: filled(226, 7) },
  { kind: "proof", proof: "receipts", bytes: filled(291, 8) },
  { kind: "end", chains: 1, entries: 3 },
];

const prefix = encodeArchivePrefix({ salt, id });
const headOf = (before: Uint8Array, label: SealLabel = "archive-key", key = passwordKey): Uint8Array => concatBytes(before, sealWithNonce(nonce, key, label, before, archiveKey));

export function buildArchives(): Topic {
  const topic = new Topic("archive", "docs/ARCHIVE.md");
  addHeads(topic);
  addPlaces(topic);
  addPieces(topic);
  return topic;
}

function addHeads(topic: Topic): void {
  const add = (name: string, expect: Expect, description: string, head: Uint8Array): void => topic.add("open-archive-head", `head-${name}`, expect, description, { passwordKey: toHex(passwordKey), head: toHex(head) });
  const head = headOf(prefix);
  add("opens", "ok", "salt, id and key of an archive", head);
  add("empty", "bad-length", "no bytes", new Uint8Array());
  add("truncated", "bad-length", "146 bytes", head.subarray(0, -1));
  add("longer", "bad-length", "148 bytes", concatBytes(head, u8(0)));
  add("magic", "bad-type", "another kind of file", headOf(withByte(prefix, 0)));
  add("version", "unknown-version", "version 2", headOf(withPart(prefix, 8, u8(2))));
  add("stretching", "unknown-version", "another way to stretch", headOf(withPart(prefix, 9, u8(2))));
  add("changed-salt", "bad-seal", "the salt changed", withByte(head, 10));
  add("changed-id", "bad-seal", "the id changed", withByte(head, 26));
  add("changed-wrap", "bad-seal", "the wrap changed", withByte(head, -1));
  add("other-label", "bad-seal", "sealed as a piece", headOf(prefix, "archive"));
  add("other-password", "bad-seal", "another password", headOf(prefix, "archive-key", bytesFor("another password")));
}

function addPlaces(topic: Topic): void {
  const place = { id, index: 3, isLast: false };
  const sealPiece = (content: Uint8Array, label: SealLabel = "archive"): Uint8Array => sealWithNonce(nonce, archiveKey, label, encodeArchivePlace(place), content);
  const sealed = sealPiece(encodeArchivePiece(about));
  const add = (name: string, expect: Expect, description: string, change: { sealed?: Uint8Array; id?: Uint8Array; index?: number; isLast?: boolean } = {}): void => {
    const { index = place.index, isLast = place.isLast } = change;
    topic.add("open-archive-piece", `place-${name}`, expect, description, { archiveKey: toHex(archiveKey), id: toHex(change.id ?? id), index, isLast, sealed: toHex(change.sealed ?? sealed) });
  };
  add("opens", "ok", "a piece at its place");
  add("other-archive", "bad-seal", "a piece of another archive under the same key", { id: bytesFor("another archive", 16) });
  add("other-index", "bad-seal", "a piece that changed places", { index: 4 });
  add("cut-off", "bad-seal", "a piece that is the last one only because the file was cut off", { isLast: true });
  add("changed", "bad-seal", "a bit of a piece changed", { sealed: withByte(sealed, -1) });
  add("short", "bad-seal", "72 bytes", { sealed: sealed.subarray(0, 72) });
  add("other-label", "bad-seal", "sealed as a vault item", { sealed: sealPiece(encodeArchivePiece(about), "vault") });
  add("no-cbor", "bad-cbor", "well sealed, but nothing in it", { sealed: sealPiece(new Uint8Array()) });
}

function addPieces(topic: Topic): void {
  const add = (name: string, expect: Expect, description: string, content: object): void => topic.add("parse-archive-piece", `piece-${name}`, expect, description, { content: toHex(encodeCbor(content)) });
  for (const piece of others) add(piece.kind, "ok", `"${piece.kind}"`, piece);
  add("more", "ok", "a key of a later version is ignored", { ...others[7], later: 1 });
  add("kind", "bad-cbor", "an unknown kind", { kind: "index" });
  add("no-kind", "bad-cbor", "no kind", { chains: 1, entries: 3 });
  add("list", "bad-cbor", "a list", ["end", 1, 3]);
  add("long-relay", "bad-text", "an address of 2 049 bytes", { ...about, relay: "r".repeat(2049) });
  add("long-name", "bad-text", "a name of 31 bytes", { ...about, username: "a".repeat(31) });
  add("short-user-id", "bad-cbor", "a user id of 31 bytes", { ...about, userId: filled(31, 1) });
  add("short-receipt-key", "bad-cbor", "a receipt key of 31 bytes", { ...about, receiptKey: filled(31, 1) });
  add("no-login-key", "bad-cbor", "no login key", { ...about, loginKey: null });
  add("long-checkpoint", "bad-cbor", "a checkpoint of 147 bytes", { ...about, checkpoint: filled(147, 1) });
  add("verification", "bad-cbor", "a verification that does not exist", { ...chain, verification: "own" });
  add("negative-start", "bad-cbor", "a place below zero", { ...chain, start: -1 });
  add("text-for-entry", "bad-cbor", "a text in the place of an entry", { kind: "landmarks", entries: ["entry"] });
  add("short-receipt", "bad-cbor", "a receipt of 144 bytes", { kind: "entries", entries: [{ bytes: filled(234, 1), receipt: filled(144, 1) }] });
  add("key-of-nothing", "bad-cbor", "a key of a third kind", { kind: "keys", keys: [{ n: 0, of: 3, key: filled(32, 1) }] });
  add("short-key", "bad-cbor", "a key of 31 bytes", { kind: "keys", keys: [{ n: 0, of: 1, key: filled(31, 1) }] });
  add("no-request", "bad-cbor", "a friendship without a request", { kind: "friendship", accept: filled(226, 1) });
  add("other-proof", "bad-cbor", "a proof of a third kind", { kind: "proof", proof: "split", bytes: filled(291, 1) });
  add("end-text", "bad-cbor", "a count that is a text", { kind: "end", chains: "1", entries: 3 });
}
