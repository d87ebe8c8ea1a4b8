import { beforeEach, describe, expect, test } from "vitest";
import type { Bus, EntryRecord, RelayEvent } from "../../src/domain/ports/index.ts";
import { idKey } from "../../src/protocol/index.ts";
import type { Announcement } from "../../src/realtime/announcer.ts";
import { createHub, entriesSince, type Hub } from "../../src/realtime/hub.ts";
import { createInProcessBus } from "../../src/realtime/buses/in-process-bus.ts";
import { atOnce, recordingLog } from "../support/quiet.ts";

const author = (id: number): Uint8Array => new Uint8Array(32).fill(id);
const key = (id: number): string => idKey(author(id));
const record = (id: number, seq: number): EntryRecord => ({ author: author(id), seq }) as EntryRecord;
const appended = (id: number, seq: number, endedEdges = 0): RelayEvent => ({ kind: "entry", author: author(id), seq, endedEdges, entry: record(id, seq) });
const elsewhere = (id: number, seq: number, endedEdges = 0): RelayEvent => ({ kind: "entry", author: author(id), seq, endedEdges, entry: undefined });

/** A store with as many entries of each author as a test says, which counts how often it is read. */
class Chains {
  readonly heads = new Map<number, number>();
  pages = 0;
  looks = 0;
  isBroken = false;

  async listEntries({ author: [id = 0], after = -1, first }: { author: Uint8Array; after: number | undefined; first: number }) {
    this.pages += 1;
    if (this.isBroken) throw new Error("no database");
    const seqs = Array.from({ length: (this.heads.get(id) ?? -1) - after }, (_, index) => after + 1 + index);
    return { rows: seqs.slice(0, first).map((seq) => record(id, seq)), hasMore: seqs.length > first };
  }

  async listHeads(authors: Uint8Array[]) {
    this.looks += 1;
    if (this.isBroken) throw new Error("no database");
    return authors.flatMap(([id = 0]) => [{ author: author(id), seq: this.heads.get(id) ?? 0, endedEdges: 0 }]);
  }
}

let bus: Bus;
let hub: Hub;
let chains: Chains;
let log: ReturnType<typeof recordingLog>;
let heard: string[];
const listener = { hear: ({ seq, delivery }: Announcement): void => void heard.push(delivery ? `${seq}` : `${seq}?`) };

beforeEach(() => {
  log = recordingLog();
  bus = createInProcessBus(log);
  chains = new Chains();
  hub = createHub({ bus, chains, tick: atOnce, log });
  heard = [];
});

test("a topic is heard by those who listen to it, and a moment knows what was announced after it", () => {
  hub.authors.join(key(1), listener);
  const moment = hub.now();
  for (const event of [appended(1, 5), appended(2, 6), appended(1, 6)]) bus.publish(event);
  expect(hub.authors.size).toBe(1);
  hub.authors.leave(key(1), listener);
  hub.authors.leave(key(1), listener);
  expect(hub.authors.size).toBe(0);
  const later = hub.now();
  bus.publish(appended(1, 7));
  expect(heard).toEqual(["5", "6"]);
  expect([...entriesSince(moment)].map(({ seq }) => seq)).toEqual([5, 6, 6, 7]);
  expect([...entriesSince(later)].map(({ seq }) => seq)).toEqual([7]);
  expect([...entriesSince(hub.now())]).toEqual([]);
});

test("a listener that throws harms neither the others nor the publisher", () => {
  const throwing = () => {
    throw new Error("at the hub");
  };
  hub.users.join(key(1), { hear: throwing });
  hub.users.join(key(1), { hear: () => void heard.push("hub") });
  bus.publish({ kind: "edges", userId: author(1) });
  expect(heard).toEqual(["hub"]);
  expect(log.lines.map(({ level }) => level)).toEqual(["error"]);
});

describe("what another process appended", () => {
  test("is read once for all listeners, and given to them as one object", async () => {
    const objects: unknown[] = [];
    for (let joined = 0; joined < 3; joined += 1) hub.authors.join(key(1), { hear: ({ delivery }) => void objects.push(delivery) });
    chains.heads.set(1, 4);
    bus.publish(elsewhere(1, 4));
    await expect.poll(() => objects.length).toBe(3);
    expect(new Set(objects).size).toBe(1);
    expect(chains.pages).toBe(1);
  });

  test("is not read while nobody listens", () => {
    bus.publish(elsewhere(1, 4));
    expect(chains.pages).toBe(0);
  });

  test("comes in order with what this process appends meanwhile, and nothing twice", async () => {
    hub.authors.join(key(1), listener);
    bus.publish(appended(1, 4));
    chains.heads.set(1, 6);
    for (const event of [elsewhere(1, 5), appended(1, 6), elsewhere(1, 5), appended(1, 4)]) bus.publish(event);
    await expect.poll(() => heard).toEqual(["4", "5", "6"]);
    bus.publish(appended(1, 7));
    expect(heard).toEqual(["4", "5", "6", "7"]);
  });

  test("is announced by its place alone when the store cannot be read", async () => {
    hub.authors.join(key(1), listener);
    chains.isBroken = true;
    bus.publish(elsewhere(1, 4));
    await expect.poll(() => heard).toEqual(["4?"]);
    chains.isBroken = false;
    bus.publish(appended(1, 5));
    expect(heard).toEqual(["4?", "5"]);
  });
});

describe("what was lost on the way", () => {
  test("is read when a later place shows the hole, however wide", async () => {
    hub.authors.join(key(1), listener);
    bus.publish(appended(1, 4));
    chains.heads.set(1, 400);
    bus.publish(appended(1, 400));
    await expect.poll(() => heard.length).toBe(397);
    expect(heard).toEqual(Array.from({ length: 397 }, (_, index) => `${index + 4}`));
  });

  test("is found at a gap, by one look at all heads", async () => {
    hub.authors.join(key(1), listener);
    hub.authors.join(key(2), listener);
    bus.publish(appended(1, 4));
    chains.heads.set(1, 6).set(2, 9);
    bus.publish({ kind: "gap" });
    await expect.poll(() => [...heard].sort()).toEqual(["4", "5", "6", "9?"]);
    expect(chains.looks).toBe(1);
  });

  test("is found when the store cannot be read at first", async () => {
    hub.authors.join(key(1), listener);
    bus.publish(appended(1, 4));
    chains.heads.set(1, 5);
    chains.isBroken = true;
    bus.publish({ kind: "gap" });
    await expect.poll(() => chains.looks).toBe(1);
    chains.isBroken = false;
    await expect.poll(() => heard, { timeout: 10_000 }).toEqual(["4", "5"]);
  });

  test("a gap concerns every user", () => {
    const told: string[] = [];
    for (const id of [1, 2]) hub.users.join(key(id), { hear: ({ kind }) => void told.push(`${id} ${kind}`) });
    bus.publish({ kind: "gap" });
    expect(told).toEqual(["1 gap", "2 gap"]);
  });
});
