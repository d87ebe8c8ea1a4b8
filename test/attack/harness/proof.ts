/** How it was shown that readers need a rule. */
export interface Proof {
  rule: string;
  outcome: "shown" | "together" | "honest" | "out of reach" | "unproven";
  /** The attack that is not refused as stated, or the reason why none can meet it. */
  by: string;
}

declare module "vitest" {
  interface TaskMeta {
    proof?: Proof;
  }
}
