import { expect } from "vitest";
import { ProtocolError, type RefusalCode } from "../../../src/protocol/index.ts";

/** Runs the step and answers with the code that it was refused with; anything but a refusal fails the test. */
export function refusalOf(step: () => unknown): RefusalCode {
  try {
    step();
  } catch (error) {
    if (error instanceof ProtocolError) return error.code;
    throw error;
  }
  throw new Error("expected a refusal");
}

export function expectRefusal(code: RefusalCode, step: () => unknown): void {
  expect(refusalOf(step)).toBe(code);
}
