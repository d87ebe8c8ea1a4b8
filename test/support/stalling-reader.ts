import { expect } from "vitest";
import { openRawSocket, type RawSocket } from "./raw-socket.ts";
import type { RelayProcess } from "./relay-process.ts";

const QUERY = "subscription ($after: [PositionInput!]!) { entryAppended(after: $after) { ... on EntryAppended { entry { author seq bytes } } ... on CaughtUp { authors } } }";

/** Several at once, so that more waits on a socket than anybody's network holds. */
export const OPERATIONS = ["a", "b", "c", "d"];

export interface StallingReader {
  /** By operation: the places of each author's entries, in the order in which they came. */
  seen: Map<string, Map<string, number[]>>;
  /** How often the relay gave it up. */
  readonly stalls: number;
  /** Reads again, to the end of what is written, and stops. */
  finish(last: ReadonlyMap<string, number>): Promise<void>;
}

/** Subscribes to whole entries and takes none of them once it has caught up, until the relay closes it with 4290; then it resumes from what it holds, and stalls again. */
export function createStallingReader(relay: RelayProcess, accessToken: string, after: ReadonlyMap<string, number>): StallingReader {
  const positions = new Map(OPERATIONS.map((id) => [id, new Map(after)]));
  const seen = new Map(OPERATIONS.map((id) => [id, new Map([...after.keys()].map((author) => [author, [] as number[]]))]));
  let stalls = 0;
  let last: ReadonlyMap<string, number> | undefined;

  /** Takes what arrived. Returns the operations that were told that nothing missed is left. */
  function take({ messages }: RawSocket): string[] {
    const caughtUp: string[] = [];
    for (const { id, payload } of messages.splice(0)) {
      const { entry, authors } = payload.data.entryAppended;
      if (authors !== undefined) caughtUp.push(id);
      if (!after.has(entry?.author)) continue;
      positions.get(id)?.set(entry.author, entry.seq);
      seen.get(id)?.get(entry.author)?.push(entry.seq);
    }
    return caughtUp;
  }

  const isAtEnd = (): boolean => [...positions.values()].every((held) => [...(last ?? [["", 0]])].every(([author, seq]) => Number(held.get(author)) >= seq));
  const givenUp = (): number => relay.log.split('"code":4290').length;

  async function readOnce(): Promise<void> {
    const socket = await openRawSocket(relay);
    expect(await socket.init(accessToken)).toEqual({ type: "connection_ack" });
    const known = givenUp();
    for (const [id, held] of positions) {
      const variables = { after: [...held].map(([author, seq]) => ({ author, seq })) };
      socket.send({ id, type: "subscribe", payload: { query: QUERY, variables } });
    }
    const isOpen = (): boolean => socket.socket.readyState === socket.socket.OPEN;
    for (let caughtUp = 0; isOpen() && caughtUp < OPERATIONS.length; caughtUp += take(socket).length) await pause();
    if (isOpen()) socket.socket.pause();
    while (givenUp() === known && !last) await pause();
    if (isOpen()) socket.socket.resume();
    while (isOpen() && givenUp() === known && !isAtEnd()) {
      await pause();
      take(socket);
    }
    if (givenUp() === known) return socket.close();
    expect((await socket.closed).code).toBe(4290);
    stalls += 1;
    take(socket);
  }

  const reading = (async () => {
    do await readOnce();
    while (!isAtEnd());
  })();
  // Whoever finishes it hears of what failed.
  reading.catch(() => undefined);

  return {
    seen,
    get stalls() {
      return stalls;
    },
    async finish(given) {
      last = given;
      await reading;
    },
  };
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));
