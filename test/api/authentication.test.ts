import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { RelayEvent } from "../../src/domain/ports/index.ts";
import type { Viewer } from "../../src/domain/viewer.ts";
import { register } from "../support/person.ts";
import { recordStatements } from "../support/statements.ts";
import { createTestRelay, type TestRelay } from "../support/test-relay.ts";

let relay: TestRelay;
let viewer: Viewer;
let accessToken: string;
beforeAll(async () => {
  relay = await createTestRelay();
});
afterAll(() => relay.close());
beforeEach(async () => {
  const person = await register(relay);
  ({ viewer } = person);
  ({ accessToken } = person.tokens);
});

const authenticate = (): Promise<Viewer | undefined> => relay.services.sessions.authenticate(accessToken);
/** As another process of the relay does it, whose news did not arrive. */
const endUnheard = (): Promise<unknown> => relay.unitOfWork.repositories.sessions.delete(viewer.sessionId);

test("an open session is looked up once a second", async () => {
  const lookups = async (): Promise<number> => (await recordStatements(authenticate)).length;
  expect([await lookups(), await lookups()]).toEqual([1, 0]);
  relay.clock.ms += 999;
  expect(await lookups()).toBe(0);
  relay.clock.ms += 1;
  expect(await lookups()).toBe(1);
});

test("a session that ended unheard is over within a second", async () => {
  expect(await authenticate()).toEqual(viewer);
  await endUnheard();
  relay.clock.ms += 1_000;
  expect(await authenticate()).toBeUndefined();
});

test("after lost news, and after the end of any session, nothing is believed any more", async () => {
  const news: RelayEvent[] = [{ kind: "gap" }, { kind: "sessionsEnded", userId: viewer.userId, sessionIds: [] }];
  for (const event of news) {
    const other = await register(relay);
    const ask = (): Promise<Viewer | undefined> => relay.services.sessions.authenticate(other.tokens.accessToken);
    expect(await ask()).toEqual(other.viewer);
    await relay.unitOfWork.repositories.sessions.delete(other.viewer.sessionId);
    relay.bus.publish(event);
    expect(await ask()).toBeUndefined();
  }
});

test("a session that ends while it is looked up is not remembered as open", async () => {
  await authenticate();
  relay.clock.ms += 1_000;
  // The token is known, so what is under way is the look at its session.
  const asked = authenticate();
  relay.bus.publish({ kind: "gap" });
  expect(await asked).toEqual(viewer);
  await endUnheard();
  expect(await authenticate()).toBeUndefined();
});

test("a clock that goes backwards makes nothing last longer", async () => {
  expect(await authenticate()).toEqual(viewer);
  await endUnheard();
  relay.clock.ms -= 1;
  expect(await authenticate()).toBeUndefined();
});

test("a token that is known expires all the same", async () => {
  expect(await authenticate()).toEqual(viewer);
  relay.clock.ms += 600_000;
  expect(await authenticate()).toBeUndefined();
});
