import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Log } from "../../src/domain/log.ts";
import type { Random, RelayEvent } from "../../src/domain/ports/index.ts";
import { encodeBase64url, idKey } from "../../src/protocol/index.ts";
import { encodeMessage } from "../../src/realtime/buses/bus-codec.ts";
import type { RelayBus } from "../../src/realtime/buses/relay-bus.ts";
import { recordingLog } from "../support/quiet.ts";

export const random: Random = { bytes: (count) => new Uint8Array(randomBytes(count)) };

/** Where buses of one relay meet. */
export interface BusWorld {
  open(log: Log): Promise<RelayBus>;
  /** What carries the buses' messages between processes; undefined when nothing does. */
  network: BusNetwork | undefined;
  close(): Promise<void>;
}

export interface BusNetwork {
  /** Breaks every connection, and lets new ones through again. */
  cut(): Promise<void>;
  /** Sends any text to where the buses listen. */
  send(text: string): Promise<void>;
  countConnections(): Promise<number>;
}

/** A bus as one process has it, and everything that it said. */
export interface Process {
  bus: RelayBus;
  log: ReturnType<typeof recordingLog>;
  heard: RelayEvent[];
  until(holds: () => boolean): Promise<void>;
}

const id = (number: number): Uint8Array => new Uint8Array(32).fill(number);
export const entry = (author: number, seq: number): RelayEvent => ({ kind: "entry", author: id(author), seq, endedEdges: seq % 3, entry: { seq } as never });
const edges = (user: number): RelayEvent => ({ kind: "edges", userId: id(user) });
const endingOf = (user: number, count: number): RelayEvent => ({
  kind: "sessionsEnded", userId: id(user), sessionIds: Array.from({ length: count }, (_, number) => new Uint8Array(16).fill(number)),
});

/** The event as another process hears it. */
const remotely = (event: RelayEvent): RelayEvent => (event.kind === "entry" ? { ...event, entry: undefined } : event);
const gaps = (events: RelayEvent[]): number => events.filter(({ kind }) => kind === "gap").length;

export async function openProcess(open: BusWorld["open"]): Promise<Process> {
  const log = recordingLog();
  const bus = await open(log);
  const heard: RelayEvent[] = [];
  bus.subscribe((event) => void heard.push(event));
  return {
    bus, log, heard,
    async until(holds) {
      while (!holds()) await sleep(5);
    },
  };
}

/** What every bus holds, whatever carries it. */
export function holdsAsABus(openWorld: () => Promise<BusWorld>, { reachesOthers }: { reachesOthers: boolean }): void {
  let world: BusWorld;
  const processes: Process[] = [];
  beforeAll(async () => void (world = await openWorld()));
  afterEach(async () => void (await Promise.all(processes.splice(0).map(({ bus }) => bus.close()))));
  afterAll(() => world.close());

  async function open(): Promise<Process> {
    const process = await openProcess(world.open);
    processes.push(process);
    return process;
  }

  test("every listener hears an event before publish returns, and those who left hear no more", async () => {
    const { bus } = await open();
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

  test("its own process hears an entry whole", async () => {
    const { bus, heard } = await open();
    bus.publish(entry(1, 7));
    expect(heard).toEqual([entry(1, 7)]);
  });

  test("a listener that throws harms neither the others nor the publisher", async () => {
    const { bus, log, heard } = await open();
    bus.subscribe(() => {
      throw new Error("a listener's own fault");
    });
    const after: string[] = [];
    bus.subscribe(({ kind }) => void after.push(kind));
    bus.publish(edges(1));
    expect([heard.length, after]).toEqual([1, ["edges"]]);
    expect(log.lines.map(({ level }) => level)).toEqual(["error"]);
  });

  test("a listener may leave or come while an event is told", async () => {
    const { bus } = await open();
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

  test("closed, it tells nobody anything, and publishing harms nobody", async () => {
    const { bus, heard } = await open();
    await bus.close();
    bus.publish(edges(1));
    expect(heard).toEqual([]);
    await bus.close();
  });

  if (reachesOthers) holdsBetweenProcesses(open, () => world.network as BusNetwork);
}

function holdsBetweenProcesses(open: () => Promise<Process>, network: () => BusNetwork): void {
  const isLast = (event: RelayEvent, user: number): boolean => event.kind === "edges" && event.userId[0] === user;

  test("other processes hear each publisher's events in order, without content; nobody hears its own again", async () => {
    const writers = [await open(), await open()];
    const reader = await open();
    const published = writers.map((_, writer) =>
      Array.from({ length: 300 }, (_, number): RelayEvent[] => [entry(writer, number), { kind: "friendship", userId: id(writer), number }]).flat(),
    );
    for (let number = 0; number < 600; number += 1) {
      writers.forEach(({ bus }, writer) => bus.publish(published[writer]?.[number] as RelayEvent));
      if (number % 50 === 0) await sleep(1);
    }
    writers.forEach(({ bus }, writer) => bus.publish(edges(writer)));
    for (const process of [...writers, reader]) await process.until(() => [0, 1].every((user) => process.heard.some((event) => isLast(event, user))));

    const of = (process: Process, writer: number): RelayEvent[] =>
      process.heard.filter((event) => (event.kind === "entry" ? event.author : (event as { userId: Uint8Array }).userId)[0] === writer);
    writers.forEach((writer, number) => {
      const all = [...(published[number] ?? []), edges(number)];
      expect(of(writer, number)).toEqual(all);
      for (const other of [writers[1 - number] as Process, reader]) expect(of(other, number)).toEqual(all.map(remotely));
    });
    expect(reader.heard.length).toBe(1202);
    for (const { log } of [...writers, reader]) expect(log.lines).toEqual([]);
  });

  test("ended sessions arrive, however many", async () => {
    const [writer, reader] = [await open(), await open()];
    const ending = endingOf(1, 2_000);
    writer.bus.publish(ending);
    writer.bus.publish(edges(1));
    await reader.until(() => reader.heard.some((event) => isLast(event, 1)));
    const arrived = reader.heard.flatMap((event) => (event.kind === "sessionsEnded" ? event.sessionIds : []));
    expect(arrived.map(idKey)).toEqual((ending as { sessionIds: Uint8Array[] }).sessionIds.map(idKey));
  });

  test("after a cut everybody hears of a gap, and then of what follows", async () => {
    const [writer, reader] = [await open(), await open()];
    await network().cut();
    for (const { until, heard } of [writer, reader]) await until(() => gaps(heard) > 0);
    const before = reader.heard.length;
    writer.bus.publish(entry(1, 1));
    await reader.until(() => reader.heard.length > before);
    expect(reader.heard.slice(before)).toEqual([remotely(entry(1, 1))]);
    for (const { log } of [writer, reader]) expect(log.lines.map(({ text }) => text)).toContain("the bus is back");
  });

  test("what was published around a cut arrives, or a gap is heard after it", async () => {
    const [writer, reader] = [await open(), await open()];
    let seq = 0;
    const publish = (): void => writer.bus.publish(entry(1, (seq += 1)));
    const writing = setInterval(publish, 2);
    await writer.until(() => seq > 10);
    await network().cut();
    await writer.until(() => gaps(writer.heard) > 0 && gaps(reader.heard) > 0);
    clearInterval(writing);
    writer.bus.publish(edges(1));
    await reader.until(() => reader.heard.some((event) => isLast(event, 1)));

    const lastGap = reader.heard.findLastIndex(({ kind }) => kind === "gap");
    const seqs = (events: RelayEvent[]): number[] => events.flatMap((event) => (event.kind === "entry" ? [event.seq] : []));
    const [before, after] = [seqs(reader.heard.slice(0, lastGap)), seqs(reader.heard.slice(lastGap))];
    expect([...before, ...after]).toEqual([...new Set([...before, ...after])].sort((one, other) => one - other));
    // Nothing is missing behind the gap.
    expect(after).toEqual(Array.from({ length: after.length }, (_, index) => seq - after.length + 1 + index));
  });

  test("what is not a message of a relay's process is ignored", async () => {
    const process = await open();
    const stranger = encodeBase64url(random.bytes(16));
    const user = encodeBase64url(id(1));
    for (const events of [["x"], [""], ["g,1"], ["d"], [`d${user},1`], [`e${user}`], [`e${user},1`], [`e${user},1,2,3`], [`e${user},-1,0`], [`e${user},1e3,0`], [`f${user},01`], [`s${user}`], [`s${user},AAAA`], [`d${user.slice(1)}`], [`d${user.slice(0, -1)}B`], ["g", "x"]]) {
      await network().send(encodeMessage(stranger, 1, events));
    }
    for (const text of ["", " ", "pb1", `pb2 ${stranger} 1 g`, `pb1 ${stranger} 0 g`, `pb1 ${stranger} 1 g `, `pb1 ${stranger} 1  g`, `pb1 ${stranger.slice(1)} 1 g`, `pb1 ${stranger} 1`, "{\"kind\":\"gap\"}", "ü".repeat(3_000)]) {
      await network().send(text);
    }
    await network().send(encodeMessage(stranger, 1, [`d${user}`]));
    await process.until(() => process.heard.length > 0);
    expect(process.heard).toEqual([edges(1)]);
    expect(process.log.lines).toEqual([]);
  });

  test("a message that is missing is a gap", async () => {
    const process = await open();
    const other = encodeBase64url(random.bytes(16));
    for (const number of [4, 5, 7, 8]) await network().send(encodeMessage(other, number, [`f${encodeBase64url(id(1))},${number}`]));
    await process.until(() => process.heard.length > 4);
    expect(process.heard.map((event) => ("number" in event ? event.number : event.kind))).toEqual([4, 5, "gap", 7, 8]);
  });

  test("closed, it leaves no connection, even while it waits to come back", async () => {
    const [one, other] = [await open(), await open()];
    while ((await network().countConnections()) !== 2) await sleep(20);
    one.bus.publish(edges(1));
    await one.bus.close();
    await other.until(() => other.heard.length > 0);
    const cutting = network().cut();
    await other.bus.close();
    await cutting;
    while ((await network().countConnections()) !== 0) await sleep(20);
  });
}
