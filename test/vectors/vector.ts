import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ProtocolError, type RefusalCode } from "../../src/protocol/index.ts";
import { toHex } from "./hex.ts";
import { operations, type Operation } from "./operations.ts";

/** One case: what goes in and what has to come of it. README.md tells how to read it. */
export interface Vector {
  id: string;
  description: string;
  /** Of PROTOCOL.md. */
  section: string;
  operation: Operation;
  input: object;
  expect: "ok" | RefusalCode;
  /** With "ok" only: what the operation answers. */
  output?: unknown;
}

export interface VectorFile {
  format: 1;
  vectors: Vector[];
}

export const folder = import.meta.dirname;

export const listFiles = (): string[] => readdirSync(folder).filter((name) => name.endsWith(".json") && name !== "digest.json").sort();

export function readVectors(file: string): Vector[] {
  const { format, vectors } = JSON.parse(readFileSync(join(folder, file), "utf8")) as VectorFile;
  if (format !== 1) throw new Error(`${file} has another format than 1`);
  return vectors;
}

export type Outcome = Pick<Vector, "expect" | "output">;

/** What the shipped code makes of a vector. Whatever is no refusal is thrown: it is a mistake of the code or of the vector. */
export function run({ operation, input }: Pick<Vector, "operation" | "input">): Outcome {
  try {
    const answer = operations[operation] as (input: object) => object;
    return { expect: "ok", output: toJson(answer(input)) };
  } catch (error) {
    if (error instanceof ProtocolError) return { expect: error.code };
    throw error;
  }
}

/** Bytes as hexadecimal, everything else as JSON has it. */
function toJson(value: object): unknown {
  return JSON.parse(JSON.stringify(value, (_, one: unknown) => (one instanceof Uint8Array ? toHex(one) : one)));
}
