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

/**
 * A stream that its consumer pulls by `next`, or that flows into a sink: `pull` answers with the next delivery or undefined while there is none, and is
 * asked again after `wake`. Calls of `next` queue up; `close` ends the stream for the consumer that waits, too.
 */
export abstract class Stream<Delivery> implements AsyncIterableIterator<Delivery> {
  readonly #signal = new Signal();
  #turn: Promise<unknown> = Promise.resolve();
  #isClosed = false;
  #isBlocked = false;
  /** The sink, while nothing waits. */
  #resting: Sink<Delivery> | undefined;

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
   * whatever the stream pours at once. Throws what `pull` and the sink throw.
   */
  async flow(sink: Sink<Delivery>): Promise<void> {
    try {
      while (!this.#isClosed) {
        await this.#waitForRoom(sink);
        this.#signal.lower();
        const delivery = await this.pull();
        if (this.#isClosed) return;
        if (delivery !== undefined) sink.take(delivery);
        else await this.#rest(sink);
      }
    } finally {
      this.close();
    }
  }

  /** Whether the sink has no room at the moment. */
  protected get isBlocked(): boolean {
    return this.#isBlocked;
  }

  protected get isClosed(): boolean {
    return this.#isClosed;
  }

  protected wake(): void {
    this.#resting = undefined;
    this.#signal.raise();
  }

  protected close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.free();
    this.wake();
  }

  /** Passes a delivery on while the stream flows and nothing waits; false when it has to wait for its turn. */
  protected pour(delivery: Delivery): boolean {
    this.#resting?.take(delivery);
    return this.#resting !== undefined;
  }

  async #waitForRoom(sink: Sink<Delivery>): Promise<void> {
    const room = sink.room();
    this.#isBlocked = room !== undefined;
    await room;
    this.#isBlocked = false;
  }

  async #rest(sink: Sink<Delivery>): Promise<void> {
    if (this.#signal.isRaised) return;
    this.#resting = sink;
    await this.#signal.wait();
    this.#resting = undefined;
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
