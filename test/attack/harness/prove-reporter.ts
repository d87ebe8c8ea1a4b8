import type { Reporter, TestCase, TestModule } from "vitest/node";
import type { Proof } from "./proof.ts";

const WORDS: Record<Proof["outcome"], string> = { shown: "shown   ", together: "together", honest: "honest  ", "out of reach": "vectors ", unproven: "UNPROVEN" };

/** One line for each rule, and how many are proven. */
export default class ProveReporter implements Reporter {
  readonly #counts: Record<Proof["outcome"], number> = { shown: 0, together: 0, honest: 0, "out of reach": 0, unproven: 0 };

  onTestCaseResult(test: TestCase): void {
    const { state, errors } = test.result();
    if (state === "skipped") return;
    const proof = test.meta().proof ?? { rule: test.name, outcome: "unproven", by: textOf(errors) };
    this.#counts[proof.outcome] += 1;
    process.stdout.write(`${WORDS[proof.outcome]} ${proof.rule}: ${proof.by}\n`);
  }

  onTestModuleEnd(module: TestModule): void {
    const errors = module.errors();
    if (errors.length > 0) process.stdout.write(`no rule is proven while attacks are not refused: ${textOf(errors)}\n`);
  }

  onTestSuiteResult(suite: { errors(): readonly { message: string }[] }): void {
    if (suite.errors().length > 0) process.stdout.write(`${textOf(suite.errors())}\n`);
  }

  onTestRunEnd(): void {
    const { shown, together, honest, unproven, "out of reach": outOfReach } = this.#counts;
    const all = shown + together + honest + unproven + outOfReach;
    const parts = [`${shown} by an attack`, `${together} together with what stands in front of them`, `${honest} by what honest people wrote`];
    process.stdout.write(`rules: ${all - outOfReach - unproven} of ${all} shown (${parts.join(", ")}), ${outOfReach} out of reach for a reason, ${unproven} unproven\n`);
  }
}

function textOf(errors: readonly { message: string }[] | undefined): string {
  return (errors ?? []).map(({ message }) => message).join("; ").replace(/\s+/g, " ");
}
