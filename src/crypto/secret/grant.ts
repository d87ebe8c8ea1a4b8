import {
  ByteReader,
  concatBytes,
  demand,
  encodeGrantContext,
  equalBytes,
  GRANT_SUITE,
  GrantKind,
  HASH_BYTES,
  KEM_CIPHERTEXT_BYTES,
  KEY_BYTES,
  parseGrant,
  refuseAs,
  sized,
  u8,
  type Card,
  type CardHash,
  type EpochCommitments,
  type Grant,
  type GrantContext,
  type UserId,
} from "../../protocol/index.ts";
import { deriveKey } from "../kdf.ts";
import type { CardOwner } from "../public/card-owner.ts";
import { hash } from "../public/hash.ts";
import { cardHashOf } from "../public/ids.ts";
import { grantSignedBytes, verifyGrantSignature } from "../public/verify-grant-signature.ts";
import { sign } from "../sign.ts";
import { sodium } from "../sodium.ts";
import { isEpochKey, isThoughtKey } from "./epoch.ts";
import type { Identity } from "./identity.ts";
import { open, seal } from "./seal.ts";

/** The key that an opened grant holds: K_n for HISTORY, T_n for EPOCH_ONLY. */
export interface OpenedGrant {
  kind: GrantKind;
  n: number;
  key: Uint8Array;
}

/**
 * Seals K_n or T_n to a verified card (PROTOCOL.md §4), 1504 bytes.
 * @throws ProtocolError unusable-card: suspend that friend and leave them out, never the others
 */
export function createGrant(grant: {
  kind: GrantKind;
  key: Uint8Array;
  author: UserId;
  authorCardHash: CardHash;
  signSecretKey: Uint8Array;
  recipientUserId: UserId;
  recipientCard: Card;
  n: number;
  commitment: Uint8Array;
}): Uint8Array {
  const { kind, author, n, commitment, authorCardHash, recipientCard } = grant;
  const recipientCardHash = cardHashOf(recipientCard);
  const recipient = grant.recipientUserId;
  const context = encodeGrantContext({ kind, author, recipient, n, commitment, authorCardHash, recipientCardHash });
  const content = concatBytes(sized(grant.key, KEY_BYTES), hash("grant-ctx", context));
  const sealed = refuseAs("unusable-card", () => sealContent(content, context, recipientCard));
  return concatBytes(context, sealed, sign(grant.signSecretKey, "grant", grantSignedBytes(context, sealed)));
}

/**
 * Opens a grant in the order of PROTOCOL.md §4 "Reader". author is pinned; epoch is EPOCH n of the author's verified chain;
 * recipient holds the keys of the own card that the grant names.
 * @throws ProtocolError as parseGrant; bad-grant, bad-author, bad-card, bad-sig, bad-epoch, bad-commit
 */
export function openGrant({
  grantBytes,
  recipient,
  author,
  epoch,
}: {
  grantBytes: Uint8Array;
  recipient: { userId: UserId; identity: Pick<Identity, "box" | "kem">; cardHash: CardHash };
  author: CardOwner;
  epoch: EpochCommitments;
}): OpenedGrant {
  demand(equalBytes(parseGrant(grantBytes).recipient, recipient.userId), "bad-grant", "for someone else");
  const grant = verifyGrantSignature(author, grantBytes);
  demand(equalBytes(grant.recipientCardHash, recipient.cardHash), "bad-card");
  demand(grant.n === epoch.n, "bad-epoch");
  demand(equalBytes(grant.commitment, epoch.commitment), "bad-commit");
  const key = refuseAs("bad-grant", () => openKey(grant, recipient.identity));
  demand(isCommittedKey(grant, key, epoch), "bad-commit");
  return { kind: grant.kind, n: grant.n, key };
}

function isCommittedKey({ kind, author }: GrantContext, key: Uint8Array, epoch: EpochCommitments): boolean {
  return kind === GrantKind.HISTORY ? isEpochKey(key, author, epoch) : isThoughtKey(key, author, epoch);
}

// Either layer alone keeps the key secret: the sealed box today, ML-KEM against a quantum computer of tomorrow.
function sealContent(content: Uint8Array, context: Uint8Array, { boxPk, kemPk }: Card): Uint8Array {
  const inner = sodium.crypto_box_seal(content, boxPk);
  const { ciphertext, sharedSecret } = sodium.crypto_kem_mlkem768_enc(kemPk);
  const outer = seal(deriveOuterKey(sharedSecret, ciphertext, kemPk, context), "grant", context, inner);
  return concatBytes(u8(GRANT_SUITE), ciphertext, outer);
}

function openKey({ sealed, context }: Grant, { box, kem }: Pick<Identity, "box" | "kem">): Uint8Array {
  const reader = new ByteReader(sealed);
  reader.u8();
  const ciphertext = reader.take(KEM_CIPHERTEXT_BYTES);
  const outer = sealed.subarray(1 + KEM_CIPHERTEXT_BYTES);
  const sharedSecret = sodium.crypto_kem_mlkem768_dec(ciphertext, kem.secretKey);
  const inner = open(deriveOuterKey(sharedSecret, ciphertext, kem.publicKey, context), "grant", context, outer);
  const content = new ByteReader(sodium.crypto_box_seal_open(inner, box.publicKey, box.secretKey));
  const key = content.take(KEY_BYTES);
  // The box itself knows no context: this hash keeps it from being moved into another grant.
  demand(sodium.memcmp(content.take(HASH_BYTES), hash("grant-ctx", context)), "bad-grant");
  return key;
}

function deriveOuterKey(
  sharedSecret: Uint8Array,
  ciphertext: Uint8Array,
  kemPk: Uint8Array,
  context: Uint8Array,
): Uint8Array {
  return deriveKey(sharedSecret, "grant-kem", ciphertext, kemPk, context);
}
