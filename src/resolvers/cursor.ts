import { DomainError } from "../domain/domain-error.ts";
import { encodeBase64url, encodeUtf8, HASH_BYTES, parseBase64url, parseUtf8 } from "../protocol/index.ts";

/** What a cursor holds: where the last element of a page stands. Bytes are put in as base64url. */
export type CursorPart = string | number;

/** A place in a list as an opaque text. */
export function encodeCursor(...parts: CursorPart[]): string {
  return encodeBase64url(encodeUtf8(JSON.stringify(parts)));
}

/**
 * The parts of a cursor, or undefined where there is none. `kinds` says what the list's cursors hold, in order.
 * @throws DomainError BAD_INPUT for a cursor of another list, or one that somebody made up
 */
export function parseCursor<Kinds extends ("string" | "number")[]>(
  cursor: string | null | undefined,
  ...kinds: Kinds
): { [Index in keyof Kinds]: Kinds[Index] extends "string" ? string : number } | undefined {
  if (cursor === null || cursor === undefined) return undefined;
  const parts = parseParts(cursor);
  const fits = parts?.length === kinds.length && parts.every((part, index) => typeof part === kinds[index] && isUsable(part));
  if (!fits) throw foreignCursor();
  return parts as ReturnType<typeof parseCursor<Kinds>>;
}

/** An id or hash of 32 bytes as a part of a cursor. */
export const encodeCursorId: (id: Uint8Array) => string = encodeBase64url;

/** The id that a part of a cursor holds. @throws DomainError BAD_INPUT */
export function cursorId(part: string): Uint8Array {
  const id = parseId(part);
  if (id?.length === HASH_BYTES) return id;
  throw foreignCursor();
}

function parseId(part: string): Uint8Array | undefined {
  try {
    return parseBase64url(part);
  } catch {
    return undefined;
  }
}

function foreignCursor(): DomainError {
  return new DomainError("BAD_INPUT", "This cursor is not from this list: start without one.");
}

function parseParts(cursor: string): unknown[] | undefined {
  try {
    const parts: unknown = JSON.parse(parseUtf8(parseBase64url(cursor)));
    return Array.isArray(parts) ? parts : undefined;
  } catch {
    return undefined;
  }
}

// The database takes neither NUL characters nor numbers that are no integers.
function isUsable(part: unknown): boolean {
  return typeof part === "number" ? Number.isSafeInteger(part) && part >= 0 : !(part as string).includes("\0");
}
