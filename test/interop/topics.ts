import { readFileSync } from "node:fs";
import { join } from "node:path";
import { hexToBytes, bytesToHex } from "@noble/hashes/utils.js";
import { Refusal } from "./bytes.ts";
import { operations } from "./operations.ts";

/** Topics of test/vectors that this reader does not read, and why. OPAQUE and Argon2 have no vectors. */
export const leftOut: Record<string, string> = {};

export interface Vector {
  id: string;
  description: string;
  operation: string;
  input: object;
  expect: string;
  output?: unknown;
}

const folder = join(import.meta.dirname, "../vectors");
const read = (file: string): string => readFileSync(join(folder, file), "utf8");

/** All topics that are frozen, whoever reads them. */
export const topics = Object.keys(JSON.parse(read("digest.json")) as object).map((file) => file.replace(/\.json$/, ""));

/** What is text in an input; every other string is bytes in hexadecimal. */
const texts = new Set(["label", "text", "code", "link", "relay", "username"]);

const fromHex = (key: string, value: unknown): unknown => (typeof value === "string" && !texts.has(key) ? hexToBytes(value) : value);
const toHex = (_key: string, value: unknown): unknown => (value instanceof Uint8Array ? bytesToHex(value) : value);

export const readVectors = (topic: string): Vector[] => (JSON.parse(read(`${topic}.json`)) as { vectors: Vector[] }).vectors;

/** What this reader makes of a vector. Whatever is no refusal is a mistake of the reader. */
export function run({ operation, input }: Vector): Pick<Vector, "expect" | "output"> {
  const answer = operations[operation as keyof typeof operations] as (input: unknown) => object;
  try {
    const output = answer(JSON.parse(JSON.stringify(input), fromHex));
    return { expect: "ok", output: JSON.parse(JSON.stringify(output, toHex)) };
  } catch (error) {
    if (error instanceof Refusal) return { expect: error.code };
    throw error;
  }
}
