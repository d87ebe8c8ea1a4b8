/** How many tests passed, failed, or did not run. */
export interface TestCounts {
  passed: number;
  failed: number;
  skipped: number;
}

/** The part of vitest's JSON report that counts. */
interface TestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: { status: string; assertionResults: { status: string }[] }[];
}

/**
 * Counts from vitest's JSON report `json` (undefined when it wrote none) and its exit code. A file that fails outside of its tests, say while it is
 * imported, counts as one failure; so does a run that ended badly, or without a single test, although no test failed.
 */
export function countTests(json: string | undefined, exitCode: number): TestCounts {
  if (json === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const report = JSON.parse(json) as TestReport;
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) => status === "failed" && !assertionResults.some((assertion) => assertion.status === "failed"),
  );
  const failed = report.numFailedTests + brokenFiles.length;
  const endedBadly = exitCode !== 0 || report.numPassedTests === 0;
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && endedBadly ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}
