import { afterAll, beforeAll, expect, test } from "vitest";
import type { RelayEvent } from "../../src/domain/ports/index.ts";
import { createInProcessBus } from "../../src/realtime/buses/in-process-bus.ts";
import { recheckSessions } from "../../src/realtime/recheck-sessions.ts";
import { createAuthor } from "../support/author.ts";
import { recordingLog, silentLog } from "../support/quiet.ts";
import { createTestRelay, type TestRelay } from "../support/test-relay.ts";

let relay: TestRelay;
beforeAll(async () => void (relay = await createTestRelay()));
afterAll(() => relay.close());

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

test("after a gap, connected sessions that ended in the meantime are told, and no others, even if the store has to be asked again", async () => {
  const [alice, bob] = [await createAuthor(relay), await createAuthor(relay)];
  const log = recordingLog();
  const bus = createInProcessBus(log);
  const heard: RelayEvent[] = [];
  bus.subscribe((event) => void (event.kind === "gap" || heard.push(event)));
  let failures = 2;
  const { sessions } = relay.unitOfWork.repositories;
  const stop = recheckSessions({
    bus,
    log,
    everyMs: 1_000_000,
    listViewers: () => [alice.viewer, bob.viewer, alice.viewer],
    sessions: { listOpen: (ids) => (failures-- > 0 ? Promise.reject(new Error("no connection")) : sessions.listOpen(ids)) },
  });

  // Ended by another process, whose word was lost.
  await sessions.delete(alice.viewer.sessionId);
  bus.publish({ kind: "edges", userId: bob.viewer.userId });
  expect(heard.length).toBe(1);
  bus.publish({ kind: "gap" });
  bus.publish({ kind: "gap" });
  while (heard.length < 2) await turn();
  const { userId, sessionId } = alice.viewer;
  expect(heard.slice(1)).toEqual([{ kind: "sessionsEnded", userId, sessionIds: [sessionId] }]);
  expect(log.lines.map(({ level }) => level)).toEqual(["error", "error"]);

  stop();
  bus.publish({ kind: "gap" });
  await turn();
  expect(heard.length).toBe(2);
});

test("without a gap, what ended in the store alone is found from time to time", async () => {
  const alice = await createAuthor(relay);
  const bus = createInProcessBus(silentLog);
  const heard = new Promise<RelayEvent>((resolve) => bus.subscribe(resolve));
  const stop = recheckSessions({ bus, log: silentLog, everyMs: 20, listViewers: () => [alice.viewer], sessions: relay.unitOfWork.repositories.sessions });
  await relay.unitOfWork.repositories.sessions.delete(alice.viewer.sessionId);
  expect(await heard).toEqual({ kind: "sessionsEnded", userId: alice.viewer.userId, sessionIds: [alice.viewer.sessionId] });
  stop();
});
