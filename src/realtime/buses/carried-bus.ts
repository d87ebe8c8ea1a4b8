import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../../domain/log.ts";
import type { Random } from "../../domain/ports/index.ts";
import { idKey } from "../../protocol/index.ts";
import { createInbox } from "./inbox.ts";
import { createInProcessBus } from "./in-process-bus.ts";
import { createOutbox } from "./outbox.ts";
import type { RelayBus } from "./relay-bus.ts";

/** One connection to what carries messages between processes. It does not come back by itself. */
export interface Carrier {
  /** In order. Rejects when some of them may not have been taken. */
  send(messages: string[]): Promise<void>;
  /** Resolves when the connection is over, whoever ended it. Never rejects. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
}

export interface CarriedBusOptions {
  /** Opens a connection that already listens when this resolves. */
  connect(receive: (message: string) => void): Promise<Carrier>;
  random: Random;
  log: Log;
}

const PROCESS_ID_BYTES = 16;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
const LAST_WORDS_MS = 1_000;

/**
 * A bus over a connection that may break. Listeners of this process never wait for it: they hear before anything is sent.
 * Whatever the others may have missed, or this process of theirs, becomes a gap. Rejects when the first connection fails.
 */
export async function createCarriedBus({ connect, random, log }: CarriedBusOptions): Promise<RelayBus> {
  const processId = idKey(random.bytes(PROCESS_ID_BYTES));
  const local = createInProcessBus(log);
  const outbox = createOutbox(processId);
  const read = createInbox(processId);
  const closing = new AbortController();
  const receive = (message: string): void => {
    if (!closing.signal.aborted) for (const event of read(message)) local.publish(event);
  };
  let carrier: Carrier | undefined;
  let flushing: Promise<void> | undefined;
  /** In a row. What connects and cannot send is no better than what does not connect. */
  let failures = 0;

  /** Joins what is published in one tick, and what is published while that is being sent. */
  function flush(): void {
    flushing ??= send().finally(() => (flushing = undefined));
  }

  async function send(): Promise<void> {
    await setImmediate();
    while (carrier && !outbox.isEmpty) {
      const present = carrier;
      try {
        await present.send(outbox.take());
        failures = 0;
      } catch (error) {
        failures += 1;
        log.warn("the bus could not send", { error });
        outbox.noteLoss();
        if (carrier === present) carrier = undefined;
        void present.close();
      }
    }
  }

  async function connectAgain(): Promise<Carrier | undefined> {
    while (!closing.signal.aborted) {
      await sleep(pauseMs(failures, random), undefined, { signal: closing.signal }).catch(() => undefined);
      if (closing.signal.aborted) return undefined;
      try {
        return await connect(receive);
      } catch (error) {
        failures += 1;
        log.warn("the bus does not come back yet", { attempt: failures, error });
      }
    }
    return undefined;
  }

  async function stayConnected(first: Carrier): Promise<void> {
    for (let present: Carrier | undefined = first; present; present = await connectAgain()) {
      if (present !== first) {
        log.info("the bus is back");
        if (outbox.isEmpty) failures = 0;
        local.publish({ kind: "gap" });
      }
      if (closing.signal.aborted) return present.close();
      carrier = present;
      if (!outbox.isEmpty) flush();
      await present.ended;
      carrier = undefined;
      if (!closing.signal.aborted) log.warn("the bus lost its connection");
    }
  }

  const staying = stayConnected(await connect(receive));

  return {
    publish(event) {
      local.publish(event);
      if (closing.signal.aborted) return;
      outbox.add(event);
      flush();
    },
    subscribe: (listener) => local.subscribe(listener),
    async close() {
      await soon(flushing);
      closing.abort();
      void carrier?.close();
      await soon(staying);
      await local.close();
    },
  };
}

/** However long a dead connection takes to be noticed, the relay stops. */
async function soon(work: Promise<void> | undefined): Promise<void> {
  const late = new AbortController();
  await Promise.race([work, sleep(LAST_WORDS_MS, undefined, { signal: late.signal }).catch(() => undefined)]);
  late.abort();
}

/** Twice as long each time, and never the same for all who lost the same connection. */
function pauseMs(attempt: number, random: Random): number {
  const [byte = 0] = random.bytes(1);
  return Math.min(FIRST_PAUSE_MS * 2 ** attempt, LONGEST_PAUSE_MS) * (0.5 + byte / 512);
}
