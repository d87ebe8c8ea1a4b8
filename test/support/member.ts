import { readFileSync } from "node:fs";
import { buildSchema } from "graphql";
import { finishLogin, startLogin } from "../../src/crypto/index.ts";
import { encodeBase64url, parseBase64url } from "../../src/protocol/index.ts";
import { Author } from "./author.ts";
import { type Answer, ask, type Json } from "./graphql.ts";
import { registerPerson, type RegisteredPerson } from "./registered.ts";
import { fieldType, selectionOf } from "./served-schema.ts";
import type { TestRelay } from "./test-relay.ts";

const schema = buildSchema(readFileSync(new URL("../../schema.graphql", import.meta.url), "utf8"));

type Relay = { url: string };

/** Somebody with a session, whose hand signs whatever a test wants to send over the wire. */
export interface Member extends RegisteredPerson {
  hand: Author;
}

/** Registers somebody new over the wire. */
export async function createMember(relay: Relay): Promise<Member> {
  const person = await registerPerson(relay);
  return { ...person, hand: handOf(person) };
}

function handOf(person: RegisteredPerson): Author {
  const clock = { ms: Date.now(), nowMs: () => Date.now() };
  const viewer = { userId: person.userId, sessionId: parseBase64url(person.sessionId) };
  // It signs and stores nothing by itself, so it needs no more of a relay than the time.
  return new Author({ clock } as TestRelay, { ...person, viewer });
}

/** The answer to a mutation. */
export interface Outcome extends Answer {
  /** What the mutation's field holds, down to the leaves of its parts. */
  result: Json;
  /** The code of a refusal or error, else the name of the result. */
  word: string;
}

/** Runs a mutation with one input; bytes may be given as they are. */
export async function mutate(relay: Relay, mutation: string, input: unknown, token?: string): Promise<Outcome> {
  const answer = await ask(relay, { query: mutationText(mutation), variables: { input: toJson(input) }, token });
  const result: Json = answer.data?.[mutation];
  return { ...answer, result, word: String(answer.codes[0] ?? result?.code ?? result?.__typename) };
}

/** As `mutate`, for what has to succeed. Returns the result. */
export async function succeed(relay: Relay, mutation: string, input: unknown, token?: string): Promise<Json> {
  const { result, text } = await mutate(relay, mutation, input, token);
  if (!result || "code" in result) throw new Error(`${mutation}: ${text}`);
  return result;
}

/** The text of a mutation that selects all that it may answer. */
function mutationText(mutation: string): string {
  const root = schema.getMutationType();
  const inputType = root?.getFields()[mutation]?.args[0]?.type;
  return `mutation ($input: ${String(inputType)}) { ${mutation}(input: $input) ${selectionOf(fieldType(schema, "Mutation", mutation), 2)} }`;
}

/** The value with its bytes in base64url. */
export function toJson(value: unknown): Json {
  if (value instanceof Uint8Array) return encodeBase64url(value);
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, toJson(part)]));
}

/** The first step of a login, with the proof that the second one takes. */
export async function proveMember(relay: Relay, { username, password }: Pick<Member, "username" | "password">): Promise<{ loginId: string; loginFinish: string }> {
  const { state, request } = startLogin(password);
  const { loginId, loginResponse } = await succeed(relay, "startLogin", { username, loginRequest: request });
  const { finish } = finishLogin({ state, password, response: loginResponse }, { unsafeKeyStretching: true });
  return { loginId, loginFinish: finish };
}
