import type { Reporter, TestCase, TestModule } from "vitest/node";
import type { AttackReport } from "./outcome.ts";

const WORDS = { refused: "refused  ", succeeded: "SUCCEEDED", unclear: "UNCLEAR  " } as const;

/** One line for each attack, and how many were refused. */
export default class AttackReporter implements Reporter {
  readonly #counts = { refused: 0, succeeded: 0, unclear: 0 };

  onTestCaseResult(test: TestCase): void {
    const { state, errors } = test.result();
    const report = test.meta().attack;
    if (report === undefined) {
      // What the suite says about itself is no attack, but nothing else of it counts when it fails.
      if (state === "failed") this.#fail("unclear", test.fullName, errors);
      return;
    }
    if (state === "passed") return this.#tell(report);
    if (state === "failed") this.#fail(report.outcome === "succeeded" ? "succeeded" : "unclear", report.name, errors);
  }

  onTestModuleEnd(module: TestModule): void {
    const errors = module.errors();
    if (errors.length > 0) this.#fail(errors.some(({ name }) => name === "AttackSucceeded") ? "succeeded" : "unclear", module.moduleId, errors);
  }

  onTestRunEnd(_modules: readonly TestModule[], errors: readonly { message?: string }[]): void {
    if (errors.length > 0) this.#fail("unclear", "outside of all attacks", errors);
    const { refused, succeeded, unclear } = this.#counts;
    process.stdout.write(`attacks: ${refused} refused, ${succeeded} succeeded, ${unclear} unclear\n`);
  }

  #tell({ name, refusal, replays, outcome }: AttackReport): void {
    this.#counts[outcome] += 1;
    process.stdout.write(`${WORDS[outcome]} ${refusal.padEnd(34)} ${name}${replays === undefined ? "" : ` (${replays})`}\n`);
  }

  #fail(outcome: "succeeded" | "unclear", name: string, errors: readonly { message?: string }[] | undefined): void {
    this.#counts[outcome] += 1;
    process.stdout.write(`${WORDS[outcome]} ${name}: ${errors?.map(({ message }) => message).join("; ")}\n`);
  }
}
