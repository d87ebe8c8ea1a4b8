import { argon2id } from "@noble/hashes/argon2.js";
import { expect, test } from "vitest";
import { stretchPassword } from "../../src/crypto/index.ts";
import { toHex } from "../vectors/hex.ts";
import { filled } from "./support/bytes.ts";

const salt = Uint8Array.from({ length: 16 }, (_, index) => index);
const quick = { unsafeKeyStretching: true };

test("Argon2id as it ships is that of RFC 9106 §5.3", () => {
  const tag = argon2id(filled(32, 1), filled(16, 2), { t: 3, m: 32, p: 4, version: 0x13, dkLen: 32, key: filled(8, 3), personalization: filled(12, 4) });
  expect(toHex(tag)).toBe("0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659");
});

test("a password is stretched as docs/ARCHIVE.md says: what the reference implementation answers", async () => {
  expect(toHex(await stretchPassword("zu\u0308rich correct horse", salt))).toBe("3b388c2e1dec80984b437fbacfe9d3d152601950b7fd3871a0475c475a603191");
});

test("password, its spelling and salt count, the keyboard does not", async () => {
  const keyOf = async (password: string, of: Uint8Array = salt): Promise<string> => toHex(await stretchPassword(password, of, quick));
  const key = await keyOf("zürich");
  expect(await keyOf("zu\u0308rich")).toBe(key);
  expect(new Set([key, await keyOf("Zürich"), await keyOf("zürich "), await keyOf("zürich", filled(16, 9)), toHex(await stretchPassword("zürich", salt))]).size).toBe(5);
});

test("half a character and a salt of another length are refused", async () => {
  await expect(stretchPassword("\ud800", salt, quick)).rejects.toMatchObject({ code: "bad-text" });
  await expect(stretchPassword("zürich", salt.subarray(1), quick)).rejects.toThrow();
});
