import { expect, test } from "vitest";
import type { RelayEvent } from "../../src/domain/ports.ts";
import { createInProcessBus } from "../../src/realtime/buses/in-process-bus.ts";
import { recordingLog } from "../support/quiet.ts";

const edges = (id: number): RelayEvent => ({ kind: "edges", userId: new Uint8Array(32).fill(id) });

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
  const heard: string[] = [];
  bus.subscribe(() => {
    throw new Error("on the bus");
  });
  bus.subscribe(() => void heard.push("bus"));
  bus.publish(edges(1));
  expect(heard).toEqual(["bus"]);
  expect(log.lines.map(({ level }) => level)).toEqual(["error"]);
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
