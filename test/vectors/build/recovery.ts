import { deriveKey } from "../../../src/crypto/index.ts";
import { sealWithNonce } from "../../../src/crypto/secret/seal.ts";
import { concatBytes, encodeCrockford, encodeUtf8, formatRecoveryCode, u32, u8 } from "../../../src/protocol/index.ts";
import { toHex } from "../hex.ts";
import { checkCharacters } from "./check-characters.ts";
import type { Vector } from "../vector.ts";
import { bytesFor, person, withByte } from "./material.ts";
import { Topic } from "./topic.ts";
import { MASTER_KEY } from "./vault-twin.ts";

type Expect = Vector["expect"];

const CHARACTERS = encodeCrockford(bytesFor("recovery", 26));
const recoveryCode = (): string => CHARACTERS + checkCharacters(CHARACTERS);

export function buildRecovery(): Topic {
  const topic = new Topic("recovery", "§6");
  addCodes(topic);
  addWraps(topic);
  return topic;
}

function addCodes(topic: Topic): void {
  const code = recoveryCode();
  const add = (id: string, expect: Expect, description: string, text: string) => topic.add("parse-recovery-code", `code-${id}`, expect, description, { code: text });
  const formatted = formatRecoveryCode(code);
  add("written", "ok", "as it is written down, in groups of four", formatted);
  add("bare", "ok", "without hyphens", code);
  add("lower-case", "ok", "in small letters and with spaces", formatted.toLowerCase().replaceAll("-", "  "));
  const zeros = "0".repeat(13) + "1".repeat(13);
  const check = checkCharacters(zeros);
  add("look-alikes", "ok", "O for 0, I and l for 1", `${"O".repeat(13)}${"Il".repeat(6)}I${check}`);
  add("empty", "bad-code", "nothing", "");
  add("short", "bad-code", "a character is missing", code.slice(1));
  add("long", "bad-code", "a character too many", `${code}0`);
  add("u", "bad-code", "a U, which is in no code", `U${code.slice(1)}`);
  add("symbol", "bad-code", "a symbol", `${code.slice(0, -1)}*`);
  add("changed", "bad-code", "a character changed", `${code.startsWith("7") ? "8" : "7"}${code.slice(1)}`);
  add("swapped", "bad-code", "two characters swapped", swapFirstUnequal(code));
  add("first-check", "bad-code", "another first check character", code.slice(0, 26) + other(code.charAt(26)) + code.slice(27));
  add("second-check", "bad-code", "another second check character", code.slice(0, 27) + other(code.charAt(27)));
  add("zeros", "bad-code", "nothing but zeros", "0".repeat(28));
}

const other = (character: string): string => (character === "0" ? "2" : "0");

function swapFirstUnequal(code: string): string {
  const at = [...code].findIndex((character, index) => character !== code[index + 1]);
  return code.slice(0, at) + code.charAt(at + 1) + code.charAt(at) + code.slice(at + 2);
}

function addWraps(topic: Topic): void {
  const { userId } = person("alice");
  const exportKey = bytesFor("export key", 64);
  const ad = (by: number, wrapVersion: number) => concatBytes(userId, u8(by), u32(wrapVersion));
  const right = recoveryCode();
  const nonce = bytesFor("wrap", 24);
  const passwordKey = deriveKey(exportKey, "wrap-pw");
  const codeKey = deriveKey(encodeUtf8(CHARACTERS), "wrap-rc");
  const byPassword = sealWithNonce(nonce, passwordKey, "wrap", ad(1, 5), MASTER_KEY);
  const byCode = sealWithNonce(nonce, codeKey, "wrap", ad(2, 5), MASTER_KEY);
  const given = { userId: toHex(userId), wrapVersion: 5 };
  const password = (id: string, expect: Expect, description: string, wrap: Uint8Array, change: Partial<typeof given & { exportKey: string }> = {}) =>
    topic.add("unwrap-with-password", `password-${id}`, expect, description, { ...given, exportKey: toHex(exportKey), ...change, wrap: toHex(wrap) });
  const code = (id: string, expect: Expect, description: string, wrap: Uint8Array, change: Partial<typeof given & { code: string }> = {}) =>
    topic.add("unwrap-with-recovery-code", `wrap-${id}`, expect, description, { ...given, code: right, ...change, wrap: toHex(wrap) });
  password("open", "ok", "the master key under the password's key", byPassword);
  password("other-key", "bad-seal", "another password", byPassword, { exportKey: toHex(bytesFor("another export key", 64)) });
  password("other-user", "bad-seal", "somebody else's wrap", byPassword, { userId: toHex(person("eve").userId) });
  password("other-version", "bad-seal", "an older wrap in the place of the newest", byPassword, { wrapVersion: 6 });
  password("other-way", "bad-seal", "a wrap by password that calls itself one by recovery code", sealWithNonce(nonce, passwordKey, "wrap", ad(2, 5), MASTER_KEY));
  password("changed", "bad-seal", "a byte changed", withByte(byPassword, 70));
  password("truncated", "bad-seal", "the last byte is missing", byPassword.subarray(0, -1));
  code("open", "ok", "the master key under the recovery code", byCode);
  code("mistyped", "bad-code", "a mistyped code is told before anything is tried", byCode, { code: right.slice(0, 27) + other(right.charAt(27)) });
  code("other-code", "bad-seal", "another code", byCode, { code: "0".repeat(26) + checkCharacters("0".repeat(26)) });
  code("other-user", "bad-seal", "somebody else's wrap", byCode, { userId: toHex(person("eve").userId) });
  code("other-version", "bad-seal", "an older wrap in the place of the newest", byCode, { wrapVersion: 4 });
  code("other-way", "bad-seal", "a wrap by recovery code that calls itself one by password", sealWithNonce(nonce, codeKey, "wrap", ad(1, 5), MASTER_KEY));
}
