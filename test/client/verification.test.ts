import { expect, test } from "vitest";
import { verificationOf } from "../../src/client/verification.ts";

const [card, nextCard] = [1, 2].map((value) => new Uint8Array(32).fill(value)) as [Uint8Array, Uint8Array];

test("a friend is verified by the card that was compared, and by no other", () => {
  expect(verificationOf({ verified: false, cardHash: card })).toBe("unverified");
  expect(verificationOf({ verified: true, verifiedCard: card, cardHash: card })).toBe("verified");
  expect(verificationOf({ verified: true, verifiedCard: card, cardHash: nextCard })).toBe("changed");
});

test("a mark that does not say which card it is about counts for none", () => {
  expect(verificationOf({ verified: true, cardHash: card })).toBe("changed");
});

test("a mark that was taken back is none, whatever stands beside it", () => {
  expect(verificationOf({ verified: false, verifiedCard: card, cardHash: card })).toBe("unverified");
});
