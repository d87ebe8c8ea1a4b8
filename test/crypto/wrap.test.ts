import { beforeAll, describe, expect, it } from "vitest";
import {
  deriveKey,
  generateMasterKey,
  generateRecoveryCode,
  parseRecoveryCode,
  ready,
  recoveryAuth,
  recoveryVerifierOf,
  seal,
  unwrapWithPassword,
  unwrapWithRecoveryCode,
  wrapWithPassword,
  wrapWithRecoveryCode,
} from "../../src/crypto/index.ts";
import { concatBytes, u32, u8 } from "../../src/protocol/index.ts";
import { filled, withByte } from "./support/bytes.ts";
import { expectRefusal } from "./support/refusal.ts";

beforeAll(ready);

const userId = filled(32, 1);
const exportKey = filled(64, 2);

describe("the master key", () => {
  it("comes back by the password or by the recovery code", () => {
    const masterKey = generateMasterKey();
    const { rc } = generateRecoveryCode();
    expect(unwrapWithPassword(exportKey, userId, 3, wrapWithPassword(exportKey, userId, 3, masterKey))).toStrictEqual(masterKey);
    expect(unwrapWithRecoveryCode(rc, userId, 3, wrapWithRecoveryCode(rc, userId, 3, masterKey))).toStrictEqual(masterKey);
    expect(wrapWithPassword(exportKey, userId, 3, masterKey)).toHaveLength(105);
  });

  it("does not come back with another secret, for another user, or from an earlier wrap", () => {
    const wrap = wrapWithPassword(exportKey, userId, 3, generateMasterKey());
    expectRefusal("bad-seal", () => unwrapWithPassword(filled(64, 3), userId, 3, wrap));
    expectRefusal("bad-seal", () => unwrapWithPassword(exportKey, filled(32, 2), 3, wrap));
    expectRefusal("bad-seal", () => unwrapWithPassword(exportKey, userId, 2, wrap));
    for (let index = 0; index < wrap.length; index += 1) {
      expectRefusal("bad-seal", () => unwrapWithPassword(exportKey, userId, 3, withByte(wrap, index)));
    }
    const { rc } = generateRecoveryCode();
    const byCode = wrapWithRecoveryCode(rc, userId, 3, generateMasterKey());
    expectRefusal("bad-seal", () => unwrapWithRecoveryCode(generateRecoveryCode().rc, userId, 3, byCode));
    expectRefusal("bad-seal", () => unwrapWithRecoveryCode(rc, userId, 4, byCode));
  });

  it("cannot be brought from one wrap into the other, even under the same secret", () => {
    const wrap = wrapWithPassword(exportKey, userId, 3, generateMasterKey());
    expectRefusal("bad-seal", () => unwrapWithRecoveryCode(exportKey, userId, 3, wrap));
  });

  it("is wrapped in the layout of the protocol", () => {
    const masterKey = generateMasterKey();
    const { rc } = generateRecoveryCode();
    const byPassword = seal(deriveKey(exportKey, "wrap-pw"), "wrap", concatBytes(userId, u8(1), u32(3)), masterKey);
    expect(unwrapWithPassword(exportKey, userId, 3, byPassword)).toStrictEqual(masterKey);
    const byCode = seal(deriveKey(rc, "wrap-rc"), "wrap", concatBytes(userId, u8(2), u32(3)), masterKey);
    expect(unwrapWithRecoveryCode(rc, userId, 3, byCode)).toStrictEqual(masterKey);
  });

  it("has 32 bytes, and the export key 64", () => {
    expect(() => wrapWithPassword(exportKey, userId, 3, filled(31, 1))).toThrow(RangeError);
    expect(() => wrapWithPassword(filled(63, 1), userId, 3, filled(32, 1))).toThrow(RangeError);
    expect(() => wrapWithRecoveryCode(filled(26, 48), userId, 3, filled(31, 1))).toThrow(RangeError);
  });
});

describe("a recovery code", () => {
  it("is 28 characters in groups of four and comes back however it is typed", () => {
    for (let run = 0; run < 100; run += 1) {
      const { code, rc } = generateRecoveryCode();
      expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){6}[0-9A-HJKMNP-TV-Z]{4}$/);
      expect(Buffer.from(rc).toString("latin1")).toBe(code.replaceAll("-", "").slice(0, 26));
      const sloppy = code.toLowerCase().replaceAll("-", "  ").replaceAll("0", "o").replaceAll("1", "l");
      expect(parseRecoveryCode(sloppy)).toStrictEqual(rc);
    }
  });

  it("tells a typing mistake: of 1024 codes with other check characters one is right", () => {
    const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    const { code } = generateRecoveryCode();
    const body = code.slice(0, -2);
    let accepted = 0;
    for (const first of alphabet) {
      for (const second of alphabet) {
        try {
          parseRecoveryCode(body + first + second);
          accepted += 1;
        } catch {
          expectRefusal("bad-code", () => parseRecoveryCode(body + first + second));
        }
      }
    }
    expect(accepted).toBe(1);
  });

  it("is refused with a character changed, except by a chance of 1 in 1024", () => {
    const { code } = generateRecoveryCode();
    const characters = [...code.replaceAll("-", "")];
    let refused = 0;
    for (let at = 0; at < 28; at += 1) {
      const changed = characters.with(at, characters[at] === "7" ? "8" : "7").join("");
      try {
        parseRecoveryCode(changed);
      } catch {
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThanOrEqual(26);
  });

  it("differs each time", () => {
    const codes = Array.from({ length: 200 }, () => generateRecoveryCode().code);
    expect(new Set(codes).size).toBe(200);
    expect(new Set(codes.join("").replaceAll("-", "")).size).toBe(32);
  });

  it("is shown to the relay by a proof that opens nothing", () => {
    const { rc } = generateRecoveryCode();
    const auth = recoveryAuth(rc);
    expect(auth).toHaveLength(32);
    expect(recoveryVerifierOf(auth)).toStrictEqual(recoveryVerifierOf(recoveryAuth(rc)));
    expect(recoveryVerifierOf(auth)).not.toStrictEqual(recoveryVerifierOf(recoveryAuth(generateRecoveryCode().rc)));
    const wrap = wrapWithRecoveryCode(rc, userId, 1, generateMasterKey());
    expectRefusal("bad-seal", () => unwrapWithRecoveryCode(auth, userId, 1, wrap));
  });
});
