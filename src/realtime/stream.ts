import type { Sink } from "./sink.ts";

/** Wakes one sleeper; a signal that comes before the sleep is not lost. */
class Signal {
  #isRaised = false;
  #wake: (() => void) | undefined;

  raise(): void {
    this.#isRaised = true;
    this.#wake?.();
  }

  get isRaised(): boolean {
    return this.#isRaised;
  }

  lower(): void {
    this.#isRaised = false;
  }

  async wait(): Promise<void> {
    if (this.#isRaised) return;
    await new Promise<void>((resolve) => (this.#wake = resolve));
  }
}

/** A sink, and who waits for the end. */
interface Flowing<Delivery> {
  sink: Sink<Delivery>;
  resolve(): void;
  reject(error: unknown): void;
}

const NOBODY_WAITS: Promise<unknown> = Promise.resolve();

/**
 * A stream that its consumer pulls by `next`, or that flows into a sink: `pull` answers with the next delivery or undefined while there is none, and is
 * asked again after `wake`. Calls of `next` queue up; `close` ends the stream for the consumer that waits, too.
 */
export abstract class Stream<Delivery> implements AsyncIterableIterator<Delivery> {
  readonly #signal = new Signal();
  #turn = NOBODY_WAITS;
  #isClosed = false;
  #isBlocked = false;
  /** What flows, while nothing waits. */
  #resting: Flowing<Delivery> | undefined;

  protected abstract pull(): Promise<Delivery | undefined>;
  /** Frees what the stream holds. Called once. */
  protected abstract free(): void;

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Delivery, undefined>> {
    const result = this.#turn.then(() => this.#take());
    this.#turn = result.catch(() => undefined);
    return result;
  }

  async return(): Promise<IteratorResult<Delivery, undefined>> {
    this.close();
    return { done: true, value: undefined };
  }

  /**
   * Delivers to a sink until the stream ends, instead of `next`: what waits as the sink has room, and while nothing waits
   * whatever the stream pours at once. Rejects with what `pull` and the sink throw.
   */
  flow(sink: Sink<Delivery>): Promise<void> {
    return new Promise((resolve, reject) => void this.#deliver({ sink, resolve, reject }));
  }

  /** Whether the sink has no room at the moment. */
  protected get isBlocked(): boolean {
    return this.#isBlocked;
  }

  protected get isClosed(): boolean {
    return this.#isClosed;
  }

  protected wake(): void {
    const flowing = this.#resting;
    this.#resting = undefined;
    this.#signal.raise();
    if (flowing) void this.#deliver(flowing);
  }

  protected close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.free();
    this.wake();
  }

  /** Passes a delivery on while the stream flows and nothing waits; false when it has to wait for its turn. */
  protected pour(delivery: Delivery): boolean {
    this.#resting?.sink.take(delivery);
    return this.#resting !== undefined;
  }

  /** Ends when nothing waits, and begins anew when something does: streams rest by the thousand, and hold little meanwhile. */
  async #deliver(flowing: Flowing<Delivery>): Promise<void> {
    const { sink, resolve, reject } = flowing;
    try {
      while (!this.#isClosed) {
        await this.#waitForRoom(sink);
        this.#signal.lower();
        const delivery = await this.pull();
        if (this.#isClosed) break;
        if (delivery !== undefined) sink.take(delivery);
        else if (!this.#signal.isRaised) {
          this.#resting = flowing;
          return;
        }
      }
      resolve();
    } catch (error) {
      this.close();
      reject(error);
    }
  }

  async #waitForRoom(sink: Sink<Delivery>): Promise<void> {
    const room = sink.room();
    this.#isBlocked = room !== undefined;
    await room;
    this.#isBlocked = false;
  }

  async #take(): Promise<IteratorResult<Delivery, undefined>> {
    try {
      while (!this.#isClosed) {
        this.#signal.lower();
        const value = await this.pull();
        if (this.#isClosed) break;
        if (value !== undefined) return { done: false, value };
        await this.#signal.wait();
      }
    } catch (error) {
      this.close();
      throw error;
    }
    return { done: true, value: undefined };
  }
}
