import { beforeAll, describe, expect, it } from "vitest";
import { fingerprint, hash, ready, safetyNumber } from "../../src/crypto/index.ts";
import { filled } from "./support/bytes.ts";

beforeAll(ready);

const alice = { userId: filled(32, 1), cardHash: filled(32, 2) };
const bob = { userId: filled(32, 3), cardHash: filled(32, 4) };

describe("a safety number", () => {
  it("is the same on both sides: twelve groups of five digits", () => {
    expect(safetyNumber(alice, bob)).toBe(safetyNumber(bob, alice));
    expect(safetyNumber(alice, bob)).toMatch(/^(\d{5} ){11}\d{5}$/);
    expect(safetyNumber(alice, bob).split(" ")).toHaveLength(12);
  });

  it("holds the two fingerprints in ascending order", () => {
    const number = safetyNumber(alice, bob);
    const [low, high] = [number.slice(0, 35), number.slice(36)];
    expect([fingerprint(alice), fingerprint(bob)].sort()).toEqual([low, high]);
    expect(low < high).toBe(true);
  });

  it("changes with the person and with the card", () => {
    const numbers = [alice, bob, { ...alice, cardHash: bob.cardHash }, { ...alice, userId: bob.userId }].map(fingerprint);
    expect(new Set(numbers).size).toBe(4);
  });

  it("is 5200 rounds of the hash, five bytes a group", () => {
    let digest: Uint8Array = filled(32, 0);
    for (let round = 0; round < 5200; round += 1) digest = hash("safety", digest, alice.userId, alice.cardHash);
    const groups = Array.from({ length: 6 }, (_, j) => Buffer.from(digest).readUIntBE(5 * j, 5) % 100_000);
    expect(fingerprint(alice)).toBe(groups.map((group) => String(group).padStart(5, "0")).join(" "));
  });
});
