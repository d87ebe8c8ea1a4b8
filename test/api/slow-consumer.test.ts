import { createClient } from "graphql-ws";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { opaqueReady, ready } from "../../src/crypto/index.ts";
import { encodeBase64url } from "../../src/protocol/index.ts";
import { openRawSocket, type RawSocket } from "../support/raw-socket.ts";
import { registerPerson, type RegisteredPerson } from "../support/registered.ts";
import { type RunningRelay, startTestRelay } from "../support/relay.ts";
import { Writer } from "../support/writer.ts";

const SUBSCRIPTION = "subscription ($after: [PositionInput!]!) { entryAppended(after: $after) { ... on EntryAppended { entry { seq bytes } } ... on CaughtUp { authors } } }";
let relay: RunningRelay;
let alice: RegisteredPerson;
beforeAll(async () => {
  await Promise.all([ready(), opaqueReady()]);
  relay = await startTestRelay({ limits: { maxUnsentEntries: 20 } });
  alice = await registerPerson(relay);
});
afterAll(() => relay.stop());

/** Reads with the stock client, from a place on, until the chain is at `last`. */
async function readTo(last: number, from: number): Promise<number[]> {
  const client = createClient({ url: relay.wsUrl, webSocketImpl: WebSocket, retryAttempts: 0, connectionParams: { accessToken: alice.token } });
  const variables = { after: [{ author: encodeBase64url(alice.userId), seq: from }] };
  const seen: number[] = [];
  for await (const { data } of client.iterate<{ entryAppended: { entry?: { seq: number } } }>({ query: SUBSCRIPTION, variables })) {
    const seq = data?.entryAppended.entry?.seq;
    if (seq !== undefined) seen.push(seq);
    if (seq === last) break;
  }
  await client.dispose();
  return seen;
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

test("a consumer that stops reading is closed with 4290, others miss nothing, and it resumes by its position", async () => {
  const writer = new Writer(alice);
  const healthy = await subscribe(1);
  const stalled = await subscribe(1);
  stalled.socket.pause();

  // The networks of both sides hold some entries; the relay keeps few.
  const isClosed = (): boolean => relay.logs.some((line) => line.includes('"code":4290'));
  while (!isClosed()) {
    const { receipt } = await writer.send(relay, writer.thought("x".repeat(50_000)));
    expect(receipt).toBeDefined();
  }
  // What is written from now on it has to fetch.
  for (const text of ["one", "two"]) await writer.send(relay, writer.thought(text));
  stalled.socket.resume();
  expect((await stalled.closed).code).toBe(4290);

  const last = writer.seq;
  const held = seqsOf(stalled);
  expect(held).toEqual(range(2, held.length + 1));
  expect(held.length).toBeLessThan(last - 1);
  expect([...held, ...(await readTo(last, held.length + 1))]).toEqual(range(2, last));

  while (seqsOf(healthy).length < last - 1) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(seqsOf(healthy)).toEqual(range(2, last));
  await healthy.close();
});

async function subscribe(from: number): Promise<RawSocket> {
  const socket = await openRawSocket(relay);
  await socket.init(alice.token);
  const variables = { after: [{ author: encodeBase64url(alice.userId), seq: from }] };
  expect(await socket.ask(SUBSCRIPTION, variables)).toMatchObject({ payload: { data: { entryAppended: { authors: 1 } } } });
  return socket;
}

function seqsOf({ messages }: RawSocket): number[] {
  return messages.map(({ payload }) => Number(payload.data.entryAppended.entry.seq));
}
