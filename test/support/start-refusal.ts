import { expect } from "vitest";
import { StartRefused, type StartRefusalCode } from "../../src/domain/start-refused.ts";

/** The work must be refused with this code, in words that hold each of these texts. Returns the whole text. */
export async function expectStartRefused(work: Promise<unknown>, code: StartRefusalCode, ...texts: string[]): Promise<string> {
  const error: unknown = await work.then(() => undefined, (reason: unknown) => reason);
  expect(error).toBeInstanceOf(StartRefused);
  const refusal = error as StartRefused;
  expect({ code: refusal.code, text: refusal.message }).toEqual({ code, text: expect.any(String) });
  for (const text of texts) expect(refusal.message).toContain(text);
  return refusal.message;
}
