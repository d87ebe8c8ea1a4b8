import { demand, equalBytes, parseManifest, type Manifest } from "../../protocol/index.ts";
import type { CardOwner } from "./card-owner.ts";
import { verifySignature } from "./verify-signature.ts";

/** Verifies a vault's manifest with its owner's card (PROTOCOL.md §6). @throws ProtocolError as parseManifest; bad-author, bad-sig */
export function verifyManifest(owner: CardOwner, bytes: Uint8Array): Manifest {
  const manifest = parseManifest(bytes);
  demand(equalBytes(manifest.userId, owner.userId), "bad-author");
  demand(verifySignature(owner.card.signPk, "vault", manifest.body, manifest.signature), "bad-sig");
  return manifest;
}
