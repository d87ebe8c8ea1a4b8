import type { Account, ReadThought } from "../client/index.ts";
import { CommandError, UsageError } from "./command-error.ts";
import { idOf } from "./show-thought.ts";

const MIN_DIGITS = 4;

/** The one thought whose id begins so, of these authors: friends by name, oneself by undefined. */
export async function findThought(account: Account, prefix: string, authors: readonly (string | undefined)[]): Promise<ReadThought> {
  if (!/^[0-9a-f]+$/i.test(prefix) || prefix.length < MIN_DIGITS) {
    throw new UsageError(`"${prefix}" is not the id of a thought: give at least ${MIN_DIGITS} of the digits that stand beside it.`);
  }
  const found: ReadThought[] = [];
  for (const author of authors) {
    for await (const thought of account.thoughts.by(author)) if (idOf(thought.id).startsWith(prefix.toLowerCase())) found.push(thought);
  }
  const [only, other] = found;
  if (only === undefined) throw new CommandError("THOUGHT_UNKNOWN", `There is no thought ${prefix} here.`);
  if (other !== undefined) throw new CommandError("ID_AMBIGUOUS", `Several thoughts begin with ${prefix}: give more digits.`);
  return only;
}
