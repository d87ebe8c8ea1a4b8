/** Wakes one sleeper; a signal that comes before the sleep is not lost. */
class Signal {
  #isRaised = false;
  #wake: (() => void) | undefined;

  raise(): void {
    this.#isRaised = true;
    this.#wake?.();
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
 * A stream that is pulled by its consumer: `pull` answers with the next delivery or undefined while there is none, and is
 * asked again after `wake`. Calls of `next` queue up; `close` ends the stream for the consumer that waits, too.
 */
export abstract class Stream<Delivery> implements AsyncIterableIterator<Delivery> {
  readonly #signal = new Signal();
  #turn: Promise<unknown> = Promise.resolve();
  #isClosed = false;

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

  protected get isClosed(): boolean {
    return this.#isClosed;
  }

  protected wake(): void {
    this.#signal.raise();
  }

  protected close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.free();
    this.wake();
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
