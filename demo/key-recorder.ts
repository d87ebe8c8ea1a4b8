import sodium from "libsodium-wrappers";
import type { Canary } from "./canaries.ts";

/** Keys have these lengths; nonces and ids, which are public, have others. */
const KEY_LENGTHS = new Set([32, 64]);

interface KeyPair {
  privateKey: Uint8Array;
}

/**
 * Remembers every secret key that libsodium makes in this process from now on: the random ones (seeds, master keys, epoch
 * keys) and the secret halves of key pairs. The clients of this demonstration all run here.
 */
export async function recordKeys(): Promise<() => Canary[]> {
  await sodium.ready;
  const keys: Buffer[] = [];
  const { randombytes_buf } = sodium;
  sodium.randombytes_buf = ((...args: Parameters<typeof randombytes_buf>) => {
    const bytes = randombytes_buf(...args);
    if (KEY_LENGTHS.has(bytes.length)) keys.push(Buffer.from(bytes));
    return bytes;
  }) as typeof randombytes_buf;
  recordPairs("crypto_sign_seed_keypair", keys);
  recordPairs("crypto_box_seed_keypair", keys);
  recordPairs("crypto_kem_mlkem768_seed_keypair", keys);
  return () => keys.map((bytes, index) => ({ name: `key ${index + 1}`, bytes }));
}

function recordPairs(name: "crypto_sign_seed_keypair" | "crypto_box_seed_keypair" | "crypto_kem_mlkem768_seed_keypair", keys: Buffer[]): void {
  const make = sodium[name] as (seed: Uint8Array) => KeyPair;
  Object.assign(sodium, {
    [name]: (seed: Uint8Array) => {
      const pair = make(seed);
      // An Ed25519 secret key ends with the public key: its first half is the secret.
      keys.push(Buffer.from(name === "crypto_sign_seed_keypair" ? pair.privateKey.subarray(0, 32) : pair.privateKey));
      return pair;
    },
  });
}
