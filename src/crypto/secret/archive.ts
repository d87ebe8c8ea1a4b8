import {
  demand,
  encodeArchiveHead,
  encodeArchivePiece,
  encodeArchivePlace,
  encodeArchivePrefix,
  KEY_BYTES,
  parseArchivePiece,
  sized,
  type ArchiveHead,
  type ArchivePiece,
  type ArchivePlace,
  MAX_ARCHIVE_PIECE_BYTES,
  SEAL_OVERHEAD_BYTES,
} from "../../protocol/index.ts";
import { open, seal } from "./seal.ts";

/** The head of an archive, with its key sealed to the stretched password (docs/ARCHIVE.md). */
export function createArchiveHead(passwordKey: Uint8Array, archiveKey: Uint8Array, place: Pick<ArchiveHead, "salt" | "id">): Uint8Array {
  const wrap = seal(sized(passwordKey, KEY_BYTES), "archive-key", encodeArchivePrefix(place), sized(archiveKey, KEY_BYTES));
  return encodeArchiveHead({ ...place, wrap });
}

/** @throws ProtocolError bad-seal for another password, and for a head that was changed */
export function unwrapArchiveKey(passwordKey: Uint8Array, head: ArchiveHead): Uint8Array {
  return open(sized(passwordKey, KEY_BYTES), "archive-key", encodeArchivePrefix(head), head.wrap);
}

/** Seals one piece to its place. @throws ProtocolError as encodeArchivePiece */
export function sealArchivePiece(archiveKey: Uint8Array, place: ArchivePlace, piece: ArchivePiece): Uint8Array {
  return seal(archiveKey, "archive", encodeArchivePlace(place), encodeArchivePiece(piece));
}

/** @throws ProtocolError bad-length, bad-seal, as parseArchivePiece */
export function openArchivePiece(archiveKey: Uint8Array, place: ArchivePlace, sealed: Uint8Array): ArchivePiece {
  demand(sealed.length <= MAX_ARCHIVE_PIECE_BYTES + SEAL_OVERHEAD_BYTES, "bad-length");
  return parseArchivePiece(open(archiveKey, "archive", encodeArchivePlace(place), sealed));
}
