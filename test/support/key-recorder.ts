import sodium from "libsodium-wrappers";
import type { Canary } from "./canaries.ts";

/** Random keys have these lengths; nonces and ids, which are public, have others. */
const KEY_LENGTHS = new Set([32, 64]);

interface KeyPair {
  privateKey: Uint8Array;
}

/** The secret keys that this process made or used since the recording began. */
export interface KeyRecording {
  keys(): Canary[];
  stop(): void;
}

/** What is recorded, by how many at once: a world in a test may open another one. */
const keys = new Map<string, Buffer>();
let recorders = 0;
let restore = (): void => undefined;

/**
 * Remembers every secret key that libsodium meets in this process from now on: the random ones (seeds, master keys, epoch
 * keys), the secret halves of key pairs, and whatever keys another key is derived from. All clients of the process are meant.
 */
export async function recordKeys(): Promise<KeyRecording> {
  await sodium.ready;
  recorders += 1;
  if (recorders === 1) restore = listenIn();
  return {
    keys: () => [...keys.values()].map((bytes, index) => ({ name: `key ${index + 1}`, bytes })),
    stop() {
      recorders -= 1;
      if (recorders > 0) return;
      restore();
      keys.clear();
    },
  };
}

function listenIn(): () => void {
  const remember = (bytes: Uint8Array): void => void keys.set(Buffer.from(bytes).toString("hex"), Buffer.from(bytes));
  const { randombytes_buf, crypto_generichash, crypto_sign_seed_keypair, crypto_box_seed_keypair, crypto_kem_mlkem768_seed_keypair } = sodium;
  const originals = { randombytes_buf, crypto_generichash, crypto_sign_seed_keypair, crypto_box_seed_keypair, crypto_kem_mlkem768_seed_keypair };
  const recording = <Make extends (seed: Uint8Array) => KeyPair>(make: Make, secretBytes?: number) =>
    (seed: Uint8Array): KeyPair => {
      const pair = make(seed);
      remember(pair.privateKey.subarray(0, secretBytes));
      return pair;
    };
  Object.assign(sodium, {
    randombytes_buf: (...args: Parameters<typeof randombytes_buf>) => {
      const bytes = randombytes_buf(...args);
      if (KEY_LENGTHS.has(bytes.length)) remember(bytes as unknown as Uint8Array);
      return bytes;
    },
    crypto_generichash: (...args: Parameters<typeof crypto_generichash>) => {
      if (args[2]) remember(args[2] as unknown as Uint8Array);
      return crypto_generichash(...args);
    },
    // An Ed25519 secret key ends with the public key: its first half is the secret.
    crypto_sign_seed_keypair: recording(crypto_sign_seed_keypair, 32),
    crypto_box_seed_keypair: recording(crypto_box_seed_keypair),
    crypto_kem_mlkem768_seed_keypair: recording(crypto_kem_mlkem768_seed_keypair),
  });
  return () => void Object.assign(sodium, originals);
}
