import { createHash } from "node:crypto";
import { ed25519 } from "@noble/curves/ed25519.js";
import { concatBytes, encodeDomain, u8 } from "../../../src/protocol/index.ts";
import { toHex } from "../hex.ts";
import type { Vector } from "../vector.ts";
import { bytesFor } from "./material.ts";
import { Topic } from "./topic.ts";

const { Point } = ed25519;
type Point = typeof Point.BASE;

const order = Point.Fn.ORDER;
const torsion = Point.fromHex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a");
const secret = toNumber(bytesFor("signature secret")) % order;
const nonce = toNumber(bytesFor("signature nonce")) % order;
const key = Point.BASE.multiply(secret);

interface Signed {
  message: Uint8Array;
  signature: Uint8Array;
  /** What R and the key are hashed to, modulo 8: how often a torsion of the key counts. */
  challengeModulo8: number;
}

/** S = nonce + challenge × secret for an R and a key that may be others than those of nonce and secret. */
function signWith(publicKey: Point, r: Point, message: Uint8Array, nonceOfR = nonce): Signed {
  const signed = concatBytes(encodeDomain("sig/entry"), message);
  const challenge = toNumber(createHash("sha512").update(concatBytes(r.toBytes(), publicKey.toBytes(), signed)).digest()) % order;
  const s = Point.Fn.toBytes((nonceOfR + challenge * secret) % order);
  return { message, signature: concatBytes(r.toBytes(), s), challengeModulo8: Number(challenge % 8n) };
}

/** The first message for which the key's torsion counts, or does not. */
function signUntil(publicKey: Point, isCounted: boolean): Signed {
  for (let attempt = 0; ; attempt++) {
    const signed = signWith(publicKey, Point.BASE.multiply(nonce), concatBytes(bytesFor("signature message"), u8(attempt)));
    if ((signed.challengeModulo8 !== 0) === isCounted) return signed;
  }
}

function toNumber(littleEndian: Uint8Array): bigint {
  return BigInt(`0x${toHex(littleEndian.toReversed())}`);
}

/** Signatures that only whoever knows the key can make, and that libraries judge differently (PROTOCOL.md §1). */
export function buildSignatures(): Topic {
  const topic = new Topic("signature", "§1");
  const add = (id: string, expect: Vector["expect"], description: string, publicKey: Point, { message, signature }: Signed) =>
    topic.add("verify-signature", id, expect, description, {
      publicKey: toHex(publicKey.toBytes()),
      label: "entry",
      message: toHex(message),
      signature: toHex(signature),
    });
  const message = bytesFor("signature message");
  const r = Point.BASE.multiply(nonce);
  const mixed = key.add(torsion);
  add("honest", "ok", "R and the key as they come from nonce and secret", key, signWith(key, r, message));
  add("torsion-in-r", "bad-sig", "a point of order 8 in R: the equation holds with the cofactor alone", key, signWith(key, r.add(torsion), message));
  add("torsion-in-key", "bad-sig", "a point of order 8 in the key: the equation holds with the cofactor alone", mixed, signUntil(mixed, true));
  add("torsion-in-key-without-effect", "ok", "the same key for a message whose challenge is a multiple of 8", mixed, signUntil(mixed, false));
  add("neutral-r", "bad-sig", "R is the neutral point, and the equation holds", key, signWith(key, Point.ZERO, message, 0n));
  add("low-order-r", "bad-sig", "R is a point of order 8", key, signWith(key, torsion, message, 0n));
  return topic;
}
