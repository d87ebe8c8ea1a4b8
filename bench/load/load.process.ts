import { answerWith } from "../harness/child.ts";
import { Connection, type Listener, type Target } from "./connection.ts";

/** Where a number to tell deliveries apart stands: behind this text. */
const SEQ = Buffer.from('"seq":');
const ZERO = 48;

let connections: Connection[] = [];
let deliveries = 0;
let bytesReceived = 0;
let lost: string[] = [];
/** Deliveries with the time of each, while somebody wants to know: pairs of seq and µs of the system's monotonic clock. */
let arrivals: number[] | undefined;
let awaited: { deliveries: number; resolve(): void; reject(error: Error): void } | undefined;

const handlers = {
  /** Opens sockets, one per token, and resolves when each has been sent something. */
  async connect({ target, tokens, atOnce }: { target: Target; tokens: (string | null)[]; atOnce: number }): Promise<void> {
    const queue = [...tokens];
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        for (let token = queue.shift(); token !== undefined; token = queue.shift()) await open(target, token ?? undefined);
      }),
    );
  },

  /** Resolves when that many have come since the last `reset`. */
  async until({ deliveries: count, timeoutMs }: { deliveries: number; timeoutMs: number }): Promise<void> {
    if (lost.length > 0) throw new Error(describeLoss());
    if (deliveries >= count) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${deliveries} of ${count} deliveries within ${timeoutMs} ms`)), timeoutMs);
      awaited = { deliveries: count, resolve: () => (clearTimeout(timer), resolve()), reject: (error) => (clearTimeout(timer), reject(error)) };
    });
  },

  /** Counts from zero again. */
  reset({ withArrivals }: { withArrivals: boolean }): void {
    deliveries = 0;
    bytesReceived = 0;
    arrivals = withArrivals ? [] : undefined;
  },

  counts: () => ({ deliveries, bytesReceived, sockets: connections.length, lost: lost.length }),
  arrivals: () => arrivals ?? [],

  disconnect(): void {
    for (const connection of connections) connection.close();
    connections = [];
    lost = [];
  },
};
export type LoadHandlers = typeof handlers;

answerWith(handlers);

/** Resolves with the first delivery, which tells that the subscription runs. */
function open(target: Target, token: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    let isFirst = true;
    const listener: Listener = {
      onNext(bytes, start, end) {
        if (isFirst) {
          isFirst = false;
          return resolve();
        }
        count(bytes, start, end);
      },
      onEnd(reason) {
        if (isFirst) return reject(new Error(`a socket was not subscribed: ${reason}`));
        lost.push(reason);
        awaited?.reject(new Error(describeLoss()));
      },
    };
    connections.push(new Connection(target, token, listener));
  });
}

function count(bytes: Buffer, start: number, end: number): void {
  deliveries += 1;
  bytesReceived += end - start;
  if (arrivals) arrivals.push(readSeq(bytes, start), Number(process.hrtime.bigint() / 1000n));
  if (awaited && deliveries >= awaited.deliveries) {
    const { resolve } = awaited;
    awaited = undefined;
    resolve();
  }
}

function readSeq(bytes: Buffer, start: number): number {
  let seq = 0;
  for (let at = bytes.indexOf(SEQ, start) + SEQ.length; isDigit(bytes[at]); at++) seq = seq * 10 + (bytes[at] as number) - ZERO;
  return seq;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte < ZERO + 10;
}

function describeLoss(): string {
  return `${lost.length} of ${connections.length} sockets were lost, the first one: ${lost[0]}`;
}
