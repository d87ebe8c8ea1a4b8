import { ByteReader, concatBytes, demandVersion, sized, u32, u8 } from "./bytes.ts";
import type { CardHash, UserId } from "./ids.ts";
import { GRANT_BYTES, GRANT_CONTEXT_BYTES, GRANT_SEALED_BYTES, HASH_BYTES, SIGNATURE_BYTES } from "./limits.ts";
import { demand } from "./protocol-error.ts";

/** The only suite: X25519 sealed box inside ML-KEM-768 (PROTOCOL.md §4). */
export const GRANT_SUITE = 2;

/** HISTORY carries K_n and opens everything before too; EPOCH_ONLY carries T_n (PROTOCOL.md §4). */
export const GrantKind = { HISTORY: 1, EPOCH_ONLY: 2 } as const;
export type GrantKind = (typeof GrantKind)[keyof typeof GrantKind];

export interface GrantContext {
  kind: GrantKind;
  author: UserId;
  recipient: UserId;
  n: number;
  commitment: Uint8Array;
  authorCardHash: CardHash;
  recipientCardHash: CardHash;
}

export interface Grant extends GrantContext {
  context: Uint8Array;
  /** suite ‖ ML-KEM ciphertext ‖ SEAL of the sealed box, 1274 bytes */
  sealed: Uint8Array;
  signature: Uint8Array;
  bytes: Uint8Array;
}

/** The 166 bytes that bind a grant to its purpose. */
export function encodeGrantContext(context: GrantContext): Uint8Array {
  return concatBytes(
    u8(GRANT_SUITE),
    u8(context.kind),
    sized(context.author, HASH_BYTES),
    sized(context.recipient, HASH_BYTES),
    u32(context.n),
    sized(context.commitment, HASH_BYTES),
    sized(context.authorCardHash, HASH_BYTES),
    sized(context.recipientCardHash, HASH_BYTES),
  );
}

/** Parses 1504 bytes. @throws ProtocolError unknown-version for another suite, bad-length, bad-type */
export function parseGrant(bytes: Uint8Array): Grant {
  demandVersion(bytes, GRANT_SUITE);
  demand(bytes.length === GRANT_BYTES, "bad-length");
  const parts = new ByteReader(bytes);
  const context = parts.take(GRANT_CONTEXT_BYTES);
  const sealed = parts.take(GRANT_SEALED_BYTES);
  const signature = parts.take(SIGNATURE_BYTES);
  demand(sealed[0] === GRANT_SUITE, "unknown-version");
  return { ...parseGrantContext(context), context, sealed, signature, bytes: new Uint8Array(bytes) };
}

function parseGrantContext(context: Uint8Array): GrantContext {
  const reader = new ByteReader(context);
  reader.u8();
  return {
    kind: parseGrantKind(reader.u8()),
    author: reader.take(HASH_BYTES),
    recipient: reader.take(HASH_BYTES),
    n: reader.u32(),
    commitment: reader.take(HASH_BYTES),
    authorCardHash: reader.take(HASH_BYTES),
    recipientCardHash: reader.take(HASH_BYTES),
  };
}

function parseGrantKind(value: number): GrantKind {
  const kind = Object.values(GrantKind).find((known) => known === value);
  demand(kind !== undefined, "bad-type");
  return kind;
}
