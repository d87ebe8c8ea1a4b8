import { expect, test } from "vitest";
import type { RelayEvent } from "../../src/domain/ports.ts";
import { idKey } from "../../src/protocol/index.ts";
import { type Announcement, createHub, entriesSince } from "../../src/realtime/hub.ts";
import { createInProcessBus } from "../../src/realtime/in-process-bus.ts";
import { recordingLog } from "../support/quiet.ts";

const key = (id: number): string => idKey(new Uint8Array(32).fill(id));
const edges = (id: number): RelayEvent => ({ kind: "edges", userId: new Uint8Array(32).fill(id) });
const appended = (id: number, seq: number): RelayEvent => ({ kind: "entry", author: new Uint8Array(32).fill(id), seq, endedEdges: 0, entry: {} as never });

test("every listener hears an event before publish returns, and those who left hear no more", () => {
  const bus = createInProcessBus(recordingLog());
  const heard: string[] = [];
  const listener = (name: string) => (event: RelayEvent) => void heard.push(`${name} ${event.kind}`);
  const same = listener("twice");
  const stops = [bus.subscribe(listener("one")), bus.subscribe(same), bus.subscribe(same)];
  bus.publish(edges(1));
  expect(heard).toEqual(["one edges", "twice edges", "twice edges"]);
  stops[1]?.();
  stops[1]?.();
  bus.publish(edges(1));
  expect(heard.slice(3)).toEqual(["one edges", "twice edges"]);
});

test("a listener that throws harms neither the others nor the publisher", () => {
  const log = recordingLog();
  const bus = createInProcessBus(log);
  const hub = createHub(bus, log);
  const heard: string[] = [];
  bus.subscribe(() => {
    throw new Error("on the bus");
  });
  bus.subscribe(() => void heard.push("bus"));
  hub.users.join(key(1), () => {
    throw new Error("at the hub");
  });
  hub.users.join(key(1), () => void heard.push("hub"));
  bus.publish(edges(1));
  expect(heard.sort()).toEqual(["bus", "hub"]);
  expect(log.lines.map(({ level }) => level)).toEqual(["error", "error"]);
});

test("a listener may leave or come while an event is told", () => {
  const bus = createInProcessBus(recordingLog());
  const heard: string[] = [];
  const stop = bus.subscribe(() => {
    stop();
    bus.subscribe(() => void heard.push("newcomer"));
  });
  bus.subscribe(() => void heard.push("other"));
  bus.publish(edges(1));
  bus.publish(edges(1));
  expect(heard).toEqual(["other", "other", "newcomer"]);
});

test("a topic is heard by those who listen to it, and a moment knows what was announced after it", () => {
  const bus = createInProcessBus(recordingLog());
  const hub = createHub(bus, recordingLog());
  const heard: number[] = [];
  const listener = ({ seq }: Announcement): void => void heard.push(seq);
  hub.authors.join(key(1), listener);
  const moment = hub.now();
  for (const event of [appended(1, 5), appended(2, 6), appended(1, 7)]) bus.publish(event);
  expect(hub.authors.size).toBe(1);
  hub.authors.leave(key(1), listener);
  hub.authors.leave(key(1), listener);
  expect(hub.authors.size).toBe(0);
  const later = hub.now();
  bus.publish(appended(1, 8));
  expect(heard).toEqual([5, 7]);
  expect([...entriesSince(moment)].map(({ seq }) => seq)).toEqual([5, 6, 7, 8]);
  expect([...entriesSince(later)].map(({ seq }) => seq)).toEqual([8]);
  expect([...entriesSince(hub.now())]).toEqual([]);
});
