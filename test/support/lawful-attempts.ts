import type { Cast, Role } from "./cast.ts";
import { ROLES } from "./cast.ts";
import type { Json } from "./graphql.ts";
import { toJson } from "./member.ts";
import { type Attempt, attempts } from "./mutation-attempts.ts";

/** A mutation that would succeed. */
export interface LawfulAttempt {
  mutation: string;
  token: string | undefined;
  /** A fresh input: what proves a password is used up by the first try, right or wrong. */
  input(): Promise<Json>;
}

/** Of each mutation one that succeeds, and changes something if any does, as whoever may. Nothing is sent yet. */
export function lawfulAttempts(relay: { url: string }, cast: Cast): LawfulAttempt[] {
  const mutations = [...new Set(attempts.map(({ mutation }) => mutation))];
  return mutations.map((mutation) => {
    const possible = attempts.filter((one) => one.mutation === mutation).flatMap((attempt) => ROLES.map((role) => ({ attempt, role })));
    const found = possible.find(({ attempt, role }) => isEffective(attempt, role)) ?? possible.find(({ attempt, role }) => attempt.outcomes[role].startsWith("="));
    if (!found) throw new Error(`nobody succeeds with ${mutation}`);
    const { attempt: { input, ownersPeer = "friend" }, role } = found;
    const isOwner = role === "owner";
    const [me, peer] = isOwner ? [cast.alice, cast.memberOf(ownersPeer)] : [cast.memberOf(role), cast.alice];
    const actor = { relay, cast, me, peer, fid: cast.friendshipOf(isOwner ? ownersPeer : role), isOwner };
    return { mutation, token: cast.tokenOf(role), input: async () => toJson(await input(actor)) };
  });
}

/** Names of outcomes are written otherwise than codes of refusals. */
function isEffective({ outcomes }: Attempt, role: Role): boolean {
  return /^[A-Z][a-z]/.test(outcomes[role]);
}
