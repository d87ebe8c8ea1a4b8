import { expect, test } from "vitest";
import { Stream } from "../../src/realtime/stream.ts";

/** Delivers what it is given; `onPull` runs in the middle of every pull. */
class NumberStream extends Stream<number> {
  readonly numbers: number[] = [];
  freed = 0;
  onPull: () => void = () => undefined;

  give(number: number): void {
    this.numbers.push(number);
    this.wake();
  }

  end(): void {
    this.close();
  }

  protected override async pull(): Promise<number | undefined> {
    const number = this.numbers.shift();
    await Promise.resolve();
    this.onPull();
    return number;
  }

  protected override free(): void {
    this.freed += 1;
  }
}

const isDone = { done: true, value: undefined };

test("what comes while the stream looks for it is not slept through", async () => {
  const stream = new NumberStream();
  let pulls = 0;
  stream.onPull = () => {
    pulls += 1;
    if (pulls === 1) stream.give(7);
  };
  expect(await stream.next()).toEqual({ done: false, value: 7 });
});

test("calls of next queue up and are answered in order", async () => {
  const stream = new NumberStream();
  const [first, second, third] = [stream.next(), stream.next(), stream.next()];
  stream.give(1);
  stream.give(2);
  expect(await first).toEqual({ done: false, value: 1 });
  expect(await second).toEqual({ done: false, value: 2 });
  await stream.return();
  expect(await third).toEqual(isDone);
});

test("the end is free, final, and comes once", async () => {
  const stream = new NumberStream();
  const waiting = stream.next();
  stream.end();
  stream.end();
  expect(await waiting).toEqual(isDone);
  stream.give(1);
  expect(await stream.next()).toEqual(isDone);
  expect(await stream.return()).toEqual(isDone);
  expect(stream.freed).toBe(1);
});

test("what a pull throws reaches the consumer, and ends the stream", async () => {
  const stream = new NumberStream();
  stream.onPull = () => {
    throw new Error("out of order");
  };
  const [first, second] = [stream.next(), stream.next()];
  await expect(first).rejects.toThrow("out of order");
  expect(await second).toEqual(isDone);
  expect(stream.freed).toBe(1);
});
