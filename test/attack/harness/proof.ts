/** How it was shown that readers need a rule. */
export interface Proof {
  rule: string;
  outcome: "shown" | "out of reach" | "unproven";
  /** The attack that gets through, or the reason why none can. */
  by: string;
}

declare module "vitest" {
  interface TaskMeta {
    proof?: Proof;
  }
}
