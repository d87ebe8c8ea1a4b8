import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Archive, type ReadThought } from "../../src/client/index.ts";
import { openArchiveKey, openPieces, readArchiveHead, sealPieces } from "../../src/client/archive/archive-file.ts";
import { ARCHIVE_HEAD_BYTES, EntryType, parseEntryHeader, SIGNED_HEADER_BYTES, type ArchivePiece } from "../../src/protocol/index.ts";
import { codeOf, createWorld, nextNotice, type World } from "./support.ts";

const password = "a password of its own";
const unsafe = { unsafeKeyStretching: true };

let world: World;
let bytes: Uint8Array;
/** From before the slip was withdrawn. */
let early: Uint8Array;

async function collect(parts: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const part of parts) all.push(part);
  return new Uint8Array(Buffer.concat(all));
}

/** As a file is read: in parts that end anywhere. */
const sourceOf = (whole: Uint8Array) => async function* () {
  for (let at = 0; at < whole.length; at += 1_000) yield whole.subarray(at, at + 1_000);
};

const openArchive = (whole: Uint8Array, given = password): Promise<Archive> => Archive.open(sourceOf(whole), given, unsafe);

async function textsOf(thoughts: AsyncIterable<ReadThought>): Promise<string[]> {
  const texts: string[] = [];
  for await (const { username, text } of thoughts) texts.push(`${username}: ${text}`);
  return texts;
}

async function piecesOf(whole: Uint8Array): Promise<ArchivePiece[]> {
  const head = await readArchiveHead(sourceOf(whole));
  const pieces: ArchivePiece[] = [];
  for await (const piece of openPieces(sourceOf(whole), await openArchiveKey(password, head, unsafe), head)) pieces.push(piece);
  return pieces;
}

/** The same archive after somebody who knows the password has changed what is in it. */
async function rewritten(change: (pieces: ArchivePiece[]) => void): Promise<Uint8Array> {
  const pieces = await piecesOf(bytes);
  change(pieces);
  return collect(sealPieces(password, (async function* () {
    yield* pieces;
  })(), unsafe));
}

function pieceOf<Kind extends ArchivePiece["kind"]>(pieces: ArchivePiece[], kind: Kind, index = 0): Extract<ArchivePiece, { kind: Kind }> {
  const found = pieces.filter((piece) => piece.kind === kind)[index];
  if (found === undefined) throw new Error(`no ${kind} ${index}`);
  return found as Extract<ArchivePiece, { kind: Kind }>;
}

const flip = (some: Uint8Array | undefined, at: number): void => {
  if (some === undefined) throw new Error("nothing to change");
  some[at] = (some[at] ?? 0) ^ 1;
};

beforeAll(async () => {
  world = await createWorld();
  const [alice, bob, carol] = [await world.register("alice"), await world.register("bob"), await world.register("carol")];
  await bob.thoughts.write("an early one");
  await world.befriend(alice, bob);
  const slip = await bob.thoughts.write("a slip");
  const typo = await bob.thoughts.write("tomatos");
  await bob.thoughts.edit(typo.id, "tomatoes in the garden");
  early = await collect(alice.export(password));
  await bob.thoughts.withdraw(slip.id);
  await carol.thoughts.write("from before");
  const told = Promise.all([alice, carol].map((account) => nextNotice(account, "befriended")));
  await alice.friends.request("carol");
  await carol.friends.accept("alice", { history: false });
  await told;
  await carol.thoughts.write("from now on");
  await alice.thoughts.write("the garden of alice");
  bytes = await collect(alice.export(password));
});
afterAll(() => world.close());

describe("an archive", () => {
  test("verifies without a relay, and says what is in it", async () => {
    const { username, relay, chains, entries, proofs } = await (await openArchive(bytes)).verify();
    expect([username, relay, proofs]).toEqual(["alice", world.relay.origin, []]);
    expect(chains.map(({ username, verification, fromSeq, thoughts, withdrawn, unreadable }) => [username, verification, fromSeq, thoughts, withdrawn, unreadable])).toEqual([
      ["alice", "verified", 0, 1, 0, 0],
      ["bob", "unverified", 0, 3, 1, 0],
      ["carol", "unverified", expect.any(Number), 1, 0, 0],
    ]);
    expect(chains[2]?.fromSeq).toBeGreaterThan(1);
    expect(entries).toBe(chains.reduce((sum, { fromSeq, toSeq }) => sum + toSeq - fromSeq + 1, 0));
  });

  test("is read and searched by itself, edits and withdrawals applied", async () => {
    const archive = await openArchive(bytes);
    expect(await textsOf(archive.thoughts())).toEqual(["alice: the garden of alice", "bob: an early one", "bob: tomatoes in the garden", "carol: from now on"]);
    expect(await textsOf(archive.thoughts({ author: "carol" }))).toEqual(["carol: from now on"]);
    expect(await textsOf(archive.thoughts({ words: "GARD tom" }))).toEqual(["bob: tomatoes in the garden"]);
    expect(await textsOf(archive.thoughts({ words: "" }))).toEqual([]);
  });

  test("never shows a thought that was withdrawn, not even where its text is still there", async () => {
    const before = pieceOf(await piecesOf(early), "entries", 1).entries;
    const archive = await openArchive(await rewritten((pieces) => {
      const withdrawn = pieceOf(pieces, "entries", 1).entries.find(({ bytes }) => bytes.length === SIGNED_HEADER_BYTES);
      const whole = before.find(({ bytes }) => withdrawn && Buffer.from(bytes).includes(Buffer.from(withdrawn.bytes)));
      if (withdrawn && whole) withdrawn.bytes = whole.bytes;
    }));
    expect((await archive.verify()).chains[1]).toMatchObject({ username: "bob", thoughts: 4, withdrawn: 0 });
    expect(await textsOf(archive.thoughts({ author: "bob" }))).toEqual(["bob: an early one", "bob: tomatoes in the garden"]);
  });

  test("opens with its password only, and shows nothing without it", async () => {
    expect(await codeOf(openArchive(bytes, "another password"))).toBe("PASSWORD_WRONG");
    for (const word of ["garden", "alice", "bob"]) expect(Buffer.from(bytes).includes(word)).toBe(false);
  });

  test("that was cut off or changed anywhere is refused", async () => {
    const verify = async (whole: Uint8Array): Promise<unknown> => codeOf(openArchive(whole).then((archive) => archive.verify()));
    const ends = await pieceEnds();
    expect(await verify(bytes.subarray(0, 20))).toBe("bad-length");
    expect(await verify(bytes.subarray(0, ARCHIVE_HEAD_BYTES))).toBe("bad-length");
    // Between two pieces nothing but the seal of the last one tells.
    for (const end of ends.slice(0, -1)) expect(await verify(bytes.subarray(0, end))).toBe("bad-seal");
    for (const end of ends) expect(await verify(bytes.subarray(0, end - 1))).toBe("bad-length");
    expect(await verify(new Uint8Array([...bytes, 0]))).toBe("bad-seal");
    const changed = (at: number): Uint8Array => {
      const copy = bytes.slice();
      flip(copy, at);
      return copy;
    };
    expect(await verify(changed(0))).toBe("bad-type");
    expect(await verify(changed(8))).toBe("unknown-version");
    for (const at of [12, 30, 60]) expect(await verify(changed(at))).toBe("PASSWORD_WRONG");
    for (const end of ends) expect(await verify(changed(end - 1))).toBe("bad-seal");
    expect(await verify(changed(ARCHIVE_HEAD_BYTES))).toBe("bad-length");
  });

  test("pieces that change places are refused", async () => {
    const [first = 0, second = 0, third = 0] = await pieceEnds();
    const swapped = Buffer.concat([bytes.subarray(0, first), bytes.subarray(second, third), bytes.subarray(first, second), bytes.subarray(third)]);
    expect(await codeOf((await openArchive(new Uint8Array(swapped))).verify())).toBe("bad-seal");
  });

  // Whoever knows the password seals what they like; what others signed they still cannot make.
  test.each<[part: string, code: string, change: (pieces: ArchivePiece[]) => void]>([
    ["whose it is", "bad-archive", (pieces) => flip(pieceOf(pieces, "about").userId, 0)],
    ["the relay's receipt key", "bad-sig", (pieces) => flip(pieceOf(pieces, "about").receiptKey, 0)],
    ["an author's id", "bad-author", (pieces) => flip(pieceOf(pieces, "chain", 1).userId, 0)],
    ["a pinned card", "bad-card", (pieces) => flip(pieceOf(pieces, "chain", 1).cardHash, 0)],
    ["the hash of a head", "fork", (pieces) => flip(pieceOf(pieces, "chain", 1).headHash, 0)],
    ["the place of a head", "bad-seq", (pieces) => void (pieceOf(pieces, "chain", 1).headSeq += 1)],
    ["where a chain begins", "bad-seq", (pieces) => void (pieceOf(pieces, "chain", 1).start += 1)],
    ["a card", "bad-sig", (pieces) => flip(pieceOf(pieces, "landmarks", 1).entries[0], 240)],
    ["an epoch that is left out", "bad-epoch", (pieces) => void pieceOf(pieces, "landmarks", 1).entries.pop()],
    ["a key", "bad-commit", (pieces) => flip(pieceOf(pieces, "keys", 1).keys[0]?.key, 0)],
    ["the signature of an entry", "bad-sig", (pieces) => flip(pieceOf(pieces, "entries", 1).entries[2]?.bytes, 200)],
    ["the content of an entry", "bad-payload-hash", (pieces) => flip(pieceOf(pieces, "entries", 1).entries[2]?.bytes, 400)],
    ["a thought whose text is left out", "bad-target", (pieces) => {
      const entry = pieceOf(pieces, "entries", 1).entries.find(({ bytes }) => parseEntryHeader(bytes.subarray(0, SIGNED_HEADER_BYTES)).type === EntryType.THOUGHT);
      if (entry) entry.bytes = entry.bytes.slice(0, SIGNED_HEADER_BYTES);
    }],
    ["an entry that is left out", "bad-seq", (pieces) => void pieceOf(pieces, "entries", 1).entries.splice(2, 1)],
    ["the last entry of a chain", "bad-seq", (pieces) => void pieceOf(pieces, "entries", 1).entries.pop()],
    ["a receipt", "bad-sig", (pieces) => flip(pieceOf(pieces, "entries", 1).entries[2]?.receipt, 140)],
    ["a receipt of another entry", "bad-receipt", (pieces) => {
      const [one, other] = pieceOf(pieces, "entries", 1).entries;
      if (one && other) one.receipt = other.receipt;
    }],
    ["a request", "bad-sig", (pieces) => flip(pieceOf(pieces, "friendship").request, 200)],
    ["an answer", "bad-sig", (pieces) => flip(pieceOf(pieces, "friendship").accept, 200)],
    ["the answer of another friendship", "bad-card", (pieces) => Object.assign(pieceOf(pieces, "friendship"), { accept: pieceOf(pieces, "friendship", 1).accept })],
    ["a friendship that is left out", "bad-archive", (pieces) => void pieces.splice(pieces.indexOf(pieceOf(pieces, "friendship")), 1)],
    ["a chain that stands twice", "bad-archive", (pieces) => {
      const from = pieces.indexOf(pieceOf(pieces, "chain", 1));
      const to = pieces.indexOf(pieceOf(pieces, "chain", 2));
      pieces.splice(to, 0, ...structuredClone(pieces.slice(from, to)));
    }],
    ["a proof of nothing", "unknown-version", (pieces) => void pieces.splice(-1, 0, { kind: "proof", proof: "fork", bytes: new Uint8Array(300) })],
    ["what its end counts", "bad-archive", (pieces) => void (pieceOf(pieces, "end").entries += 1)],
    ["its end", "bad-archive", (pieces) => void pieces.pop()],
    ["what stands behind its end", "bad-archive", (pieces) => void pieces.push(pieceOf(pieces, "end"))],
  ])("with another content of %s is refused: %s", async (_part, code, change) => {
    const archive = await openArchive(await rewritten(change));
    expect(await codeOf(archive.verify())).toBe(code);
    expect(await codeOf(textsOf(archive.thoughts()))).toBe(code);
  });

  test("holds no key that signs and nothing that signs in", async () => {
    const kinds = new Set((await piecesOf(bytes)).map(({ kind }) => kind));
    expect([...kinds]).toEqual(["about", "chain", "landmarks", "keys", "entries", "friendship", "end"]);
    // A checkpoint is there once one was seen.
    const fields = Object.keys(pieceOf(await piecesOf(bytes), "about")).filter((field) => field !== "checkpoint");
    expect(fields.sort()).toEqual(["createdMs", "kind", "loginKey", "receiptKey", "relay", "userId", "username"]);
  });

  test("gives nothing back to a relay that lacks nothing, nor to anybody else", async () => {
    const archive = await openArchive(bytes);
    expect((await world.login("alice", { archive })).givenBack).toEqual({ given: 0, left: 0 });
    expect((await world.login("alice")).givenBack).toBe(undefined);
    expect(await codeOf(world.login("bob", { archive }))).toBe("ARCHIVE_OF_OTHERS");
  });
});

/** Where each piece ends, the head first. */
async function pieceEnds(): Promise<number[]> {
  const ends: number[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = ARCHIVE_HEAD_BYTES; at < bytes.length; ) {
    at += 4 + view.getUint32(at);
    ends.push(at);
  }
  return ends;
}
