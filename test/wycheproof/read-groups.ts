import { readFileSync } from "node:fs";
import { join } from "node:path";

/** What a vector says should happen: "acceptable" leaves it to the library. */
export interface WycheproofTest {
  tcId: number;
  flags: string[];
  result: "valid" | "invalid" | "acceptable";
}

/** The test groups of a published file, with the fields that its schema adds. */
export function readGroups<Test extends object, Group extends object = object>(
  file: string,
): (Group & { tests: (Test & WycheproofTest)[] })[] {
  const text = readFileSync(join(import.meta.dirname, "testvectors", file), "utf8");
  return JSON.parse(text).testGroups;
}
