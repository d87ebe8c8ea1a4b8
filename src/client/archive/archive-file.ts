import { createArchiveHead, generateBytes, openArchivePiece, sealArchivePiece, stretchPassword, unwrapArchiveKey, type PasswordOptions } from "../../crypto/index.ts";
import {
  ARCHIVE_HEAD_BYTES,
  ARCHIVE_ID_BYTES,
  ARCHIVE_SALT_BYTES,
  concatBytes,
  demand,
  KEY_BYTES,
  MAX_ARCHIVE_PIECE_BYTES,
  parseArchiveHead,
  ProtocolError,
  SEAL_OVERHEAD_BYTES,
  u32,
  type ArchiveHead,
  type ArchivePiece,
} from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";
import { ByteStream } from "./byte-stream.ts";

const LENGTH_BYTES = 4;

/** Bytes of a file from its beginning, in parts of any size; it is called for every reading. */
export type ArchiveSource = () => AsyncIterable<Uint8Array>;

/** Seals pieces into the bytes of an archive, one piece behind: the last one says that it is the last. */
export async function* sealPieces(password: string, pieces: AsyncIterable<ArchivePiece>, options: PasswordOptions): AsyncGenerator<Uint8Array> {
  const archiveKey = generateBytes(KEY_BYTES);
  const salt = generateBytes(ARCHIVE_SALT_BYTES);
  const id = generateBytes(ARCHIVE_ID_BYTES);
  yield createArchiveHead(await stretchPassword(password, salt, options), archiveKey, { salt, id });
  let index = 0;
  let waiting: ArchivePiece | undefined;
  const sealed = (piece: ArchivePiece, isLast: boolean): Uint8Array => {
    const bytes = sealArchivePiece(archiveKey, { id, index, isLast }, piece);
    index += 1;
    return concatBytes(u32(bytes.length), bytes);
  };
  for await (const piece of pieces) {
    if (waiting !== undefined) yield sealed(waiting, false);
    waiting = piece;
  }
  if (waiting !== undefined) yield sealed(waiting, true);
}

/** Reads the head alone. Throws ProtocolError bad-length, bad-type, unknown-version. */
export async function readArchiveHead(source: ArchiveSource): Promise<ArchiveHead> {
  const stream = new ByteStream(source());
  try {
    return parseArchiveHead(await stream.take(ARCHIVE_HEAD_BYTES));
  } finally {
    await stream.close();
  }
}

/** Throws ClientError PASSWORD_WRONG. */
export async function openArchiveKey(password: string, head: ArchiveHead, options: PasswordOptions): Promise<Uint8Array> {
  const passwordKey = await stretchPassword(password, head.salt, options);
  try {
    return unwrapArchiveKey(passwordKey, head);
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    throw new ClientError("PASSWORD_WRONG", "This is not the password of the archive, or its head was changed.", { cause });
  }
}

/** The opened pieces in their order. Throws ProtocolError bad-length, bad-seal and as parseArchivePiece for a file that was cut off or changed. */
export async function* openPieces(source: ArchiveSource, archiveKey: Uint8Array, { id }: Pick<ArchiveHead, "id">): AsyncGenerator<ArchivePiece> {
  const stream = new ByteStream(source());
  try {
    await stream.take(ARCHIVE_HEAD_BYTES);
    for (let index = 0, isLast = false; !isLast; index += 1) {
      const length = new DataView((await stream.take(LENGTH_BYTES)).buffer).getUint32(0);
      // Before anything is read into memory for it.
      demand(length <= MAX_ARCHIVE_PIECE_BYTES + SEAL_OVERHEAD_BYTES, "bad-length");
      const sealed = await stream.take(length);
      isLast = await stream.isAtEnd();
      yield openArchivePiece(archiveKey, { id, index, isLast }, sealed);
    }
  } finally {
    await stream.close();
  }
}
