/** Comes in between a client and its relay: `send` passes the request on, and its answer, or an error, is what the client gets. */
type Hand = (send: () => Promise<Response>) => Promise<Response>;

/** A fetch that a test may stop at an operation, and cut for good, as when a device crashes. */
export interface HeldRequests {
  fetch: typeof fetch;
  /** What becomes of requests for this root field. */
  when(field: string, hand: Hand): void;
  /** Resolves when a request for this field is under way. */
  reached(field: string): Promise<void>;
  /** From now on nothing leaves the device, and nothing that it waits for arrives. */
  cut(): void;
  /** Lets go of everything, so that what is left of the client can be closed. */
  release(): void;
}

export function hold(): HeldRequests {
  const hands = new Map<string, Hand>();
  const waiting = new Map<string, PromiseWithResolvers>();
  const released = withResolvers();
  let isCut = false;
  const arrival = (field: string): PromiseWithResolvers => {
    const known = waiting.get(field) ?? withResolvers();
    waiting.set(field, known);
    return known;
  };
  return {
    async fetch(input, init) {
      if (isCut) {
        await released.promise;
        throw new Error("this request was cut off");
      }
      const text = typeof init?.body === "string" ? init.body : "";
      for (const [field, hand] of hands) {
        if (!text.includes(`${field}(`)) continue;
        arrival(field).resolve();
        return hand(() => fetch(input, init));
      }
      return fetch(input, init);
    },
    when: (field, hand) => void hands.set(field, hand),
    reached: (field) => arrival(field).promise,
    cut: () => void (isCut = true),
    release() {
      isCut = false;
      hands.clear();
      released.resolve();
    },
  };
}

interface PromiseWithResolvers {
  promise: Promise<void>;
  resolve: () => void;
}

function withResolvers(): PromiseWithResolvers {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
}
