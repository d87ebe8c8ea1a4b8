import { concatBytes, u8 } from "./bytes.ts";
import { encodeUtf8 } from "./utf8.ts";

/** Every label of the protocol, once (PROTOCOL.md §1). A label never serves two purposes. */
export const HASH_LABELS = [
  "user",
  "card",
  "payload",
  "entry",
  "safety",
  "grant-ctx",
  "grant-blob",
  "friendship",
  "manifest",
  "vault-item-hash",
  "rc-check",
  "rc-verifier",
  "refresh-token-hash",
  "email-address",
  "invitation",
  "log-name",
  "log-leaf",
  "log-node",
] as const;

export const KDF_LABELS = [
  "thought-key",
  "thought-com",
  "epoch-com",
  "epoch-back-key",
  "obs-tag",
  "obs",
  "grant-kem",
  "wrap-pw",
  "wrap-rc",
  "rc-auth",
  "vault-item",
  "no-user",
  "email",
  "refresh-token",
] as const;

export const SEAL_LABELS = ["thought", "epoch-back", "obs", "grant", "wrap", "vault", "device", "archive-key", "archive"] as const;

export const SIGN_LABELS = [
  "card",
  "card-next",
  "entry",
  "receipt",
  "checkpoint",
  "grant",
  "req",
  "acc",
  "conf",
  "unf",
  "dec",
  "can",
  "vault",
] as const;

export type HashLabel = (typeof HASH_LABELS)[number];
export type KdfLabel = (typeof KDF_LABELS)[number];
export type SealLabel = (typeof SEAL_LABELS)[number];
export type SignLabel = (typeof SIGN_LABELS)[number];

/** What may stand in a domain context; the prefixes keep hashes, keys, seals and signatures apart. */
export type DomainLabel =
  | HashLabel
  | KdfLabel
  | `ad/${SealLabel}`
  | `seal-enc/${SealLabel}`
  | `seal-com/${SealLabel}`
  | `sig/${SignLabel}`;

const contexts = new Map<DomainLabel, Uint8Array>();

/** L(l) of PROTOCOL.md §1: the prefix-free domain context. The answer is shared: do not write to it. */
export function encodeDomain(label: DomainLabel): Uint8Array {
  const known = contexts.get(label);
  if (known) return known;
  const text = encodeUtf8(`pb/1/${label}`);
  const context = concatBytes(u8(text.length), text);
  contexts.set(label, context);
  return context;
}
