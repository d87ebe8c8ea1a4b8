import { answerWith, type Handlers } from "../harness/child.ts";

/** What a peer delivers: the same fields, of the same size, as the relay's own. */
export type Delivery = { __typename: "CaughtUp"; authors: number } | { __typename: "EntryAppended"; entry: PeerEntry };
interface PeerEntry {
  author: string;
  seq: number;
  bytes: string;
  withdrawn: boolean;
  receipt: { bytes: string };
}

/** The part of the relay's contract that the subscription of the bench selects from. */
export const SDL = /* GraphQL */ `
  type Query { relay: String }
  type Subscription { entryAppended(after: [PositionInput!]!): EntryDelivery! }
  input PositionInput { author: String! seq: Float! }
  union EntryDelivery = EntryAppended | CaughtUp
  type EntryAppended { entry: Entry! }
  type CaughtUp { authors: Int! }
  type Entry { author: String! seq: Float! bytes: String! withdrawn: Boolean! receipt: Receipt! }
  type Receipt { bytes: String! }
`;

const USER_ID_CHARACTERS = 43;
const RECEIPT_CHARACTERS = 194;

/** As the relay's stream begins: a subscriber learns that it is listening. */
export const CAUGHT_UP: Delivery = { __typename: "CaughtUp", authors: 1 };

/** What all subscribers of a peer hear. */
const listeners = new Set<(delivery: Delivery) => void>();

/** Returns the function that ends it. */
export function listen(listener: (delivery: Delivery) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const resolvers = { Subscription: { entryAppended: { subscribe: () => stream() } } };

/** One subscriber's stream, as cheap as an async iterator can be: what a peer costs more is its own. */
function stream(): AsyncIterableIterator<{ entryAppended: Delivery }> {
  const queue: Delivery[] = [CAUGHT_UP];
  let wake: ((result: IteratorResult<{ entryAppended: Delivery }>) => void) | undefined;
  const stop = listen((delivery) => {
    if (!wake) return void queue.push(delivery);
    const resolve = wake;
    wake = undefined;
    resolve({ done: false, value: { entryAppended: delivery } });
  });
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next() {
      const delivery = queue.shift();
      if (delivery) return Promise.resolve({ done: false, value: { entryAppended: delivery } });
      return new Promise((resolve) => (wake = resolve));
    },
    return() {
      stop();
      wake?.({ done: true, value: undefined });
      return Promise.resolve({ done: true, value: undefined });
    },
  };
}

/** In a peer's process: starts it when asked, and publishes so many entries in one tick. */
export function servePeer(start: () => Promise<{ port: number; path: string }>): void {
  let seq = 1_000_000;
  answerWith({
    start,
    publish({ entries, entryBytes, isHeard }: Publication): void {
      for (let index = 0; index < entries; index++) {
        const delivery = makeDelivery(seq++, entryBytes);
        if (isHeard) for (const listener of listeners) listener(delivery);
      }
    },
  });
}

interface Publication {
  entries: number;
  entryBytes: number;
  /** Or made for nobody, which tells what making it costs. */
  isHeard: boolean;
}

export interface PeerHandlers extends Handlers {
  start(argument: undefined): Promise<{ port: number; path: string }>;
  publish(argument: Publication): void;
}

/** Fresh text each time, as entries differ. */
function makeDelivery(seq: number, entryBytes: number): Delivery {
  const text = (characters: number): string => Buffer.alloc(characters, `${seq.toString(36)}-`).toString("latin1");
  return {
    __typename: "EntryAppended",
    entry: { author: text(USER_ID_CHARACTERS), seq, bytes: text(Math.ceil((entryBytes * 4) / 3)), withdrawn: false, receipt: { bytes: text(RECEIPT_CHARACTERS) } },
  };
}
