import { expect } from "vitest";
import { DomainError, type ErrorCode } from "../../src/domain/domain-error.ts";
import type { TestRelay } from "./test-relay.ts";

/** The work must be refused with this code. Returns the refusal. */
export async function expectRefused(work: Promise<unknown>, code: ErrorCode): Promise<DomainError> {
  const outcome: unknown = await work.then(
    () => "no refusal",
    (error: unknown) => error,
  );
  if (!(outcome instanceof DomainError)) throw outcome instanceof Error ? outcome : new Error(`expected ${code}, got an answer`);
  expect(outcome.code).toBe(code);
  return outcome;
}

/** As `expectRefused`, and not one row of the database may differ afterwards, nor may anything be published. */
export async function expectRefusedUnchanged(relay: TestRelay, work: () => Promise<unknown>, code: ErrorCode): Promise<DomainError> {
  const before = await relay.dump();
  const published = relay.events.length;
  const refusal = await expectRefused(work(), code);
  expect(await relay.dump()).toBe(before);
  expect(relay.events.length).toBe(published);
  return refusal;
}
