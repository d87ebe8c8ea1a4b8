import { expect, test } from "vitest";
import type { RelayEvent } from "../../src/domain/ports/index.ts";
import { encodeBase64url } from "../../src/protocol/index.ts";
import { MAX_MESSAGE_BYTES, parseMessage } from "../../src/realtime/buses/bus-codec.ts";
import { createOutbox, type Outbox } from "../../src/realtime/buses/outbox.ts";

const processId = encodeBase64url(new Uint8Array(16));
const appended = (seq: number): RelayEvent => ({ kind: "entry", author: new Uint8Array(32).fill(255), seq, endedEdges: 9, entry: undefined });

function takeAll(outbox: Outbox): RelayEvent[] {
  const events: RelayEvent[] = [];
  for (let number = 1; !outbox.isEmpty; ) {
    for (const text of outbox.take()) {
      expect(text.length).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
      const message = parseMessage(text);
      expect(message).toMatchObject({ processId, number });
      events.push(...(message?.events ?? []));
      number += 1;
    }
  }
  return events;
}

test("what waits is joined into few messages, none of them too long, in order", () => {
  const outbox = createOutbox(processId);
  const events = Array.from({ length: 9_000 }, (_, index) => appended(10 ** 12 + index));
  events.forEach(outbox.add);
  expect(outbox.take().length).toBe(64);
  const other = createOutbox(processId);
  events.forEach(other.add);
  expect(takeAll(other)).toEqual(events);
});

test("more than it holds becomes a gap, with what follows after it", () => {
  const outbox = createOutbox(processId);
  for (let seq = 1; seq <= 10_005; seq += 1) outbox.add(appended(seq));
  expect(takeAll(outbox)).toEqual([{ kind: "gap" }, ...[10_002, 10_003, 10_004, 10_005].map(appended)]);
});

test("a loss is told first, once", () => {
  const outbox = createOutbox(processId);
  outbox.add(appended(1));
  outbox.noteLoss();
  outbox.noteLoss();
  expect(takeAll(outbox)).toEqual([{ kind: "gap" }, appended(1)]);
});
