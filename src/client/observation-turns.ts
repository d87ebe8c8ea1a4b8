import { idKey, MAX_OBSERVATIONS } from "../protocol/index.ts";
import type { FriendChain } from "./friend-chain.ts";

/**
 * Whose heads the next entry tells: those that were told longest ago. Among friends who were not told since this client was
 * opened, the place of the entry decides where the row begins, so that devices which write little reach everybody too.
 */
export class ObservationTurns {
  readonly #toldAt = new Map<string, number>();
  #count = 0;

  next(chains: FriendChain[], seq: number): FriendChain[] {
    const row = [...chains].sort((a, b) => (idKey(a.user.userId) < idKey(b.user.userId) ? -1 : 1));
    const start = row.length === 0 ? 0 : (seq * MAX_OBSERVATIONS) % row.length;
    const turned = [...row.slice(start), ...row.slice(0, start)];
    const chosen = turned.sort((a, b) => this.#of(a) - this.#of(b)).slice(0, MAX_OBSERVATIONS);
    this.#count += 1;
    for (const { user } of chosen) this.#toldAt.set(idKey(user.userId), this.#count);
    return chosen;
  }

  #of({ user }: FriendChain): number {
    return this.#toldAt.get(idKey(user.userId)) ?? 0;
  }
}
