import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from "graphql";
import { encodeBase64url, HASH_BYTES, parseBase64url, SESSION_ID_BYTES } from "../protocol/index.ts";

// Descriptions live in schema.graphql. What a scalar refuses never reaches a service; its text never repeats the input.

const MAX_BYTES = 1_572_864;
const MAX_SHORT_TEXT_CHARACTERS = 100;
const MAX_CURSOR_CHARACTERS = 512;

/** A scalar over one kind of JSON value. `parse` returns the internal value, or undefined to refuse. */
function createScalar<JsonValue extends string | number, Value>(options: {
  name: string;
  expects: string;
  json: "string" | "number";
  parse: (value: JsonValue) => Value | undefined;
  serialize: (value: Value) => JsonValue;
}): GraphQLScalarType<Value, JsonValue> {
  const parseValue = (input: unknown): Value => {
    const value = typeof input === options.json ? options.parse(input as JsonValue) : undefined;
    if (value === undefined) throw new GraphQLError(`Expected ${options.expects}.`, { extensions: { code: "BAD_INPUT" } });
    return value;
  };
  return new GraphQLScalarType({
    name: options.name,
    parseValue,
    parseLiteral: (node) => parseValue(literalValue(node)),
    serialize: (value) => options.serialize(value as Value),
  });
}

function literalValue(node: ValueNode): unknown {
  if (node.kind === Kind.STRING) return node.value;
  return node.kind === Kind.INT ? Number(node.value) : undefined;
}

function parseBytes(text: string): Uint8Array | undefined {
  try {
    return parseBase64url(text);
  } catch {
    return undefined;
  }
}

function createBytesScalar(name: string, length: number): GraphQLScalarType<Uint8Array, string> {
  const characters = Math.ceil((length * 4) / 3);
  return createScalar<string, Uint8Array>({
    name,
    expects: `${length} bytes as ${characters} characters of base64url without padding`,
    json: "string",
    parse: (text) => (text.length === characters ? parseBytes(text) : undefined),
    serialize: encodeBase64url,
  });
}

function createTextScalar(name: string, expects: string, accepts: (text: string) => boolean): GraphQLScalarType<string, string> {
  return createScalar<string, string>({
    name,
    expects,
    json: "string",
    parse: (text) => (accepts(text) ? text : undefined),
    serialize: (text) => text,
  });
}

function createNumberScalar(name: string): GraphQLScalarType<number, number> {
  return createScalar<number, number>({
    name,
    expects: "a whole number from 0 to 2^53 - 1",
    json: "number",
    parse: (number) => (Number.isSafeInteger(number) && number >= 0 ? number : undefined),
    serialize: (number) => number,
  });
}

export const UserIdScalar = createBytesScalar("UserId", HASH_BYTES);
export const HashScalar = createBytesScalar("Hash", HASH_BYTES);
export const EmailHashScalar = createBytesScalar("EmailHash", HASH_BYTES);
export const FriendshipIdScalar = createBytesScalar("FriendshipId", HASH_BYTES);
export const SessionIdScalar = createBytesScalar("SessionId", SESSION_ID_BYTES);

export const BytesScalar = createScalar<string, Uint8Array>({
  name: "Bytes",
  expects: `at most ${MAX_BYTES} bytes in base64url without padding`,
  json: "string",
  parse: (text) => (text.length <= (MAX_BYTES * 4) / 3 ? parseBytes(text) : undefined),
  serialize: encodeBase64url,
});

export const UsernameScalar = createTextScalar("Username", "a user name of 3 to 30 of the characters a-z, 0-9 and underscore", (text) =>
  /^[a-z0-9_]{3,30}$/.test(text),
);

export const ShortTextScalar = createTextScalar(
  "ShortText",
  `well-formed text of at most ${MAX_SHORT_TEXT_CHARACTERS} characters without control characters`,
  (text) => [...text].length <= MAX_SHORT_TEXT_CHARACTERS && !/[\p{Cc}\p{Surrogate}]/u.test(text),
);

export const CursorScalar = createTextScalar("Cursor", "a cursor that a page gave you", (text) => text.length <= MAX_CURSOR_CHARACTERS);

export const SequenceScalar = createNumberScalar("Sequence");
export const TimestampScalar = createNumberScalar("Timestamp");
