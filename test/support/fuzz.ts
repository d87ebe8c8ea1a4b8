import { getNullableType, type GraphQLArgument, type GraphQLField, type GraphQLInputType, isEnumType, isInputObjectType, isListType } from "graphql";
import type { Json } from "./graphql.ts";
import { type InputLeaf, leavesOf, replaceAt } from "./input-leaves.ts";
import { selectionOf } from "./served-schema.ts";

/** Chance that comes again with the same seed. */
export interface Chance {
  /** From 0 to below 1. */
  next(): number;
  below(count: number): number;
  pick<Value>(values: readonly Value[]): Value;
  /** True as often as one in `count`. */
  oneIn(count: number): boolean;
}

/** Mulberry32: small, and the same everywhere. */
export function createChance(seed: number): Chance {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (count: number): number => Math.floor(next() * count);
  return { next, below, pick: (values) => values[below(values.length)] as never, oneIn: (count) => below(count) === 0 };
}

const texts = [
  "", "a", "abc", "A".repeat(43), "_".repeat(22), "x".repeat(20_000), "\0", "a\0b", "\ud800", "\u202e", "e" + "\u0301".repeat(500), "👩‍👩‍👧‍👦", "__proto__", "constructor",
  "' OR 1=1 --", "%", "\\", "${7*7}", "../../etc/passwd", "null", "[]", "W10", "WyJhIl0", "WzEsImEiXQ", "WzFd", "bm90IGpzb24", "W251bGwsMSwxXQ",
];
const numbers = [0, 1, -1, 2, 20, 100, 101, 255, 65_536, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, 2 ** 53 - 1, 2 ** 53, 1e308, -0.5, 0.1];
const others: Json[] = [null, true, false, [], {}, [[[]]], { __proto__: null, a: 1 }, Array.from({ length: 40 }).reduce<Json>((inner) => [inner], 1)];

export function randomBytes(chance: Chance, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => chance.below(256)));
}

/** Some value for a type: often one that fits, sometimes one of `known`, sometimes nothing of the kind. */
export function someValue(chance: Chance, type: GraphQLInputType, known: readonly Json[]): Json {
  const inner = getNullableType(type);
  if (chance.oneIn(12)) return chance.pick([...texts, ...numbers, ...others]);
  if (isListType(inner)) return Array.from({ length: chance.below(4) }, () => someValue(chance, inner.ofType, known));
  if (isEnumType(inner)) return chance.pick([...inner.getValues().map(({ name }) => name), "NOTHING"]);
  if (isInputObjectType(inner)) {
    const fields = Object.values(inner.getFields()).filter(() => !chance.oneIn(15));
    return Object.fromEntries(fields.map((field) => [field.name, someValue(chance, field.type, known)]));
  }
  if (["Int", "Sequence", "Float"].includes(inner.name)) return chance.pick(numbers);
  if (inner.name === "Boolean") return chance.oneIn(2);
  if (chance.oneIn(3)) return chance.pick(known);
  if (chance.oneIn(3)) return chance.pick(texts);
  return randomBytes(chance, chance.pick([0, 1, 16, 32, 64, 96, 105, 162, 192, 226, 563, 1504])).toString("base64url");
}

/** The input with some of its leaves bent: bytes flipped, cut, put together, or taken from elsewhere. */
export function bend(chance: Chance, type: GraphQLInputType, input: Json, known: readonly Json[]): Json {
  let bent = input;
  for (let times = 1 + chance.below(2); times > 0; times -= 1) {
    const leaf = chance.pick(leavesOf(type, bent));
    if (leaf) bent = replaceAt(bent, leaf.path, bendLeaf(chance, leaf, known));
  }
  return bent;
}

function bendLeaf(chance: Chance, { value }: InputLeaf, known: readonly Json[]): Json {
  if (typeof value === "number") return value + chance.pick([-1, 1, 7, -value]);
  if (typeof value !== "string") return chance.pick(others);
  const bytes = Buffer.from(value, "base64url");
  const at = chance.below(bytes.length + 1);
  const ways: (() => Json)[] = [
    () => Buffer.from(bytes.map((byte, index) => (index === at ? byte ^ (1 << chance.below(8)) : byte))).toString("base64url"),
    () => bytes.subarray(0, at).toString("base64url"),
    () => bytes.subarray(at).toString("base64url"),
    () => Buffer.concat([bytes, randomBytes(chance, 1 + chance.below(40))]).toString("base64url"),
    () => Buffer.concat([bytes.subarray(0, at), randomBytes(chance, bytes.length - at)]).toString("base64url"),
    () => chance.pick(known),
    () => chance.pick(texts),
    () => value,
  ];
  return chance.pick(ways)();
}

/** One field of a root type with all of its arguments as variables. */
export function operationOn(kind: "query" | "mutation" | "subscription", field: GraphQLField<unknown, unknown>, valueOf: (argument: GraphQLArgument) => Json): { query: string; variables: Json } {
  const declared = field.args.map((argument) => `$${argument.name}: ${String(argument.type)}`).join(", ");
  const passed = field.args.map(({ name }) => `${name}: $${name}`).join(", ");
  const query = `${kind} ${declared && `(${declared})`} { ${field.name}${passed && `(${passed})`} ${selectionOf(field.type, 2)} }`;
  return { query, variables: Object.fromEntries(field.args.map((argument) => [argument.name, valueOf(argument)])) };
}
