import { beforeAll, describe, expect, it } from "vitest";
import { cardHashOf, createNextCard, deriveIdentity, publicKeysOf, ready, sign, userIdOf, verifyCard } from "../../src/crypto/index.ts";
import { sodium } from "../../src/crypto/sodium.ts";
import { concatBytes, encodeCardBody, type CardBody } from "../../src/protocol/index.ts";
import { filled, fromHex, withByte } from "./support/bytes.ts";
import { createPerson, withNextCard, type Person } from "./support/person.ts";
import { expectRefusal } from "./support/refusal.ts";

beforeAll(ready);

/** A card that its owner signs whatever it says. */
function signCard(person: Person, change: Partial<CardBody>, previous?: Person): Uint8Array {
  const body = encodeCardBody({ ...person.card, ...change });
  const signature = sign(person.identity.sign.secretKey, "card", body);
  const continuation = previous ? sign(previous.identity.sign.secretKey, "card-next", body) : new Uint8Array();
  return concatBytes(body, signature, continuation);
}

describe("an identity", () => {
  it("comes back from its seeds, with three independent key pairs", () => {
    const { seeds, identity, card } = createPerson();
    expect(deriveIdentity(seeds)).toStrictEqual(identity);
    expect(publicKeysOf(identity)).toStrictEqual({ signPk: card.signPk, boxPk: card.boxPk, kemPk: card.kemPk });
    expect(identity.box.publicKey).not.toStrictEqual(sodium.crypto_sign_ed25519_pk_to_curve25519(identity.sign.publicKey));
  });
});

describe("a first card", () => {
  it("proves its user id", () => {
    const alice = createPerson();
    const card = verifyCard(alice.card.bytes);
    expect(userIdOf(card)).toStrictEqual(alice.userId);
    expect(cardHashOf(card)).toStrictEqual(alice.cardHash);
    expect(createPerson().userId).not.toStrictEqual(alice.userId);
  });

  it("is refused with any byte changed", () => {
    const { bytes } = createPerson().card;
    for (let index = 1; index < bytes.length; index += 37) {
      const code = index < 5 || (index >= 13 && index < 45) ? "bad-card" : "bad-sig";
      expectRefusal(code, () => verifyCard(withByte(bytes, index)));
    }
  });

  it("is refused when another key signed it", () => {
    const [alice, eve] = [createPerson(), createPerson()];
    const signature = sign(eve.identity.sign.secretKey, "card", alice.card.body);
    expectRefusal("bad-sig", () => verifyCard(concatBytes(alice.card.body, signature)));
  });

  it.each([
    ["zero", "00".repeat(32)],
    ["one", "01" + "00".repeat(31)],
    ["order 8", "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"],
    ["p − 1", "ec" + "ff".repeat(30) + "7f"],
    ["p, non-canonical zero", "ed" + "ff".repeat(30) + "7f"],
  ])("with a low-order box key (%s) is unusable", (_, boxPk) => {
    const alice = createPerson();
    expectRefusal("unusable-card", () => verifyCard(signCard(alice, { boxPk: fromHex(boxPk) })));
  });

  it("with ML-KEM coefficients outside the field is unusable", () => {
    const alice = createPerson();
    expectRefusal("unusable-card", () => verifyCard(signCard(alice, { kemPk: filled(1184, 255) })));
  });

  it("with a low-order signing key verifies nothing", () => {
    const alice = createPerson();
    expectRefusal("bad-sig", () => verifyCard(signCard(alice, { signPk: fromHex("01" + "00".repeat(31)) })));
  });
});

describe("a continuation", () => {
  it("is signed by the old key and the new one", () => {
    const alice = createPerson();
    const next = withNextCard(alice);
    const card = verifyCard(next.card.bytes, { previous: alice.card });
    expect(card.cardVersion).toBe(2);
    expect(card.bytes).toHaveLength(1421);
    const third = withNextCard(next);
    expect(verifyCard(third.card.bytes, { previous: next.card }).cardVersion).toBe(3);
  });

  it("says nothing without the card before it", () => {
    expectRefusal("bad-card", () => verifyCard(withNextCard(createPerson()).card.bytes));
  });

  it("is refused after any other card", () => {
    const alice = createPerson();
    const next = withNextCard(alice);
    const third = withNextCard(next);
    expectRefusal("bad-card", () => verifyCard(third.card.bytes, { previous: alice.card }));
    expectRefusal("bad-card", () => verifyCard(next.card.bytes, { previous: createPerson().card }));
    expectRefusal("bad-card", () => verifyCard(alice.card.bytes, { previous: alice.card }));
  });

  it("is refused when it skips a version or names another card", () => {
    const alice = createPerson();
    const next = withNextCard(alice);
    const { previous } = { previous: alice.card };
    expectRefusal("bad-card", () => verifyCard(signCard(next, { cardVersion: 3 }, alice), { previous }));
    expectRefusal("bad-card", () => verifyCard(signCard(next, { prevCardHash: filled(32, 1) }, alice), { previous }));
  });

  it("is refused without the old key's signature", () => {
    const [alice, eve] = [createPerson(), createPerson()];
    const next = withNextCard(alice);
    expectRefusal("bad-sig", () => verifyCard(signCard(next, {}, eve), { previous: alice.card }));
    expectRefusal("bad-sig", () => verifyCard(withByte(next.card.bytes, 1420), { previous: alice.card }));
    const wrongLabel = concatBytes(next.card.bytes.subarray(0, 1357), sign(alice.identity.sign.secretKey, "card", next.card.body));
    expectRefusal("bad-sig", () => verifyCard(wrongLabel, { previous: alice.card }));
  });

  it("is refused without the new key's signature", () => {
    const alice = createPerson();
    const next = withNextCard(alice);
    expectRefusal("bad-sig", () => verifyCard(withByte(next.card.bytes, 1300), { previous: alice.card }));
  });

  it("with unusable keys is refused as a first card is", () => {
    const alice = createPerson();
    const unusable = signCard(withNextCard(alice), { boxPk: filled(32, 0) }, alice);
    expectRefusal("unusable-card", () => verifyCard(unusable, { previous: alice.card }));
  });

  it("is made from the card before it", () => {
    const alice = createPerson();
    const { card } = createNextCard(createPerson().identity, alice.identity, alice.card, 77);
    expect(card).toMatchObject({ cardVersion: 2, createdMs: 77, prevCardHash: alice.cardHash });
  });
});
