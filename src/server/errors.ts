import { GraphQLError, type GraphQLFormattedError, Kind } from "graphql";
import { DomainError, ERROR_CODES, REFUSAL_CODES } from "../domain/domain-error.ts";
import type { Log } from "../domain/log.ts";
import type { Random } from "../domain/ports/index.ts";
import { encodeBase64url } from "../protocol/index.ts";

/** Codes that say what is wrong with the question itself. Nothing was executed. */
const QUESTION_CODES = ["GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "OPERATION_RESOLUTION_FAILURE", "BAD_REQUEST"] as const;

/** Stock clients that try persisted queries first send the whole document when they read this. */
const NOT_PERSISTED = "PERSISTED_QUERY_NOT_SUPPORTED";

/** All that an error may be called on its way out; everything else is INTERNAL. */
const PUBLIC_CODES: ReadonlySet<unknown> = new Set([...QUESTION_CODES, NOT_PERSISTED, ...ERROR_CODES, ...REFUSAL_CODES]);

const MAX_TEXT_CHARACTERS = 300;
const ERROR_ID_BYTES = 9;

/** What leaves the relay of an error, on both transports. */
export type PublicError = GraphQLFormattedError & { extensions: { code: string; id?: string; retryAfterSeconds?: number } };
export type FormatError = (error: unknown) => PublicError;

/**
 * Turns any error into what may leave the relay: refusals of the domain and errors about the question keep their text;
 * of anything else only a random id leaves, which the log knows too.
 */
export function createErrorFormatter({ log, random }: { log: Log; random: Random }): FormatError {
  return (error) => {
    const place = placeOf(error);
    const cause = causeOf(error);
    if (cause instanceof DomainError) return { message: cause.message, ...place, extensions: { code: cause.code, ...retryAfter(cause) } };
    if (cause instanceof GraphQLError) {
      const code = questionCode(error) ?? questionCode(cause);
      if (code !== undefined) return { message: questionText(error, cause), ...place, extensions: { code } };
    }
    const id = encodeBase64url(random.bytes(ERROR_ID_BYTES));
    log.error("unexpected error", { errorId: id, error: cause });
    return { message: `Something went wrong on the relay; nothing more is known here. Its log knows it as ${id}.`, ...place, extensions: { code: "INTERNAL", id } };
  };
}

/** The error with a code of the allow-list. */
export function withQuestionCode(error: GraphQLError, code: (typeof QUESTION_CODES)[number]): GraphQLError {
  const { message, nodes, source, positions, originalError } = error;
  return new GraphQLError(message, { nodes: nodes ?? null, source, positions, originalError, extensions: { code } });
}

/** What was thrown first; the executor wraps it once for each level. */
function causeOf(error: unknown): unknown {
  return error instanceof GraphQLError && error.originalError ? causeOf(error.originalError) : error;
}

function placeOf(error: unknown): Pick<GraphQLFormattedError, "path" | "locations"> {
  if (!(error instanceof GraphQLError)) return {};
  return { ...(error.path && { path: error.path }), ...(error.locations && { locations: error.locations }) };
}

function questionCode(error: unknown): string | undefined {
  if (!(error instanceof GraphQLError)) return undefined;
  const code = error.extensions["code"];
  if (PUBLIC_CODES.has(code)) return code as string;
  if (code === "BAD_USER_INPUT") return "BAD_INPUT";
  // The executor gives no code when a variable does not fit its type; no field was reached then.
  const concernsVariable = error.nodes?.[0]?.kind === Kind.VARIABLE_DEFINITION;
  return code === undefined && error.path === undefined && concernsVariable ? "BAD_INPUT" : undefined;
}

/** Names of the schema are not guessed for the client, and what it sent is not sent back at length. */
function questionText(error: unknown, cause: GraphQLError): string {
  const text = error instanceof GraphQLError ? withoutValue(error.message, cause.message) : cause.message;
  const plain = text.replace(/ ?Did you mean[\s\S]*$/, "");
  return plain.length <= MAX_TEXT_CHARACTERS ? plain : `${plain.slice(0, MAX_TEXT_CHARACTERS)}…`;
}

/** `Variable "$x" got invalid value "…" at "x.y"; why` → `Variable "$x" is not valid at "x.y": why`. */
function withoutValue(text: string, why: string): string {
  const [, variable] = /^(Variable "\$\w+") got invalid value /.exec(text) ?? [];
  if (variable === undefined || !text.endsWith(why)) return text;
  const [, place = ""] = /( at "[\w.[\]]+")?; $/.exec(text.slice(0, -why.length)) ?? [];
  return `${variable} is not valid${place}: ${why}`;
}

function retryAfter(error: DomainError): { retryAfterSeconds?: number } {
  const seconds = error.details["retryAfterSeconds"];
  return typeof seconds === "number" ? { retryAfterSeconds: seconds } : {};
}

/** The HTTP status of an answer, by the codes of its errors: the gravest decides. Refusals are answers, not failures. */
export function httpStatusOf(codes: readonly unknown[]): number {
  const statuses = codes.map((code) => STATUS_BY_CODE.get(code) ?? 200);
  return Math.max(200, ...statuses);
}

const STATUS_BY_CODE: ReadonlyMap<unknown, number> = new Map([
  ...QUESTION_CODES.map((code) => [code, 400] as const),
  ["BAD_INPUT", 400],
  ["UNAUTHENTICATED", 401],
  ["RATE_LIMITED", 429],
  ["INTERNAL", 500],
  ["UNAVAILABLE", 503],
]);
