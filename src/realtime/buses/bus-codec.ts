import type { RelayEvent } from "../../domain/ports/index.ts";
import { encodeBase64url, parseBase64url } from "../../protocol/index.ts";

/**
 * What processes of a relay tell each other, as text: `pb1`, the process, the message's number and the events, with spaces
 * between them. An event is a letter and its fields with commas between them, ids in base64url:
 *
 *   e author,seq,endedEdges    f user,number    d user    s user,session,…    g
 *
 * No entry, name or key is among it. Whatever does not read exactly like this is not for us.
 */
export interface BusMessage {
  /** Random, 16 bytes in base64url: who published it. */
  processId: string;
  /** Of one process, from 1 on without a hole: what is missing was lost. */
  number: number;
  events: RelayEvent[];
}

/** PostgreSQL carries less than 8000 bytes in a notification. Every character is one byte. */
export const MAX_MESSAGE_BYTES = 7_000;
/** Of a sessionsEnded event; a longer list travels in several. */
const MAX_SESSIONS = 64;

const USER_CHARACTERS = 43;
const SESSION_CHARACTERS = 22;
const MESSAGE = /^pb1 ([\w-]{22}) ([1-9]\d{0,14})((?: [defgs][\w,-]*)+)$/;
const COUNT = /^(?:0|[1-9]\d{0,14})$/;

export const GAP = "g";

/** The event as one text, or several where it is long. */
export function encodeEvent(event: RelayEvent): string[] {
  switch (event.kind) {
    case "entry":
      return [`e${encodeBase64url(event.author)},${event.seq},${event.endedEdges}`];
    case "friendship":
      return [`f${encodeBase64url(event.userId)},${event.number}`];
    case "edges":
      return [`d${encodeBase64url(event.userId)}`];
    case "sessionsEnded": {
      const ids = event.sessionIds.map(encodeBase64url);
      const parts = Array.from({ length: Math.ceil(ids.length / MAX_SESSIONS) }, (_, part) => ids.slice(part * MAX_SESSIONS, (part + 1) * MAX_SESSIONS));
      return parts.map((part) => [`s${encodeBase64url(event.userId)}`, ...part].join(","));
    }
    case "gap":
      return [GAP];
  }
}

/** One message of encoded events, which fit into it. */
export function encodeMessage(processId: string, number: number, events: readonly string[]): string {
  return ["pb1", processId, number, ...events].join(" ");
}

/** Undefined for whatever is not a message of a relay's process. */
export function parseMessage(text: string): BusMessage | undefined {
  if (text.length > MAX_MESSAGE_BYTES) return undefined;
  const [, processId, number, rest] = MESSAGE.exec(text) ?? [];
  if (processId === undefined || rest === undefined) return undefined;
  const events = rest.slice(1).split(" ").map(parseEvent);
  return events.every((event) => event !== undefined) ? { processId, number: Number(number), events } : undefined;
}

function parseEvent(text: string): RelayEvent | undefined {
  if (text === GAP) return { kind: "gap" };
  const [first = "", ...rest] = text.slice(1).split(",");
  const id = parseId(first, USER_CHARACTERS);
  if (!id) return undefined;
  switch (text[0]) {
    case "e": {
      const [seq, endedEdges, ...more] = rest.map(parseCount);
      return seq === undefined || endedEdges === undefined || more.length > 0 ? undefined : { kind: "entry", author: id, seq, endedEdges, entry: undefined };
    }
    case "f": {
      const [number, ...more] = rest.map(parseCount);
      return number === undefined || more.length > 0 ? undefined : { kind: "friendship", userId: id, number };
    }
    case "d":
      return rest.length > 0 ? undefined : { kind: "edges", userId: id };
    case "s": {
      const sessionIds = rest.map((session) => parseId(session, SESSION_CHARACTERS));
      return sessionIds.length > 0 && sessionIds.every((session) => session !== undefined) ? { kind: "sessionsEnded", userId: id, sessionIds } : undefined;
    }
    default:
      return undefined;
  }
}

function parseId(text: string, characters: number): Uint8Array | undefined {
  if (text.length !== characters) return undefined;
  try {
    return parseBase64url(text);
  } catch {
    return undefined;
  }
}

function parseCount(text: string): number | undefined {
  return COUNT.test(text) ? Number(text) : undefined;
}
