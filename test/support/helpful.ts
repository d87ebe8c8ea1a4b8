import { expect } from "vitest";
import type { Outcome } from "./member.ts";

/**
 * A refusal is a sentence for people that says what to do; it repeats nothing of what was sent, and tells nothing of the
 * relay's inside. `sent` is the part that was wrong.
 */
export function expectHelpful({ errors, result, text }: Outcome, sent: unknown): void {
  const messages = [...errors.map(({ message }) => message), ...(result?.message === undefined ? [] : [String(result.message)])];
  expect(messages.length, text).toBeGreaterThan(0);
  for (const message of messages) {
    expect(message).toMatch(/^[A-Z].{20,300}$/);
    expect(message).toMatch(/: .{8,}|, .{8,}|\. [A-Z]/);
    expect(message).not.toMatch(/undefined|null,|\[object|Error:|\bat \/|node_modules|\.ts\b|prisma|postgres|SELECT|constraint/i);
    if (typeof sent === "string" && sent.length > 8) expect(message).not.toContain(sent.slice(0, 40));
  }
}
