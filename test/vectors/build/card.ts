import { sign } from "../../../src/crypto/index.ts";
import { concatBytes, encodeCardBody, u8, type CardBody } from "../../../src/protocol/index.ts";
import { fromHex, toHex } from "../hex.ts";
import type { Vector } from "../vector.ts";
import { CREATED_MS, bytesFor, filled, person, seedsInput, withByte, withNextCard, withPart, type Person } from "./material.ts";
import { Topic } from "./topic.ts";

type Expect = Vector["expect"];

const ORDER_8 = fromHex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800");

/** The body with these fields, signed by its own key and, for a continuation, by the previous one. */
function forge(author: Person, fields: Partial<CardBody>, previous?: Person): Uint8Array {
  const body = encodeCardBody({ ...author.card, ...fields });
  return signBody(author, body, previous);
}

function signBody(author: Person, body: Uint8Array, previous?: Person): Uint8Array {
  const signature = sign(author.identity.sign.secretKey, "card", body);
  return previous ? concatBytes(body, signature, sign(previous.identity.sign.secretKey, "card-next", body)) : concatBytes(body, signature);
}

export function buildCards(): Topic {
  const topic = new Topic("card", "§2");
  addFirst(topic);
  addContinuation(topic);
  return topic;
}

function addFirst(topic: Topic): void {
  const alice = person("alice");
  const { bytes, body } = alice.card;
  const { secretKey } = alice.identity.sign;
  topic.add("create-first-card", "create-first", "ok", "a first card of given seeds", { ...seedsInput(alice.seeds), createdMs: CREATED_MS });
  const add = (id: string, expect: Expect, description: string, card: Uint8Array) => topic.add("verify-card", id, expect, description, { card: toHex(card) });

  add("first", "ok", "a first card proves its user id", bytes);
  add("empty", "bad-length", "no bytes", new Uint8Array());
  add("truncated", "bad-length", "1356 bytes", bytes.subarray(0, -1));
  add("longer", "bad-length", "1358 bytes", concatBytes(bytes, u8(0)));
  add("body-only", "bad-length", "the body without a signature", body);
  add("version", "unknown-version", "version 2, well signed", signBody(alice, withByte(body, 0, 3)));
  add("version-of-another-length", "unknown-version", "a later version may have any length", concatBytes(u8(2), filled(40, 1)));
  add("changed-body", "bad-sig", "a byte of the kem key changed", withByte(bytes, 400));
  add("changed-signature", "bad-sig", "a byte of the signature changed", withByte(bytes, -1));
  add("foreign-signature", "bad-sig", "signed by another key than the card's own", concatBytes(body, sign(person("eve").identity.sign.secretKey, "card", body)));
  add("other-label", "bad-sig", "signed under card-next", concatBytes(body, sign(secretKey, "card-next", body)));
  add("first-with-version-2", "bad-card", "1357 bytes that call themselves version 2", forge(alice, { cardVersion: 2 }));
  add("first-with-version-0", "bad-card", "card version 0", forge(alice, { cardVersion: 0 }));
  add("first-with-previous", "bad-card", "a first card that names a card before it", forge(alice, { prevCardHash: filled(32, 1) }));
  add("time-too-large", "bad-value", "a creation time of 2^53", signBody(alice, withPart(body, 5, fromHex("0020000000000000"))));
  add("box-key-zero", "unusable-card", "an X25519 key of zeros, to which nothing can be sealed", forge(alice, { boxPk: filled(32, 0) }));
  add("box-key-one", "unusable-card", "an X25519 key of order 1", forge(alice, { boxPk: withByte(filled(32, 0), 0) }));
  add("box-key-order-8", "unusable-card", "an X25519 key of order 8", forge(alice, { boxPk: ORDER_8 }));
  add("kem-key-modulus", "unusable-card", "an ML-KEM key with a coefficient of 3329", forge(alice, { kemPk: withPart(alice.card.kemPk, 0, fromHex("010d")) }));
  add("kem-key-ff", "unusable-card", "an ML-KEM key of 0xff", forge(alice, { kemPk: filled(1184, 0xff) }));
  add("order-signature-before-use", "bad-sig", "not signed and unusable: the signature is looked at first", withByte(forge(alice, { boxPk: filled(32, 0) }), -1));
  add("sign-key-low-order", "bad-sig", "a signing key of small order, with the signature that satisfies it", concatBytes(
    encodeCardBody({ ...alice.card, signPk: withByte(filled(32, 0), 0) }),
    withByte(filled(64, 0), 0),
  ));
}

function addContinuation(topic: Topic): void {
  const alice = person("alice");
  const eve = person("eve");
  const next = withNextCard(alice, "alice 2");
  const third = withNextCard(next, "alice 3");
  const { body } = next.card;
  topic.add("create-next-card", "create-next", "ok", "the continuation of a card under given seeds", {
    ...seedsInput(next.seeds),
    createdMs: CREATED_MS + 1000,
    previous: { ...seedsInput(alice.seeds), card: toHex(alice.card.bytes) },
  });
  const add = (id: string, expect: Expect, description: string, card: Uint8Array, previous: Person | null = alice) =>
    topic.add("verify-card", id, expect, description, { card: toHex(card), ...(previous && { previous: toHex(previous.card.bytes) }) });

  add("next", "ok", "a continuation is signed by both keys", next.card.bytes);
  add("third", "ok", "a continuation of a continuation", third.card.bytes, next);
  add("second-of-two", "ok", "another continuation of the same card verifies too: that there are two is what alarms", withNextCard(alice, "alice 2b").card.bytes);
  add("next-alone", "bad-card", "a continuation without the card before it", next.card.bytes, null);
  add("first-as-next", "bad-card", "the pinned first card again", alice.card.bytes);
  add("stranger-as-next", "bad-card", "another first card", eve.card.bytes);
  add("rolled-back", "bad-card", "the card before the pinned one", alice.card.bytes, next);
  add("next-again", "bad-card", "the pinned continuation again", next.card.bytes, next);
  add("skipped-version", "bad-card", "a card version is left out", forge(next, { cardVersion: 3 }, alice));
  add("next-with-version-1", "bad-card", "1421 bytes that call themselves version 1", forge(next, { cardVersion: 1 }, alice));
  add("next-without-previous", "bad-card", "a continuation that names no card before it", forge(next, { prevCardHash: filled(32, 0) }, alice));
  add("next-of-another", "bad-card", "a continuation that names another card", forge(next, { prevCardHash: eve.cardHash }, alice));
  add("next-of-third", "bad-card", "a continuation that skips the card between", third.card.bytes);
  add("next-not-by-old-key", "bad-sig", "the old key did not sign", forge(next, {}, eve));
  add("next-old-key-as-card", "bad-sig", "the old key signed under card instead of card-next", concatBytes(
    next.card.bytes.subarray(0, -64),
    sign(alice.identity.sign.secretKey, "card", body),
  ));
  add("next-not-by-new-key", "bad-sig", "the new key did not sign", concatBytes(body, bytesFor("no signature", 64), next.card.bytes.subarray(-64)));
  add("next-changed", "bad-sig", "a byte of the body changed", withByte(next.card.bytes, 60));
  add("next-unusable", "unusable-card", "a continuation with an X25519 key of zeros", forge(next, { boxPk: filled(32, 0) }, alice));
}
