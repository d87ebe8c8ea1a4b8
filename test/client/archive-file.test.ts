import { beforeAll, describe, expect, test } from "vitest";
import { openArchiveKey, openPieces, readArchiveHead, sealPieces, type ArchiveSource } from "../../src/client/archive/archive-file.ts";
import { ready } from "../../src/crypto/index.ts";
import { ARCHIVE_HEAD_BYTES, concatBytes, encodeUtf8, MAX_ARCHIVE_PIECE_BYTES, SEAL_OVERHEAD_BYTES, u32, type ArchivePiece } from "../../src/protocol/index.ts";
import { withByte } from "../crypto/support/bytes.ts";

const password = "a password of its own";
const quick = { unsafeKeyStretching: true };
const pieces: ArchivePiece[] = [
  { kind: "proof", proof: "fork", bytes: encodeUtf8("what nobody reads without the password") },
  { kind: "proof", proof: "receipts", bytes: new Uint8Array(20) },
  { kind: "end", chains: 1, entries: 3 },
];

let file: Uint8Array;
beforeAll(async () => {
  await ready();
  const parts: Uint8Array[] = [];
  for await (const part of sealPieces(password, listed(pieces), quick)) parts.push(part);
  file = concatBytes(...parts);
});

async function* listed<T>(items: T[]): AsyncGenerator<T> {
  yield* items;
}

/** In parts of this size. */
const sourceOf = (bytes: Uint8Array, size = 64): ArchiveSource => async function* () {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
};

async function read(source: ArchiveSource, given = password): Promise<ArchivePiece[]> {
  const head = await readArchiveHead(source);
  const read: ArchivePiece[] = [];
  for await (const piece of openPieces(source, await openArchiveKey(given, head, quick), head)) read.push(piece);
  return read;
}

async function codeOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    ({ code }: { code?: unknown }) => code,
  );
}

describe("the file of an archive", () => {
  test("is read as it was written, in whatever parts it comes", async () => {
    for (const size of [1, 7, 147, 1_000_000]) expect(await read(sourceOf(file, size))).toEqual(pieces);
  });

  test("shows nothing without the password, and opens with no other", async () => {
    expect(Buffer.from(file).includes("nobody reads")).toBe(false);
    for (const other of ["", "a password of its Own", `${password} `]) expect(await codeOf(read(sourceOf(file), other))).toBe("PASSWORD_WRONG");
  });

  test("is refused with any bit changed", async () => {
    for (let at = 0; at < file.length; at += 1) {
      const code = await codeOf(read(sourceOf(withByte(file, at, 1 << at % 8))));
      expect(["bad-type", "unknown-version", "PASSWORD_WRONG", "bad-length", "bad-seal"]).toContain(code);
    }
  });

  test("is refused cut off anywhere, and with anything behind its end", async () => {
    for (let length = 0; length < file.length; length += 1) expect(["bad-length", "bad-seal"]).toContain(await codeOf(read(sourceOf(file.subarray(0, length)))));
    for (const more of [new Uint8Array(1), u32(0), file.subarray(ARCHIVE_HEAD_BYTES)]) expect(["bad-length", "bad-seal"]).toContain(await codeOf(read(sourceOf(concatBytes(file, more)))));
  });

  test("that claims a huge piece is refused before any of it is read", async () => {
    const head = file.subarray(0, ARCHIVE_HEAD_BYTES);
    for (const length of [0xffff_ffff, MAX_ARCHIVE_PIECE_BYTES + SEAL_OVERHEAD_BYTES + 1]) {
      const source: ArchiveSource = async function* () {
        yield concatBytes(head, u32(length));
        throw new Error("somebody reads on");
      };
      expect(await codeOf(read(source))).toBe("bad-length");
    }
  });

  test("never holds the same bytes twice", async () => {
    const parts: Uint8Array[] = [];
    for await (const part of sealPieces(password, listed(pieces), quick)) parts.push(part);
    const [head = new Uint8Array(), piece = new Uint8Array()] = parts;
    expect(Buffer.from(head.subarray(10, 42)).equals(file.subarray(10, 42))).toBe(false);
    expect(Buffer.from(file).includes(Buffer.from(piece.subarray(4, 30)))).toBe(false);
  });
});
