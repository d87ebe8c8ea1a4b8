import { type GraphQLScalarType, Kind, parseValue, type ValueNode } from "graphql";
import { describe, expect, test } from "vitest";
import { encodeCursor, parseCursor } from "../../src/resolvers/cursor.ts";
import {
  BytesScalar,
  CursorScalar,
  EmailHashScalar,
  FriendshipIdScalar,
  HashScalar,
  SequenceScalar,
  SessionIdScalar,
  ShortTextScalar,
  TimestampScalar,
  UserIdScalar,
  UsernameScalar,
} from "../../src/resolvers/scalars.ts";

const bytes = (length: number, fill = 0) => Buffer.alloc(length, fill).toString("base64url");

type Case = [scalar: GraphQLScalarType, accepted: unknown[], refused: unknown[]];
const ids = (scalar: GraphQLScalarType, length: number): Case => [
  scalar,
  [bytes(length), bytes(length, 255)],
  ["", bytes(length - 1), bytes(length + 1), `${bytes(length)}=`, bytes(length).replace("A", "+"), bytes(length, 255).replace(/.$/, "9"), `${bytes(length).slice(1)}ä`, 7, null, true, [], {}],
];
const cases: Case[] = [
  ids(UserIdScalar, 32),
  ids(HashScalar, 32),
  ids(FriendshipIdScalar, 32),
  ids(EmailHashScalar, 32),
  ids(SessionIdScalar, 16),
  [BytesScalar, ["", "AA", bytes(1_572_864)], ["A", "AA==", "AB", "A A", "a.b", bytes(1_572_865), 7, null, ["AA"]]],
  [UsernameScalar, ["abc", "a_1", "a".repeat(30), "___"], ["ab", "a".repeat(31), "Abc", "a-c", "a c", "äbc", "abc\n", "abc\0", "", 123, null]],
  [ShortTextScalar, ["", "Alice's 📱", "x".repeat(100), "🦊".repeat(100)], ["x".repeat(101), "a\0b", "line\nbreak", "\u007f", "\ud800", "lone \udfff", 7, null]],
  [CursorScalar, ["", "abc", "x".repeat(512)], ["x".repeat(513), 7, null]],
  [SequenceScalar, [0, 1, 2 ** 53 - 1], [-1, 0.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY, "1", null, true]],
  [TimestampScalar, [0, 1_800_000_000_000], [-1, 1.5, 2 ** 53, "0", null]],
];

describe.each(cases)("%s", (scalar, accepted, refused) => {
  test("takes what it should, and gives back the same", () => {
    for (const value of accepted) expect(scalar.serialize(scalar.parseValue(value))).toBe(value);
  });

  test("refuses everything else with a code, in words that do not repeat it", () => {
    for (const value of refused) {
      const parse = () => scalar.parseValue(value);
      expect(parse, JSON.stringify(value)?.slice(0, 60)).toThrowError(expect.objectContaining({ extensions: { code: "BAD_INPUT" } }));
      if (typeof value === "string" && value.length > 8) expect(parse).not.toThrowError(value);
    }
  });

  test("reads the same written into the operation", () => {
    const literal = (value: unknown): ValueNode => (typeof value === "string" ? { kind: Kind.STRING, value } : parseValue(JSON.stringify(value)));
    const read = (value: unknown) => scalar.parseLiteral(literal(value));
    for (const value of accepted) expect(scalar.serialize(read(value))).toBe(value);
    for (const value of refused.filter((value) => typeof value === "string" || Number.isSafeInteger(value))) expect(() => read(value)).toThrowError("Expected");
    for (const other of ["1.5", "true", "null", "ENUM", "[1]", "{ a: 1 }"]) expect(() => scalar.parseLiteral(parseValue(other))).toThrowError("Expected");
  });
});

describe("cursors", () => {
  test("give back their parts", () => {
    expect(parseCursor(encodeCursor("ä\ud83e\udd8a", 7), "string", "number")).toEqual(["ä\ud83e\udd8a", 7]);
    expect(parseCursor(null, "string")).toBeUndefined();
    expect(parseCursor(undefined, "string")).toBeUndefined();
  });

  test("of another list, or made up, are refused", () => {
    const made = (text: string) => Buffer.from(text).toString("base64url");
    const wrong = ["", "!", made("7"), made("{}"), made("null"), made("[]"), made("[7]"), made('["a",1.5]'), made('["a",-1]'), made('["a",1e300]'), made('["a\\u0000",1]'), made('["a",1,2]'), Buffer.from([0xff, 0xfe]).toString("base64url")];
    for (const cursor of wrong) {
      expect(() => parseCursor(cursor, "string", "number"), cursor).toThrowError(expect.objectContaining({ code: "BAD_INPUT" }));
    }
  });
});
