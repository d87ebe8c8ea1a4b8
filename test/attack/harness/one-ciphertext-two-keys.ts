import { xchacha20 } from "@noble/ciphers/chacha.js";

const P = 2n ** 130n - 5n;
const TAG = 2n ** 128n;
const CLAMP = 0x0ffffffc0ffffffc0ffffffc0fffffffn;
const BLOCK_BYTES = 16;

interface Opening {
  key: Uint8Array;
  nonce: Uint8Array;
}

/**
 * A ciphertext and tag of XChaCha20-Poly1305 that open under both keys: to this plaintext, but for one block, under the first
 * (Grubbs, Lu, Ristenpart: "Message Franking via Committed Authenticated Encryption"). Undefined for the keys and nonces that
 * it cannot be done with: three of four.
 */
export function sealForTwoKeys(first: Opening, second: Opening, { plaintext, ad, freeBlock }: { plaintext: Uint8Array; ad: Uint8Array; freeBlock: number }): Uint8Array | undefined {
  const stream = xchacha20(first.key, first.nonce, new Uint8Array(plaintext.length), undefined, 1);
  const ciphertext = plaintext.map((byte, index) => byte ^ stream[index]!);
  const lengths = new Uint8Array(BLOCK_BYTES);
  new DataView(lengths.buffer).setBigUint64(0, BigInt(ad.length), true);
  new DataView(lengths.buffer).setBigUint64(8, BigInt(ciphertext.length), true);
  const blocks = [...blocksOf(ad), ...blocksOf(ciphertext), numberOf(lengths) + TAG];
  const free = ad.length / BLOCK_BYTES + freeBlock;
  blocks[free] = 0n;

  // Both tags are linear in the free block: with the block that makes them equal, the one tag is right under both keys.
  const [a, b] = [first, second].map(oneTimeKeyOf) as [OneTimeKey, OneTimeKey];
  const difference = power(a.r, BigInt(blocks.length - free)) - power(b.r, BigInt(blocks.length - free));
  const block = modulo((polynomial(b.r, blocks) + b.s - polynomial(a.r, blocks) - a.s) * power(modulo(difference), P - 2n));
  if (block < TAG || block >= 2n * TAG) return undefined;
  blocks[free] = block;
  const [tag, other] = [a, b].map(({ r, s }) => (polynomial(r, blocks) + s) % TAG);
  if (tag === undefined || tag !== other) return undefined;
  ciphertext.set(bytesOf(block - TAG), freeBlock * BLOCK_BYTES);
  return Uint8Array.from([...ciphertext, ...bytesOf(tag)]);
}

interface OneTimeKey {
  r: bigint;
  s: bigint;
}

function oneTimeKeyOf({ key, nonce }: Opening): OneTimeKey {
  const bytes = xchacha20(key, nonce, new Uint8Array(2 * BLOCK_BYTES));
  return { r: numberOf(bytes.subarray(0, BLOCK_BYTES)) & CLAMP, s: numberOf(bytes.subarray(BLOCK_BYTES)) };
}

/** Poly1305 before the second half of the key is added. */
function polynomial(r: bigint, blocks: bigint[]): bigint {
  return blocks.reduce((sum, block) => ((sum + block) * r) % P, 0n);
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let [square, rest] = [base, exponent]; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % P;
    square = (square * square) % P;
  }
  return result;
}

function modulo(value: bigint): bigint {
  return ((value % P) + P) % P;
}

function blocksOf(bytes: Uint8Array): bigint[] {
  return Array.from({ length: bytes.length / BLOCK_BYTES }, (_, index) => numberOf(bytes.subarray(index * BLOCK_BYTES, (index + 1) * BLOCK_BYTES)) + TAG);
}

function numberOf(littleEndian: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(littleEndian).reverse().toString("hex")}`);
}

function bytesOf(value: bigint): Uint8Array {
  return Buffer.from(value.toString(16).padStart(2 * BLOCK_BYTES, "0"), "hex").reverse();
}
