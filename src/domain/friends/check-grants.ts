import { type CardOwner, verifyGrantSignature } from "../../crypto/public.ts";
import { type Card, equalBytes, type Grant, idKey, type UserId } from "../../protocol/index.ts";
import { DomainError } from "../domain-error.ts";
import type { DomainLimits } from "../limits.ts";
import type { ChainRecord, GrantRecord } from "../ports/index.ts";
import { refusing } from "../protocol-refusal.ts";

/** Whose grants they are: the author's chain as it stands at commit, the card in force, and who may read. */
export interface GrantAuthor {
  chain: ChainRecord;
  card: Card;
  readers: UserId[];
}

/**
 * The grants of a new epoch: one to oneself at least. Friends may be missing, they show in missingGrants (PROTOCOL.md §4).
 * @throws DomainError GRANT_INVALID and as checkGrants
 */
export function checkRotationGrants(author: GrantAuthor, bytes: Uint8Array[], limits: DomainLimits): GrantRecord[] {
  const grants = checkGrants(author, bytes, limits);
  if (grants.some(({ recipient }) => equalBytes(recipient, author.chain.author))) return grants;
  throw new DomainError("GRANT_INVALID", "An epoch needs a grant to yourself: your other devices would be locked out.");
}

/**
 * Verifies grants of the author's epoch in force to readers or to the author (PROTOCOL.md §4).
 * @throws DomainError SIZE_EXCEEDED, GRANT_INVALID, SIGNATURE_INVALID, SIGNER_NOT_VIEWER, CARD_STALE, BYTES_MALFORMED
 */
export function checkGrants({ chain, card, readers }: GrantAuthor, bytes: Uint8Array[], { maxFriends }: DomainLimits): GrantRecord[] {
  if (bytes.length > maxFriends + 1) throw new DomainError("SIZE_EXCEEDED", `At most ${maxFriends + 1} grants travel in one mutation: send the rest in another one.`);
  const recipients = new Set([chain.author, ...readers].map(idKey));
  const owner = { userId: chain.author, card };
  return bytes.map((one) => {
    const grant = verifyGrant(owner, one);
    demandCurrent(chain, grant);
    // Each recipient once: the second of two grants would silently replace the first.
    if (!recipients.delete(idKey(grant.recipient))) {
      throw new DomainError("GRANT_INVALID", "A grant is sealed to somebody who is no friend, or twice to the same one: load the list of friends and seal again.");
    }
    return toGrantRecord(grant);
  });
}

/**
 * Verifies the one grant that an ACCEPT or a CONFIRM carries, sealed to the other one's card in force (PROTOCOL.md §5).
 * @throws DomainError as checkGrants
 */
export function checkGrantTo(recipient: { userId: UserId; cardHash: Uint8Array }, { chain, card }: Omit<GrantAuthor, "readers">, bytes: Uint8Array): GrantRecord {
  const grant = verifyGrant({ userId: chain.author, card }, bytes);
  demandCurrent(chain, grant);
  if (!equalBytes(grant.recipient, recipient.userId)) {
    throw new DomainError("GRANT_INVALID", "The grant is sealed to somebody else: seal it to the other person of this friendship.");
  }
  if (!equalBytes(grant.recipientCardHash, recipient.cardHash)) {
    throw new DomainError("CARD_STALE", "The grant is sealed to a card that is not in force any more: fetch the card in force and seal again.");
  }
  return toGrantRecord(grant);
}

function verifyGrant(author: CardOwner, bytes: Uint8Array): Grant {
  return refusing(() => verifyGrantSignature(author, bytes), { "bad-card": "CARD_STALE" });
}

function demandCurrent(chain: ChainRecord, grant: Grant): void {
  if (grant.n === chain.epoch && equalBytes(grant.commitment, chain.epochCommitment)) return;
  throw new DomainError("GRANT_INVALID", "The grant is not for your epoch in force: synchronise and seal again.");
}

function toGrantRecord({ author, recipient, kind, n, bytes }: Grant): GrantRecord {
  return { author, recipient, kind, epoch: n, bytes };
}
