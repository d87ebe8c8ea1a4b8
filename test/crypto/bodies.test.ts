import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { createThoughtEntry, ready } from "../../src/crypto/index.ts";
import * as p from "../../src/protocol/index.ts";
import { filled } from "./support/bytes.ts";
import { ChainWriter } from "./support/chain-writer.ts";
import { ids, vaultFormats, type Format } from "./support/formats.ts";
import { createPerson } from "./support/person.ts";
import { expectRefusal } from "./support/refusal.ts";

beforeAll(ready);

describe("a thought's body", () => {
  const parse = (value: object | p.CborValue): p.ThoughtBody => p.parseThoughtBody(p.encodeCbor(value));

  it("holds 60 000 bytes of text and not one more", () => {
    const longest = "é".repeat(30_000);
    expect(p.parseThoughtBody(p.encodeThoughtBody({ v: 1, t: longest })).t).toBe(longest);
    expectRefusal("bad-text", () => p.encodeThoughtBody({ v: 1, t: `${longest}a` }));
    expectRefusal("bad-text", () => parse({ v: 1, t: `${longest}a` }));
    expectRefusal("bad-length", () => parse({ v: 1, t: "", z: filled(66_000, 0) }));
  });

  it("comes back as it was written", () => {
    const text = fc.string({ unit: "binary", maxLength: 300 });
    const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => new Uint8Array(bytes));
    fc.assert(
      fc.property(text, fc.option(hash, { nil: undefined }), fc.option(hash, { nil: undefined }), (t, reply, edits) => {
        const body: p.ThoughtBody = { v: 1, t, ...(reply && { reply }), ...(edits && { edits }) };
        expect(p.parseThoughtBody(p.encodeThoughtBody(body))).toStrictEqual(body);
      }),
    );
  });

  it("ignores what later versions of it may add, and refuses another v", () => {
    expect(parse({ v: 1, t: "a", mood: "fine" })).toStrictEqual({ v: 1, t: "a" });
    expectRefusal("unknown-version", () => parse({ v: 2, t: "a" }));
    expectRefusal("bad-cbor", () => parse({ t: "a" }));
  });

  it.each([
    ["no text", { v: 1 }],
    ["text that is a number", { v: 1, t: 1 }],
    ["a short reply", { v: 1, t: "", reply: filled(31, 1) }],
    ["a reply that is text", { v: 1, t: "", reply: "a" }],
    ["short edits", { v: 1, t: "", edits: filled(33, 1) }],
    ["a short observation", { v: 1, t: "", obs: [filled(100, 1)] }],
    ["nine observations", { v: 1, t: "", obs: Array.from({ length: 9 }, () => filled(101, 1)) }],
    ["observations that are no list", { v: 1, t: "", obs: filled(101, 1) }],
    ["a list", [1]],
    ["bytes", filled(3, 1)],
    ["null", null],
    ["a number", 1],
  ])("refuses %s", (_, value) => {
    expectRefusal("bad-cbor", () => parse(value));
  });

  it("is not encoded when a lone surrogate would be lost", () => {
    expectRefusal("bad-text", () => p.encodeThoughtBody({ v: 1, t: "a\uD800" }));
  });

  it("makes a smallest entry of 563 bytes and a largest of 65 843", () => {
    const chain = ChainWriter.begin(createPerson());
    expect(chain.signThought("a").bytes).toHaveLength(563);
    const { identity, cardHash } = chain.person;
    const obs = Array.from({ length: 8 }, () => filled(101, 1));
    const body: p.ThoughtBody = { v: 1, t: "a".repeat(60_000), reply: ids.hash, edits: ids.hash, obs };
    const { bytes } = createThoughtEntry({ ...chain.place(), identity, cardHash, thoughtKey: chain.thoughtKey, body });
    expect(bytes).toHaveLength(p.MAX_ENTRY_BYTES);
  });
});

describe("the vault's items", () => {
  it("come back as they were written", () => {
    const [identity, friends, settings, pending] = vaultFormats(createPerson().card.bytes) as [Format, Format, Format, Format];
    expect(p.encodeVaultIdentity(p.parseVaultIdentity(identity.samples[0]!))).toStrictEqual(identity.samples[0]);
    expect(p.encodeVaultFriends(p.parseVaultFriends(friends.samples[0]!))).toStrictEqual(friends.samples[0]);
    expect(p.encodeVaultSettings(p.parseVaultSettings(settings.samples[0]!))).toStrictEqual(settings.samples[0]);
    for (const sample of pending.samples) expect(p.encodeVaultPending(p.parseVaultPending(sample))).toStrictEqual(sample);
  });

  it("hold 1 000 friends, 600 open requests and 8 192 ended friendships within their limit", () => {
    const person = { userId: ids.hash, username: "x".repeat(30), cardHash: ids.hash, verified: true, kind: 1, fid: ids.hash } as const;
    const position = { seq: Number.MAX_SAFE_INTEGER, hash: ids.hash };
    const friend: p.VaultFriend = { ...person, state: "CONFIRMED", position };
    const asked: p.VaultFriend = { ...person, state: "PENDING_OUT", request: filled(226, 1), expiresMs: Number.MAX_SAFE_INTEGER };
    const friends = [
      ...Array.from({ length: p.MAX_FRIENDS }, () => friend),
      ...Array.from({ length: p.MAX_OPEN_REQUESTS }, () => asked),
    ];
    const ended = Array.from({ length: p.MAX_ENDED_FRIENDSHIPS }, () => ids.hash);
    const sealedBytes = p.bucketFor(p.encodeVaultFriends({ friends, ended }).length) + p.SEAL_OVERHEAD_BYTES;
    expect(sealedBytes).toBeLessThanOrEqual(p.MAX_VAULT_ITEM_BYTES);
    expectRefusal("bad-cbor", () => p.encodeVaultFriends({ friends: [...friends, asked], ended: [] }));
  });

  it("are not encoded when they could not be parsed again", () => {
    const settings = { relayReceiptKey: filled(31, 1), relayLoginKey: ids.hash, newestEpoch: { n: 0, key: ids.hash } };
    expectRefusal("bad-cbor", () => p.encodeVaultSettings(settings));
    expectRefusal("bad-cbor", () => p.encodeVaultPending({ abandoned: [], inFlight: { seq: -1, hash: ids.hash } }));
    const friend = { userId: ids.hash, cardHash: ids.hash, verified: true, kind: 1, state: "FRIENDS", fid: ids.hash };
    expectRefusal("bad-cbor", () => p.parseVaultFriends(p.encodeCbor({ friends: [friend], ended: [] })));
    expectRefusal("bad-cbor", () => p.parseVaultFriends(p.encodeCbor({ friends: [{ ...friend, state: "CONFIRMED", kind: 3 }], ended: [] })));
    expectRefusal("bad-cbor", () => p.parseVaultFriends(p.encodeCbor({ friends: [{ ...friend, state: "CONFIRMED", verified: 1 }], ended: [] })));
  });
});
