import { cardHashOf, logLeafHashOf, userNameHashOf } from "../../crypto/public.ts";
import { EntryType, parseCard, type UserId } from "../../protocol/index.ts";
import type { EntryRecord, HashedNode, KeyLogLeafRecord, KeyLogRepository, NamedCard, Repositories } from "../ports/index.ts";
import { growTree } from "./tree.ts";

/**
 * Appends a leaf for each card, in order, in the transaction that stores the cards (PROTOCOL.md §7). It waits for whoever
 * appends, and holds others up until the transaction ends: it is the last thing that a transaction does.
 */
export async function appendToKeyLog(keyLog: Pick<KeyLogRepository, "lock" | "append">, cards: NamedCard[]): Promise<void> {
  if (cards.length === 0) return;
  let state = await keyLog.lock();
  const leaves: KeyLogLeafRecord[] = [];
  const nodes: HashedNode[] = [];
  for (const { username, userId, cardHash } of cards) {
    const leaf = { nameHash: userNameHashOf(username), userId, cardHash };
    const hash = logLeafHashOf(leaf);
    const step = growTree(state, hash);
    leaves.push({ ...leaf, index: state.size, hash });
    nodes.push(...step.nodes);
    state = step.grown;
  }
  await keyLog.append(leaves, nodes, state);
}

/** As `appendToKeyLog`, for the cards among entries that were appended in this transaction. */
export async function logNewCards({ users, keyLog }: Pick<Repositories, "users" | "keyLog">, userId: UserId, added: EntryRecord[]): Promise<void> {
  const user = await users.findById(userId);
  const cards = added.flatMap(({ type, payload }) => (type === EntryType.CARD && payload ? [cardHashOf(parseCard(payload))] : []));
  if (user) await appendToKeyLog(keyLog, cards.map((cardHash) => ({ username: user.username, userId, cardHash })));
}
