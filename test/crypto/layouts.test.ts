import { beforeAll, describe, expect, it } from "vitest";
import { ready } from "../../src/crypto/index.ts";
import * as p from "../../src/protocol/index.ts";
import { filled, withByte } from "./support/bytes.ts";
import { ChainWriter } from "./support/chain-writer.ts";
import { ids } from "./support/formats.ts";
import { createPerson, withNextCard } from "./support/person.ts";
import { expectRefusal } from "./support/refusal.ts";
import { grantTo, manifestFields } from "./support/samples.ts";

beforeAll(ready);

describe("a card's format", () => {
  it("belongs to its version: a first card stands alone, a continuation names the one before", () => {
    const first = createPerson().card;
    const next = withNextCard(createPerson()).card;
    expectRefusal("bad-card", () => p.parseCard(withByte(first.bytes, 4)));
    expectRefusal("bad-card", () => p.parseCard(withByte(first.bytes, 13)));
    expectRefusal("bad-card", () => p.parseCard(next.bytes.subarray(0, 1357)));
    const asFirst = p.encodeCardBody({ ...next, cardVersion: 1 });
    expectRefusal("bad-card", () => p.parseCard(p.concatBytes(asFirst, next.bytes.subarray(1293))));
    const unlinked = p.encodeCardBody({ ...next, prevCardHash: filled(32, 0) });
    expectRefusal("bad-card", () => p.parseCard(p.concatBytes(unlinked, next.bytes.subarray(1293))));
  });
});

describe("an entry's format", () => {
  const writer = () => ChainWriter.begin(createPerson());

  it("refuses a type that nobody knows", () => {
    expectRefusal("bad-type", () => p.parseEntry(withByte(writer().think("x").bytes, 1, 0x20)));
  });

  it.each([
    ["CARD", p.EntryType.CARD, [1356, 1358, 1420]],
    ["EPOCH", p.EntryType.EPOCH, [74, 76, 179, 181]],
    ["THOUGHT", p.EntryType.THOUGHT, [73 + 255, 73 + 257, 73 + 768, 73 + 131_072]],
    ["TOMBSTONE", p.EntryType.TOMBSTONE, [31, 33]],
    ["REVOKE", p.EntryType.REVOKE, [0, 65_610]],
    ["BEACON", p.EntryType.BEACON, [0, 2, 101, 103, 1 + 256 * 101]],
    ["HEAL", p.EntryType.HEAL, [0, 1, 32, 34, 1 + 256 * 32]],
  ])("refuses a payload that no %s has", (_, type, lengths) => {
    for (const length of lengths) {
      const { bytes } = writer().sign(type, filled(length, 1));
      expectRefusal("bad-length", () => p.parseEntry(bytes));
      expectRefusal("bad-length", () => p.parseEntryHeader(bytes.subarray(0, 234)));
    }
  });

  it.each([
    ["THOUGHT", p.EntryType.THOUGHT, [73 + 256, 73 + 65_536]],
    ["REVOKE", p.EntryType.REVOKE, [1, 65_609]],
    ["BEACON", p.EntryType.BEACON, [1, 1 + 255 * 101]],
    ["HEAL", p.EntryType.HEAL, [1 + 32, 1 + 255 * 32]],
  ])("takes the smallest and the largest payload of a %s", (_, type, lengths) => {
    for (const length of lengths) {
      const { bytes } = writer().sign(type, filled(length, 1));
      expect(p.parseEntry(bytes).payload).toHaveLength(length);
    }
  });

  it("lets thoughts alone lose their payload", () => {
    const chain = writer();
    const { entryHash, bytes } = chain.think("x");
    expect(p.parseWithdrawnEntry(bytes.subarray(0, 234)).payload).toBeUndefined();
    expect(p.isWithdrawn(bytes.subarray(0, 234))).toBe(true);
    expect(p.isWithdrawn(bytes)).toBe(false);
    for (const other of [...chain.bytes.slice(0, 2), chain.withdraw(entryHash).bytes]) {
      expectRefusal("bad-type", () => p.parseWithdrawnEntry(other.subarray(0, 234)));
    }
  });

  it("takes the position from 8 bytes and refuses what a number cannot hold", () => {
    const { bytes } = writer().think("x");
    expectRefusal("bad-value", () => p.parseEntry(withByte(bytes, 34, 0xff)));
  });
});

describe("an epoch's payload", () => {
  const payload = (change: Partial<p.EpochPayload>): Uint8Array => {
    const epoch = { n: 1, commitment: ids.hash, thoughtCommitment: ids.other, vaultMin: 1, reason: 1, back: filled(105, 1) };
    return p.encodeEpochPayload({ ...epoch, ...change } as p.EpochPayload);
  };

  it("has reason FIRST exactly when it is the first", () => {
    expectRefusal("bad-epoch", () => p.parseEpochPayload(payload({ reason: 0 })));
    expectRefusal("bad-epoch", () => p.parseEpochPayload(payload({ n: 0, back: new Uint8Array() })));
    expectRefusal("bad-value", () => p.parseEpochPayload(withByte(payload({}), 72, 0x10)));
  });

  it("carries a link to the epoch before exactly when there is one", () => {
    const first = payload({ n: 0, reason: 0, back: new Uint8Array() });
    expect(p.parseEpochPayload(first).back).toHaveLength(0);
    expectRefusal("bad-length", () => p.parseEpochPayload(withByte(first, 3)));
    expectRefusal("bad-length", () => p.parseEpochPayload(withByte(payload({}), 3)));
    expect(() => payload({ back: new Uint8Array() })).toThrow(RangeError);
  });
});

describe("a HEAL", () => {
  it("names at least one entry", () => {
    expect(() => p.encodeHealPayload([])).toThrow(RangeError);
    expectRefusal("bad-value", () => p.parseHealPayload(Uint8Array.of(0)));
  });
});

describe("a grant's format", () => {
  it("names its suite twice and one of two kinds", () => {
    const chain = ChainWriter.begin(createPerson());
    const grant = grantTo(chain, createPerson());
    expectRefusal("unknown-version", () => p.parseGrant(withByte(grant, 166)));
    expectRefusal("bad-type", () => p.parseGrant(withByte(grant, 1, 3 ^ 1)));
  });
});

describe("a friend request's format", () => {
  const [alice, bob] = [1, 2].map((value) => filled(32, value)) as [Uint8Array, Uint8Array];
  const request = (change: Partial<p.FriendRequestFields>): Uint8Array => {
    const fields = { from: alice, to: bob, fromCardHash: alice, toCardHash: bob, requestId: filled(16, 1), createdMs: 10, expiresMs: 20 };
    return p.concatBytes(p.encodeFriendRequest({ ...fields, ...change }), filled(64, 1));
  };

  it("asks somebody else, for at most 30 days", () => {
    expect(p.parseFriendRequest(request({ expiresMs: 10 + p.MAX_REQUEST_LIFE_MS })).expiresMs).toBe(2_592_000_010);
    expectRefusal("bad-record", () => p.parseFriendRequest(request({ to: alice })));
    expectRefusal("bad-record", () => p.parseFriendRequest(request({ expiresMs: 10 })));
    expectRefusal("bad-record", () => p.parseFriendRequest(request({ expiresMs: 11 + p.MAX_REQUEST_LIFE_MS })));
  });

  it("is no record, and a record is no request", () => {
    expectRefusal("bad-type", () => p.parseFriendshipRecord(request({})));
    expectRefusal("bad-type", () => p.parseFriendRequest(withByte(request({}), 1, 3)));
    expectRefusal("bad-type", () => p.parseFriendshipRecord(withByte(request({}), 1, 6)));
    const toOneself = { type: 2 as const, fid: ids.hash, signer: alice, signerCardHash: alice, peer: alice, peerCardHash: alice };
    expectRefusal("bad-record", () => p.parseFriendshipRecord(p.concatBytes(p.encodeFriendshipRecord(toOneself), filled(64, 1))));
  });
});

describe("a manifest's format", () => {
  const parse = (change: Partial<p.ManifestFields>): p.Manifest =>
    p.parseManifest(p.concatBytes(p.encodeManifest(manifestFields(createPerson(), change)), filled(64, 1)));
  const item = (number: number, itemVersion = 1) => ({ item: number, itemVersion, itemHash: ids.hash });

  it("counts from version 1, which alone has none before it", () => {
    expect(parse({ vaultVersion: 1, previousManifestHash: filled(32, 0), items: [] }).vaultVersion).toBe(1);
    expectRefusal("bad-manifest", () => parse({ vaultVersion: 0, previousManifestHash: ids.hash, items: [] }));
    expectRefusal("bad-manifest", () => parse({ vaultVersion: 1, items: [] }));
    expectRefusal("bad-manifest", () => parse({ vaultVersion: 2, previousManifestHash: filled(32, 0), items: [] }));
  });

  it("lists each item once, in order, of a version that exists", () => {
    expect(parse({ items: [item(1), item(255, 3)] }).items).toHaveLength(2);
    for (const items of [[item(2), item(1)], [item(1), item(1)], [item(0)], [item(1, 4)], [item(1, 0)]]) {
      expectRefusal("bad-manifest", () => parse({ items }));
    }
  });
});

describe("an encoder", () => {
  const [hash, key, id] = [filled(32, 1), filled(32, 2), filled(16, 3)];
  const record = { fid: hash, signer: hash, signerCardHash: hash, peer: key, peerCardHash: hash };
  const request = { from: hash, to: key, fromCardHash: hash, toCardHash: hash, requestId: id };
  const manifest = { userId: hash, previousManifestHash: hash, headHash: hash };

  it.each<[string, Record<string, Uint8Array>, (fields: never) => Uint8Array]>([
    ["card", { prevCardHash: hash, signPk: key, boxPk: key, kemPk: filled(1184, 1) }, (f: object) => p.encodeCardBody({ cardVersion: 1, createdMs: 1, ...f } as p.CardBody)],
    ["entry", { author: hash, prev: hash, entryId: id, signerCard: hash }, (f: object) => p.encodeEntryPre({ type: 2, seq: 1, epoch: 1, timeMs: 1, ...f } as p.EntryPre)],
    ["header", { pre: filled(134, 1), hash }, (f: { pre: Uint8Array; hash: Uint8Array }) => p.encodeEntryHeader(f.pre, 1, f.hash)],
    ["epoch", { commitment: hash, thoughtCommitment: hash, back: filled(105, 1) }, (f: object) => p.encodeEpochPayload({ n: 1, vaultMin: 1, reason: 1, ...f } as p.EpochPayload)],
    ["tombstone", { hash }, (f: { hash: Uint8Array }) => p.encodeTombstonePayload(f.hash)],
    ["heal", { hash }, (f: { hash: Uint8Array }) => p.encodeHealPayload([f.hash])],
    ["beacon", { observation: filled(101, 1) }, (f: { observation: Uint8Array }) => p.encodeBeaconPayload([f.observation])],
    ["grant", { author: hash, recipient: key, commitment: hash, authorCardHash: hash, recipientCardHash: hash }, (f: object) => p.encodeGrantContext({ kind: 1, n: 0, ...f } as p.GrantContext)],
    ["request", request, (f: object) => p.encodeFriendRequest({ createdMs: 1, expiresMs: 2, ...f } as p.FriendRequestFields)],
    ["record", record, (f: object) => p.encodeFriendshipRecord({ type: 2, ...f } as p.FriendshipRecordFields)],
    ["manifest", manifest, (f: object) => p.encodeManifest({ vaultVersion: 2, headSeq: 1, items: [], ...f } as unknown as p.ManifestFields)],
    ["manifest item", { itemHash: hash }, (f: object) => p.encodeManifest({ ...manifest, vaultVersion: 2, headSeq: 1, items: [{ item: 1, itemVersion: 1, ...f } as p.ManifestItem] })],
    ["receipt", { entryHash: hash, author: key }, (f: object) => p.encodeReceipt({ seq: 1, relayMs: 1, ...f } as p.ReceiptFields)],
  ])("of a %s writes fields of the right length only", (_, fields, encode) => {
    expect(encode(fields as never).length).toBeGreaterThan(0);
    for (const name of Object.keys(fields)) {
      for (const wrong of [fields[name]!.subarray(1), p.concatBytes(fields[name]!, filled(1, 0))]) {
        expect(() => encode({ ...fields, [name]: wrong } as never)).toThrow(RangeError);
      }
    }
  });
});
