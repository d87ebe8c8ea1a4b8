import { describe, expect, test } from "vitest";
import { countTests } from "../../scripts/count-tests.ts";

const file = (status: string, ...assertions: string[]) => ({ status, assertionResults: assertions.map((assertion) => ({ status: assertion })) });
const report = (passed: number, failed: number, ...testResults: ReturnType<typeof file>[]) =>
  JSON.stringify({ numPassedTests: passed, numFailedTests: failed, numPendingTests: 2, numTodoTests: 1, testResults });

describe("a run of the tests is counted honestly", () => {
  test.each([
    ["all is well", report(5, 0, file("passed", "passed")), 0, { passed: 5, failed: 0, skipped: 3 }],
    ["tests failed", report(5, 2, file("failed", "passed", "failed")), 1, { passed: 5, failed: 2, skipped: 3 }],
    ["a file broke before its tests ran", report(5, 0, file("failed")), 1, { passed: 5, failed: 1, skipped: 3 }],
    ["a file broke after its tests passed", report(5, 0, file("failed", "passed")), 1, { passed: 5, failed: 1, skipped: 3 }],
    ["something outside of all tests failed", report(5, 0, file("passed", "passed")), 1, { passed: 5, failed: 1, skipped: 3 }],
    ["nothing was tested", report(0, 0), 0, { passed: 0, failed: 1, skipped: 3 }],
    ["no report was written", undefined, 0, { passed: 0, failed: 1, skipped: 0 }],
  ])("%s", (_, json, exitCode, counts) => {
    expect(countTests(json, exitCode)).toEqual(counts);
  });
});
