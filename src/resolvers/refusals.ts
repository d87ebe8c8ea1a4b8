import { getNamedType, type GraphQLResolveInfo, isUnionType } from "graphql";
import { DomainError, REFUSAL_CODES, type RefusalCode } from "../domain/domain-error.ts";
import { EntryConflict, HeadStale } from "./chain.result.ts";
import { RequestCrossed } from "./friendship.result.ts";
import { type Refusal, Refused } from "./refusal.type.ts";
import { VaultStale } from "./vault.result.ts";

type RefusalError = DomainError & { code: RefusalCode };
type RefusalClass = new (refusal: RefusalError) => Refusal;

/** Refusals that carry data, by code. A field whose union lacks the member answers with plain Refused. */
const detailed: { [Code in RefusalCode]?: RefusalClass } = {
  ENTRY_CONFLICT: EntryConflict,
  HEAD_STALE: HeadStale,
  REQUEST_CROSSED: RequestCrossed,
  VAULT_STALE: VaultStale,
};

/** Runs a mutation; an expected refusal becomes its answer, anything else stays an error. */
export async function answerRefusals<Answer>(info: GraphQLResolveInfo, mutate: () => Promise<Answer> | Answer): Promise<Answer | Refusal> {
  try {
    return await mutate();
  } catch (error) {
    if (isRefusal(error)) return toRefusal(error, info);
    throw error;
  }
}

function isRefusal(error: unknown): error is RefusalError {
  return error instanceof DomainError && (REFUSAL_CODES as readonly string[]).includes(error.code);
}

function toRefusal(refusal: RefusalError, info: GraphQLResolveInfo): Refusal {
  const Detailed = detailed[refusal.code];
  const union = getNamedType(info.returnType);
  const isMember = Detailed && isUnionType(union) && union.getTypes().some(({ name }) => name === Detailed.name);
  return isMember ? new Detailed(refusal) : new Refused(refusal);
}
