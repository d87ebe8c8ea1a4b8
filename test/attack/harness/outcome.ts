/** How an attack ended: unclear is whatever was neither refused as stated nor let through. */
type Outcome = "refused" | "succeeded" | "unclear";

export interface AttackReport {
  name: string;
  /** The code, with the codes of its causes. */
  refusal: string;
  /** The published break that it repeats. */
  replays?: string;
  outcome: Outcome;
}

declare module "vitest" {
  interface TaskMeta {
    attack?: AttackReport;
  }
}

/** A lie was believed, or something secret left a client. */
export class AttackSucceeded extends Error {
  override readonly name = "AttackSucceeded";
}

/** The code of an error and those of its causes: "VAULT_BROKEN: bad-vault". Undefined for what has no code. */
export function codesOf(error: unknown): string | undefined {
  const codes: string[] = [];
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code } = cause as { code?: unknown };
    if (typeof code === "string" && codes.at(-1) !== code) codes.push(code);
  }
  return codes.length > 0 ? codes.join(": ") : undefined;
}
