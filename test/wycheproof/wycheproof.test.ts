import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { ready } from "../../src/crypto/index.ts";
import { sodium } from "../../src/crypto/sodium.ts";
import { equalBytes } from "../../src/protocol/index.ts";
import { readGroups, type WycheproofTest } from "./read-groups.ts";

beforeAll(ready);

const fromHex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "hex"));

/** What the library did with a vector: it computed the published answer, another one, or refused. */
type Outcome = "right" | "wrong" | "refused";

function outcomeOf(step: () => boolean): Outcome {
  try {
    return step() ? "right" : "wrong";
  } catch {
    return "refused";
  }
}

const listed = (tests: WycheproofTest[]) => tests.map(({ tcId, flags, result }) => `${tcId} ${result} ${flags.join(" ")}`);

/** The vectors whose outcome is not the one expected of them. */
function surprises<Test extends WycheproofTest>(tests: Test[], expected: (test: Test) => Outcome, outcome: (test: Test) => Outcome) {
  return listed(tests.filter((test) => outcome(test) !== expected(test)));
}

const valid = ({ result }: WycheproofTest) => result === "valid";

describe("the published files", () => {
  // README.md tells where each comes from.
  it.each([
    ["eddsa_test.json", "a77b00e6399d13da54d28f4b4f26995977bf8a9780e5756a1c0fce85d260e041", 145],
    ["ed25519_additional_test.json", "6d625776a5333d04ac277f9d2b3c0875f89ef4c32f9b322c28593bfd7e2f6016", 1],
    ["x25519_test.json", "92fc40a51c412187f19270568dacbe55e1741b0ffe3158b69cffaacb0043e419", 518],
    ["xchacha20_poly1305_test.json", "1782aca3a5e185c52fd576b96867e811e24a57bf48234bb9f713742b530394e9", 284],
    ["mlkem_768_test.json", "4103437a6096148a2348a4d734b7f4aeb3d4875bc6960ce2bdf6af5df94d0786", 1],
    ["mlkem_768_encaps_test.json", "eaf84b234fc93195a266a66f69614f969ee2ee0c018511fbf261ecfa1a4466e0", 12],
  ])("%s is as it was published, and complete", (file, digest, count) => {
    const bytes = readFileSync(join(import.meta.dirname, "testvectors", file));
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(digest);
    const groups = readGroups(file);
    expect(groups.reduce((sum, { tests }) => sum + tests.length, 0)).toBe(count);
  });
});

describe("Ed25519", () => {
  interface Signed {
    msg: string;
    sig: string;
  }
  type Group = { key?: { pk: string; sk: string }; publicKey?: { pk: string } };

  const groups = ["eddsa_test.json", "ed25519_additional_test.json"].flatMap((file) => readGroups<Signed, Group>(file));

  it("takes every valid signature and no other", () => {
    const found = groups.flatMap(({ tests, key, publicKey }) => {
      const pk = fromHex((key ?? publicKey)?.pk ?? "");
      return surprises(
        tests,
        (test) => (valid(test) ? "right" : "refused"),
        ({ msg, sig }) => (verifies(pk, msg, sig) ? "right" : "refused"),
      );
    });
    expect(found).toEqual([]);
  });

  it("makes the published keys and signatures from the published seeds", () => {
    const found = groups.flatMap(({ tests, key }) => {
      if (!key) return [];
      const pair = sodium.crypto_sign_seed_keypair(fromHex(key.sk));
      expect(pair.publicKey).toStrictEqual(fromHex(key.pk));
      return surprises(
        tests.filter(valid),
        () => "right",
        ({ msg, sig }) => outcomeOf(() => equalBytes(sodium.crypto_sign_detached(fromHex(msg), pair.privateKey), fromHex(sig))),
      );
    });
    expect(found).toEqual([]);
  });

  function verifies(pk: Uint8Array, msg: string, sig: string): boolean {
    try {
      return sodium.crypto_sign_verify_detached(fromHex(sig), fromHex(msg), pk);
    } catch {
      return false;
    }
  }
});

describe("X25519", () => {
  interface Exchange {
    public: string;
    private: string;
    shared: string;
  }
  const tests = readGroups<Exchange>("x25519_test.json").flatMap((group) => group.tests);
  const isZero = ({ flags }: WycheproofTest) => flags.includes("ZeroSharedSecret");

  it("computes every shared secret, and refuses the public keys that make it zero", () => {
    const found = surprises(
      tests,
      (test) => (isZero(test) ? "refused" : "right"),
      (test) => outcomeOf(() => equalBytes(sodium.crypto_scalarmult(fromHex(test.private), fromHex(test.public)), fromHex(test.shared))),
    );
    expect(found).toEqual([]);
    expect(tests.filter(isZero)).toHaveLength(31);
  });

  it("seals no box to a public key that makes the shared secret zero, and to every other one", () => {
    const found = surprises(
      tests,
      (test) => (isZero(test) ? "refused" : "right"),
      (test) => outcomeOf(() => sodium.crypto_box_seal(new Uint8Array(64), fromHex(test.public)).length === 112),
    );
    expect(found).toEqual([]);
  });
});

describe("XChaCha20-Poly1305", () => {
  interface Sealed {
    key: string;
    iv: string;
    aad: string;
    msg: string;
    ct: string;
    tag: string;
  }
  const tests = readGroups<Sealed>("xchacha20_poly1305_test.json").flatMap((group) => group.tests);

  it("opens every valid ciphertext and no other", () => {
    const open = ({ key, iv, aad, msg, ct, tag }: Sealed) => {
      const opened = sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, fromHex(ct + tag), fromHex(aad), fromHex(iv), fromHex(key));
      return equalBytes(opened, fromHex(msg));
    };
    expect(surprises(tests, (test) => (valid(test) ? "right" : "refused"), (test) => outcomeOf(() => open(test)))).toEqual([]);
  });

  it("seals to the published ciphertexts", () => {
    const seal = ({ key, iv, aad, msg, ct, tag }: Sealed) => {
      const sealed = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(fromHex(msg), fromHex(aad), null, fromHex(iv), fromHex(key));
      return equalBytes(sealed, fromHex(ct + tag));
    };
    expect(surprises(tests.filter(valid), () => "right", (test) => outcomeOf(() => seal(test)))).toEqual([]);
  });
});

describe("ML-KEM-768", () => {
  it("makes the published key from the published seed, and decapsulates with implicit rejection", () => {
    const tests = readGroups<{ seed: string; ek: string; c: string; K: string }>("mlkem_768_test.json").flatMap((group) => group.tests);
    const run = ({ seed, ek, c, K }: (typeof tests)[number]) => {
      const { publicKey, privateKey } = sodium.crypto_kem_mlkem768_seed_keypair(fromHex(seed));
      return equalBytes(publicKey, fromHex(ek)) && equalBytes(sodium.crypto_kem_mlkem768_dec(fromHex(c), privateKey), fromHex(K));
    };
    expect(surprises(tests, () => "right", (test) => outcomeOf(() => run(test)))).toEqual([]);
  });

  describe("keys with a coefficient at or above the modulus", () => {
    const tests = readGroups<{ ek: string }>("mlkem_768_encaps_test.json").flatMap((group) => group.tests);
    const encapsulate = (ek: Uint8Array) => outcomeOf(() => sodium.crypto_kem_mlkem768_enc(ek).sharedSecret.length === 32);

    it("are refused", () => {
      expect(surprises(tests, () => "refused", ({ ek }) => encapsulate(fromHex(ek)))).toEqual([]);
    });

    it("are refused for that coefficient alone: the key that all of them vary is taken", () => {
      // Each vector changes one coefficient; what most of them agree on is the key they were made from.
      const keys = tests.map(({ ek }) => fromHex(ek));
      const common = keys[0]!.map((_, index) => {
        const [first, second, third] = [keys[0]![index]!, keys[1]![index]!, keys[5]![index]!];
        return first === second || first === third ? first : second;
      });
      expect(encapsulate(common)).toBe("right");
    });
  });

  it("takes keys and ciphertexts of their exact length only", () => {
    const { publicKey, privateKey } = sodium.crypto_kem_mlkem768_seed_keypair(new Uint8Array(64));
    const { ciphertext } = sodium.crypto_kem_mlkem768_enc(publicKey);
    for (const change of [-1, 1]) {
      const resized = (bytes: Uint8Array) => fromHex(Buffer.from(bytes).toString("hex").padEnd(2 * (bytes.length + change), "0").slice(0, 2 * (bytes.length + change)));
      expect(() => sodium.crypto_kem_mlkem768_enc(resized(publicKey))).toThrow();
      expect(() => sodium.crypto_kem_mlkem768_dec(resized(ciphertext), privateKey)).toThrow();
      expect(() => sodium.crypto_kem_mlkem768_dec(ciphertext, resized(privateKey))).toThrow();
    }
  });
});
