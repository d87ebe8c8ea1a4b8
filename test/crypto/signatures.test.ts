import { beforeAll, describe, expect, it } from "vitest";
import {
  createAccept,
  createCancel,
  createConfirm,
  createDecline,
  createUnfriend,
  emptyChain,
  ready,
  sign,
  verifyCard,
  verifyCheckpoint,
  verifyFriendRequest,
  verifyFriendshipRecord,
  verifyGrantSignature,
  verifyManifest,
  verifyNextEntry,
  verifyReceipt,
  verifySignature,
} from "../../src/crypto/index.ts";
import { concatBytes, EntryType, parseGrant, SIGN_LABELS, type SignLabel } from "../../src/protocol/index.ts";
import { hash } from "../../src/crypto/public/hash.ts";
import { filled, fromHex, withByte } from "./support/bytes.ts";
import { ChainWriter } from "./support/chain-writer.ts";
import { createPerson, withNextCard } from "./support/person.ts";
import { refusalOf } from "./support/refusal.ts";
import { grantTo, recordInput, relayKey, signCheckpoint, signManifest, signReceipt, signRequest } from "./support/samples.ts";

beforeAll(ready);

/** A signed structure: its right label, and how to sign it under any label and verify it. */
interface Signed {
  label: SignLabel;
  /** The bytes with the signature under this label in place of the right one. */
  under(label: SignLabel): Uint8Array;
  verify(bytes: Uint8Array): unknown;
}

/** Bytes that end with a signature of all before it. */
function trailing(label: SignLabel, bytes: Uint8Array, secretKey: Uint8Array, verify: (bytes: Uint8Array) => unknown): Signed {
  const signed = bytes.subarray(0, -64);
  return { label, verify, under: (other) => concatBytes(signed, sign(secretKey, other, signed)) };
}

function allSigned(): Signed[] {
  const [alice, bob] = [createPerson(), createPerson()];
  const { secretKey } = alice.identity.sign;
  const chain = new ChainWriter(alice);
  const genesis = chain.append(EntryType.CARD, alice.card.bytes).bytes;
  chain.rotate(0);
  const grant = parseGrant(grantTo(chain, bob));
  const grantSigned = concatBytes(grant.context, hash("grant-blob", grant.sealed));
  const request = signRequest(alice, bob);
  const next = withNextCard(alice);
  const relay = relayKey();
  const record = (create: typeof createAccept) => create(recordInput(request, alice, bob));
  const verifyRecord = (bytes: Uint8Array) => verifyFriendshipRecord(alice, bytes);
  return [
    trailing("card", alice.card.bytes, secretKey, (bytes) => verifyCard(bytes)),
    {
      label: "card-next",
      under: (label) => concatBytes(next.card.bytes.subarray(0, -64), sign(secretKey, label, next.card.body)),
      verify: (bytes) => verifyCard(bytes, { previous: alice.card }),
    },
    {
      label: "entry",
      under: (label) => concatBytes(genesis.subarray(0, 170), sign(secretKey, label, genesis.subarray(0, 170)), alice.card.bytes),
      verify: (bytes) => verifyNextEntry(emptyChain(alice.userId), bytes),
    },
    {
      label: "grant",
      under: (label) => concatBytes(grant.context, grant.sealed, sign(secretKey, label, grantSigned)),
      verify: (bytes) => verifyGrantSignature(alice, bytes),
    },
    trailing("receipt", signReceipt(relay.secretKey), relay.secretKey, (bytes) => verifyReceipt(relay.publicKey, bytes)),
    trailing("checkpoint", signCheckpoint(relay), relay.secretKey, (bytes) => verifyCheckpoint(relay.publicKey, bytes)),
    trailing("req", request, secretKey, (bytes) => verifyFriendRequest(alice, bytes)),
    trailing("acc", record(createAccept), secretKey, verifyRecord),
    trailing("conf", record(createConfirm), secretKey, verifyRecord),
    trailing("unf", record(createUnfriend), secretKey, verifyRecord),
    trailing("dec", record(createDecline), secretKey, verifyRecord),
    trailing("can", record(createCancel), secretKey, verifyRecord),
    trailing("vault", signManifest(alice), secretKey, (bytes) => verifyManifest(alice, bytes)),
  ];
}

describe("a signature", () => {
  it("counts under its own label and under no other", () => {
    const all = allSigned();
    expect(all.map(({ label }) => label).sort()).toEqual([...SIGN_LABELS].sort());
    for (const { label, under, verify } of all) {
      for (const other of SIGN_LABELS) {
        if (other === label) verify(under(other));
        else expect(refusalOf(() => verify(under(other)))).toBe("bad-sig");
      }
    }
  });

  it("does not verify for another message, another key or with any bit changed", () => {
    const { identity } = createPerson();
    const message = filled(10, 1);
    const signature = sign(identity.sign.secretKey, "entry", message);
    const { publicKey } = identity.sign;
    expect(verifySignature(publicKey, "entry", message, signature)).toBe(true);
    expect(verifySignature(publicKey, "entry", filled(10, 2), signature)).toBe(false);
    expect(verifySignature(createPerson().identity.sign.publicKey, "entry", message, signature)).toBe(false);
    for (let index = 0; index < 64; index += 1) {
      expect(verifySignature(publicKey, "entry", message, withByte(signature, index, 1 << index % 8))).toBe(false);
    }
  });

  it("of a wrong length, or with a key that is none, is false and not a failure", () => {
    const { identity } = createPerson();
    const message = filled(10, 1);
    const signature = sign(identity.sign.secretKey, "entry", message);
    expect(verifySignature(identity.sign.publicKey, "entry", message, signature.subarray(1))).toBe(false);
    expect(verifySignature(identity.sign.publicKey.subarray(1), "entry", message, signature)).toBe(false);
    expect(verifySignature(new Uint8Array(), "entry", message, new Uint8Array())).toBe(false);
  });

  it.each([
    ["zero", "00".repeat(32)],
    ["one", "01" + "00".repeat(31)],
    ["order 8", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"],
    ["p − 1", "ec" + "ff".repeat(30) + "7f"],
    ["p + 1, non-canonical one", "ee" + "ff".repeat(30) + "7f"],
  ])("by a low-order key (%s), valid for any message in lax libraries, does not verify", (_, key) => {
    // R = the neutral element and S = 0 satisfy the equation for every small-order key.
    const signature = concatBytes(fromHex("01" + "00".repeat(31)), filled(32, 0));
    for (let message = 0; message < 16; message += 1) {
      expect(verifySignature(fromHex(key), "entry", filled(message, 1), signature)).toBe(false);
    }
  });

  it("with S above the group's order is refused: there is one form of each", () => {
    const { identity } = createPerson();
    const message = filled(10, 1);
    const signature = sign(identity.sign.secretKey, "entry", message);
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    const s = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString("hex")}`) + order;
    const malleated = fromHex(s.toString(16).padStart(64, "0")).reverse();
    expect(verifySignature(identity.sign.publicKey, "entry", message, concatBytes(signature.subarray(0, 32), malleated))).toBe(false);
  });
});
