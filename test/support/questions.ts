import { getNamedType, type GraphQLOutputType, type GraphQLSchema, isObjectType } from "graphql";
import { logLeafHashOf, userNameHashOf } from "../../src/crypto/public.ts";
import { encodeBase64url } from "../../src/protocol/index.ts";
import type { AccessRow } from "./access-table.ts";
import type { Cast, Role } from "./cast.ts";
import type { Json } from "./graphql.ts";
import { queryCalls, queryDoors } from "./query-access.ts";
import { fieldType, selectionOf } from "./served-schema.ts";

/** A query about Alice's things, and where in its answer the value in question stands. */
export interface Question {
  query: string;
  path: string[];
}

const variableTypes: Record<string, string> = {
  alice: "UserId!",
  username: "Username!",
  search: "ShortText!",
  email: "EmailHash!",
  friendship: "FriendshipId!",
  friendshipOfOthers: "FriendshipId!",
  seq: "Sequence!",
  leaf: "Hash!",
};

/** The question that reaches one field of a row. */
export function questionOf(schema: GraphQLSchema, { type, label }: Pick<AccessRow, "type" | "label">, field: string): Question {
  const withLabel = (name: string): string => (label === "" ? name : `${name}@${label}`);
  const isRoot = type === "Query";
  const door = isRoot ? "_" : (queryDoors[withLabel(type)] ?? "");
  const call = isRoot ? (queryCalls[withLabel(field)] ?? "") : field;
  if (door === "" || call === "") throw new Error(`nothing leads to ${type}.${field}`);
  const selection = selectionOf(fieldType(schema, type, field));
  const path = door.replaceAll(/\([^)]*\)/g, "").match(/\w+/g) ?? [];
  return { query: withVariables(door.replace("_", `${call} ${selection}`)), path: path.map((name) => (name === "_" ? field : name)) };
}

/** A query with this selection, which declares the variables that it uses. */
export function withVariables(selection: string): string {
  const names = [...new Set(selection.match(/\$\w+/g))];
  const declared = names.map((name) => `${name}: ${variableTypes[name.slice(1)] ?? ""}`).join(", ");
  return `query ${names.length > 0 ? `(${declared})` : ""} { ${selection} }`;
}

/** What a role asks about, as far as the query wants to know it. */
export function variablesOf({ alice, emailHash, thoughtSeq, friendshipOf }: Cast, role: Role, query: string): Record<string, unknown> {
  const all = {
    alice: encodeBase64url(alice.userId),
    username: alice.username,
    search: alice.username,
    email: encodeBase64url(emailHash),
    friendship: encodeBase64url(friendshipOf(role)),
    friendshipOfOthers: encodeBase64url(friendshipOf(role === "friend" ? "exFriend" : "friend")),
    seq: thoughtSeq,
    leaf: encodeBase64url(logLeafHashOf({ nameHash: userNameHashOf(alice.username), userId: alice.userId, cardHash: alice.cardHash })),
  };
  return Object.fromEntries(Object.entries(all).filter(([name]) => query.includes(`$${name}:`)));
}

/** The values at a path; those of a list's elements one behind the other. */
export function valuesAt(value: Json, [name, ...rest]: string[]): Json {
  if (Array.isArray(value)) return value.map((element) => valuesAt(element, name === undefined ? [] : [name, ...rest]));
  if (name === undefined || value === null || value === undefined) return value;
  return valuesAt(value[name], rest);
}

/** The nested selection of everything that can be reached; no type more than once on the way, a user twice: as one's own and as another's. */
export function everythingOf(outputType: GraphQLOutputType, passed: string[] = []): string {
  const type = getNamedType(outputType);
  if (!isObjectType(type)) return "";
  const way = [...passed, type.name];
  const parts = Object.values(type.getFields()).flatMap((field) => {
    const inner = getNamedType(field.type);
    if (!isObjectType(inner)) return [field.name];
    const times = way.filter((name) => name === inner.name).length;
    return times < (inner.name === "User" ? 2 : 1) ? [`${field.name} ${everythingOf(inner, way)}`] : [];
  });
  return `{ ${parts.join(" ")} }`;
}

/** Whether there is nothing in it but empty lists. */
export function isEmpty(value: Json): boolean {
  if (Array.isArray(value)) return value.every(isEmpty);
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).every(isEmpty);
}
