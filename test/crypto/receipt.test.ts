import { beforeAll, describe, expect, it } from "vitest";
import { ready, verifyReceipt } from "../../src/crypto/index.ts";
import { createReceipt } from "../../src/crypto/relay/index.ts";
import { filled, withByte } from "./support/bytes.ts";
import { expectRefusal, refusalOf } from "./support/refusal.ts";
import { relayKey } from "./support/samples.ts";

beforeAll(ready);

const entry = { entryHash: filled(32, 1), author: filled(32, 2), seq: 3 };

describe("a receipt", () => {
  it("is the relay's word for one entry", () => {
    const { publicKey, secretKey } = relayKey();
    const bytes = createReceipt(secretKey, { ...entry, relayMs: 77 });
    expect(verifyReceipt(publicKey, bytes, entry)).toMatchObject({ ...entry, relayMs: 77 });
    expect(createReceipt(secretKey, { ...entry, relayMs: 77 })).toStrictEqual(bytes);
  });

  it("is refused with any byte changed, and from another relay than the pinned one", () => {
    const { publicKey, secretKey } = relayKey();
    const bytes = createReceipt(secretKey, { ...entry, relayMs: 77 });
    for (let index = 0; index < bytes.length; index += 1) refusalOf(() => verifyReceipt(publicKey, withByte(bytes, index)));
    expectRefusal("bad-sig", () => verifyReceipt(relayKey().publicKey, bytes));
  });

  it("is refused for another entry, author or position", () => {
    const { publicKey, secretKey } = relayKey();
    const bytes = createReceipt(secretKey, { ...entry, relayMs: 77 });
    for (const other of [{ entryHash: filled(32, 9) }, { author: filled(32, 9) }, { seq: 4 }]) {
      expectRefusal("bad-receipt", () => verifyReceipt(publicKey, bytes, { ...entry, ...other }));
    }
  });
});
