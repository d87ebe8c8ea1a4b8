import { concatBytes, demand, parseGrant, type Grant } from "../../protocol/index.ts";
import { demandOwner, type CardOwner } from "./card-owner.ts";
import { hash } from "./hash.ts";
import { verifySignature } from "./verify-signature.ts";

/** What the author of a grant signs (PROTOCOL.md §4). */
export function grantSignedBytes(context: Uint8Array, sealed: Uint8Array): Uint8Array {
  return concatBytes(context, hash("grant-blob", sealed));
}

/**
 * Verifies that the author with this card made the grant; opening it takes the recipient's keys (PROTOCOL.md §4).
 * @throws ProtocolError as parseGrant; bad-author, bad-card, bad-sig
 */
export function verifyGrantSignature(author: CardOwner, bytes: Uint8Array): Grant {
  const grant = parseGrant(bytes);
  demandOwner(author, { userId: grant.author, cardHash: grant.authorCardHash });
  const signed = grantSignedBytes(grant.context, grant.sealed);
  demand(verifySignature(author.card.signPk, "grant", signed, grant.signature), "bad-sig");
  return grant;
}
