import { type Entry, EntryType } from "../../protocol/index.ts";
import { DomainError } from "../domain-error.ts";
import { checkRotationGrants } from "../friends/check-grants.ts";
import type { DomainLimits } from "../limits.ts";
import type { Repositories } from "../ports/index.ts";
import type { Appended } from "./append-entries.ts";

/** Grants open one epoch: a second one in the same mutation would have none. */
export function demandOneEpoch(entries: Entry[]): void {
  if (entries.filter(({ type }) => type === EntryType.EPOCH).length <= 1) return;
  throw new DomainError("ENTRY_INVALID", "At most one epoch begins in one mutation: send the next one in another.");
}

/**
 * Stores the grants of the epoch that these entries began. A mutation that came again has stored them already.
 * @throws DomainError ENTRY_INVALID, GRANT_INVALID and as checkRotationGrants
 */
export async function storeRotation(
  repositories: Repositories,
  { added, chain, card }: Appended,
  grants: Uint8Array[],
  limits: DomainLimits,
): Promise<void> {
  if (added.length === 0) return;
  // Nobody could seal to a card without its epoch, and no other entry may follow it.
  if (chain.cardEpochDue) throw new DomainError("ENTRY_INVALID", "A new card travels with its new epoch: send both in one mutation.");
  if (!added.some(({ type }) => type === EntryType.EPOCH)) {
    if (grants.length > 0) throw new DomainError("GRANT_INVALID", "Grants travel with the epoch they open: use storeGrants for the present one.");
    return;
  }
  const readers = (await repositories.friendships.listReaders(chain.author)).map(({ reader }) => reader);
  const stored = await repositories.grants.insert(checkRotationGrants({ chain, card, readers }, grants, limits));
  await repositories.friendships.clearGrantAsked(chain.author, stored.map(({ recipient }) => recipient));
}
