import { expect } from "vitest";
import { type Account, Archive } from "../../src/client/index.ts";
import { openArchiveKey, readArchiveHead } from "../../src/client/archive/archive-file.ts";
import { stretchPassword } from "../../src/crypto/index.ts";
import { seal } from "../../src/crypto/secret/seal.ts";
import { ARCHIVE_HEAD_BYTES, ARCHIVE_PREFIX_BYTES, concatBytes, encodeArchivePlace, encodeCbor, u32, type ArchiveHead } from "../../src/protocol/index.ts";
import { createStage } from "./harness/attack.ts";
import type { Scene } from "./harness/scene.ts";

// A file lies anywhere for years. Whoever finds it may change it, and whoever knows its password may make another one.
const attack = createStage();

const PASSWORD = "a password of its own";
const unsafe = { unsafeKeyStretching: true };

interface Found {
  alice: Account;
  bytes: Uint8Array;
  head: ArchiveHead;
}

async function find(scene: Scene): Promise<Found> {
  const alice = await scene.register("alice");
  await alice.thoughts.write(scene.secret("by Alice"));
  const parts: Uint8Array[] = [];
  for await (const part of alice.export(PASSWORD)) parts.push(part);
  const bytes = concatBytes(...parts);
  return { alice, bytes, head: await readArchiveHead(sourceOf(bytes)) };
}

const sourceOf = (bytes: Uint8Array) => async function* () {
  yield bytes;
};

async function verify(bytes: Uint8Array): Promise<void> {
  const archive = await Archive.open(sourceOf(bytes), PASSWORD, unsafe);
  await archive.verify();
}

const set = (bytes: Uint8Array, at: number, value: number): Uint8Array => Uint8Array.from(bytes, (byte, index) => (index === at ? value : byte));

/** Up to the end of the first piece. */
function firstPiece(bytes: Uint8Array): Uint8Array {
  const length = Buffer.from(bytes).readUInt32BE(ARCHIVE_HEAD_BYTES);
  return bytes.slice(0, ARCHIVE_HEAD_BYTES + 4 + length);
}

/** The wrap of the archive's key, sealed to nothing. */
async function withLooseWrap({ bytes, head }: Found): Promise<Uint8Array> {
  const key = await openArchiveKey(PASSWORD, head, unsafe);
  const wrap = seal(await stretchPassword(PASSWORD, head.salt, unsafe), "archive-key", new Uint8Array(), key);
  return concatBytes(bytes.subarray(0, ARCHIVE_PREFIX_BYTES), wrap, bytes.subarray(ARCHIVE_HEAD_BYTES));
}

/** One piece behind the first, with a text where bytes belong. */
async function withTextForBytes({ bytes, head }: Found): Promise<Uint8Array> {
  const key = await openArchiveKey(PASSWORD, head, unsafe);
  const sealed = seal(key, "archive", encodeArchivePlace({ id: head.id, index: 1, isLast: true }), encodeCbor({ kind: "proof", proof: "fork", bytes: "a fork" }));
  return concatBytes(firstPiece(bytes), u32(sealed.length), sealed);
}

const files: [name: string, refusal: string, change: (found: Found) => Uint8Array | Promise<Uint8Array>][] = [
  ["an archive that is another kind of file", "bad-type", ({ bytes }) => set(bytes, 0, 0)],
  ["an archive of an unknown version", "unknown-version", ({ bytes }) => set(bytes, 8, 2)],
  ["an archive whose password is stretched in an unknown way", "unknown-version", ({ bytes }) => set(bytes, 9, 2)],
  ["an archive whose key was wrapped for no archive", "PASSWORD_WRONG: bad-seal", withLooseWrap],
  ["an archive that was cut off behind a piece", "bad-seal", ({ bytes }) => firstPiece(bytes)],
  ["an archive with a text where bytes belong", "bad-cbor", withTextForBytes],
];

for (const [name, refusal, change] of files) {
  attack(name, { refusal }, async (scene) => {
    const found = await find(scene);
    await scene.refused(Promise.resolve(change(found)).then(verify));
    await scene.honest(async () => expect(await verify(found.bytes)).toBeUndefined());
  });
}
