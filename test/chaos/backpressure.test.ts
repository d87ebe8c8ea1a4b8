import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { opaqueReady, ready } from "../../src/crypto/index.ts";
import { encodeBase64url } from "../../src/protocol/index.ts";
import { type ChainReader, createResumingReader } from "../support/chain-readers.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../support/folders.ts";
import { befriend } from "../support/friendships.ts";
import { createMember, type Member } from "../support/member.ts";
import { openRawSocket, type RawSocket } from "../support/raw-socket.ts";
import { type RelayProcess, startRelayProcess } from "../support/relay-process.ts";
import { createStallingReader, OPERATIONS } from "../support/stalling-reader.ts";
import { Writer } from "../support/writer.ts";

// The long form: CHAOS_EVENTS=100000 npm run test:chaos -- backpressure
const EVENTS = Number(process.env["CHAOS_EVENTS"] ?? 600);
const MIB = 1024 * 1024;
const AUTHORS = 3;
const HEALTHY = 20;
const STALLED = 4;
/**
 * Of texts. As frames for a stalled reader they are more than the relay may grow by; as entries that operations share, they are so in
 * the long form. In the short one it is 4290 that tells a bounded queue.
 */
const VOLUME_BYTES = 160 * MIB;
const MAX_RISE_BYTES = 128 * MIB;
const MAX_TEXT_LENGTH = 59_000;
const TEXT_LENGTH = Math.min(MAX_TEXT_LENGTH, Math.round(VOLUME_BYTES / EVENTS));
/** Before memory is compared: by then the heap is as large as the work makes it. */
const WARM_UP = 150;
const TIMEOUT_MS = 120_000 + EVENTS * 50;

const generous = {
  PEERBRAIN_ACCESS_TOKEN_SECONDS: "86400",
  PEERBRAIN_APPENDS_PER_USER_MINUTE: "1000000",
  PEERBRAIN_LOG_LEVEL: "warn",
  PEERBRAIN_MAX_SOCKETS_PER_USER: "100",
  PEERBRAIN_PING_MS: "1000000",
  PEERBRAIN_MAX_SOCKETS_PER_ADDRESS: "1000",
  PEERBRAIN_READS_PER_MINUTE: "1000000",
  PEERBRAIN_REGISTRATIONS_PER_ADDRESS_HOUR: "1000",
};

let folder: TemporaryFolder;
let relay: RelayProcess;
let bob: Member;
const writers: Writer[] = [];
beforeAll(async () => {
  await Promise.all([ready(), opaqueReady()]);
  folder = await createTemporaryFolder();
  relay = await startRelayProcess(join(folder.path, "data"), generous);
  bob = await createMember(relay);
  for (let count = 0; count < AUTHORS; count += 1) {
    const author = await createMember(relay);
    await befriend(relay, bob, author);
    writers.push(new Writer(author));
  }
});
afterAll(async () => {
  relay.signal("SIGTERM");
  await relay.exited;
  await folder.remove();
});

const keyOf = ({ person }: Writer): string => encodeBase64url(person.userId);
const heads = (): Map<string, number> => new Map(writers.map((writer) => [keyOf(writer), writer.seq]));
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);
/** Of the relay's process. */
const residentBytes = (): number => 1024 * Number(execFileSync("ps", ["-o", "rss=", "-p", String(relay.pid)], { encoding: "utf8" }));

/** All authors write side by side. Returns the most memory that the relay was seen to use meanwhile. */
async function write(events: number): Promise<number> {
  let left = events;
  let mostBytes = 0;
  const writeInTurn = async (writer: Writer): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const { receipt, answer } = await writer.send(relay, writer.thought("x".repeat(TEXT_LENGTH)));
      expect(receipt, answer.text).toBeDefined();
      if (left % 50 === 0) mostBytes = Math.max(mostBytes, residentBytes());
    }
  };
  await Promise.all(writers.map(writeInTurn));
  return Math.max(mostBytes, residentBytes());
}

function expectAll(seen: ReadonlyMap<string, number[]>, first: ReadonlyMap<string, number>): void {
  for (const [author, seq] of heads()) expect(seen.get(author)).toEqual(range(Number(first.get(author)) + 1, seq));
}

test(`${EVENTS} entries past a reader that stalls again and again: the relay grows by less than ${MAX_RISE_BYTES / MIB} MiB, ${HEALTHY} others hear all of them, and so does that reader`, { timeout: TIMEOUT_MS }, async () => {
  const first = heads();
  const healthy: ChainReader[] = range(1, HEALTHY).map(() => createResumingReader({ relay, accessToken: bob.token, stream: "entryAppended", after: first }));
  const stalling = createStallingReader(relay, bob.token, first);
  const warmBytes = await write(WARM_UP);
  const mostBytes = await write(EVENTS);
  await stalling.finish(heads());

  expect(mostBytes - warmBytes).toBeLessThan(MAX_RISE_BYTES);
  expect(stalling.stalls).toBeGreaterThan(1);
  for (const seen of stalling.seen.values()) expectAll(seen, first);
  for (const reader of healthy) {
    await expect.poll(() => [...heads()].filter(([author, seq]) => reader.seen.get(author)?.at(-1) !== seq), { timeout: 30_000 }).toEqual([]);
    expectAll(reader.seen, first);
    expect([reader.connections, reader.faults]).toEqual([1, []]);
  }
  await Promise.all(healthy.map((reader) => reader.close()));
});

test("readers that stall in the middle of what they missed cost the relay less than that, and lose nothing", { timeout: TIMEOUT_MS }, async () => {
  const missed = Math.ceil(VOLUME_BYTES / (STALLED * OPERATIONS.length * TEXT_LENGTH * AUTHORS));
  const after = new Map([...heads()].map(([author, seq]) => [author, Math.max(1, seq - missed)]));
  const query = "subscription ($after: [PositionInput!]) { thoughtCreated(after: $after) { seq author { id } sealedText } }";
  const variables = { after: [...after].map(([author, seq]) => ({ author, seq })) };

  async function subscribe(): Promise<RawSocket> {
    const socket = await openRawSocket(relay);
    expect(await socket.init(bob.token)).toEqual({ type: "connection_ack" });
    for (const id of OPERATIONS) socket.send({ id, type: "subscribe", payload: { query, variables } });
    return socket;
  }

  async function expectMissed(socket: RawSocket): Promise<void> {
    const seen = new Map(OPERATIONS.map((id) => [id, new Map([...after.keys()].map((author) => [author, [] as number[]]))]));
    const total = OPERATIONS.length * [...heads()].reduce((count, [author, seq]) => count + seq - Number(after.get(author)), 0);
    for (let count = 0; count < total; count += 1) {
      const message = await socket.next();
      const { seq, author } = message?.["payload"].data.thoughtCreated ?? {};
      seen.get(message?.["id"])?.get(author.id)?.push(seq);
    }
    for (const id of OPERATIONS) expectAll(seen.get(id) ?? new Map(), after);
    expect(socket.messages).toEqual([]);
    await socket.close();
  }

  await expectMissed(await subscribe());
  const warmBytes = residentBytes();
  const stalled = await Promise.all(range(1, STALLED).map(subscribe));
  for (const { socket } of stalled) socket.pause();
  // One that reads to the end: by then the relay has done for the others what it does.
  await expectMissed(await subscribe());
  expect(residentBytes() - warmBytes).toBeLessThan(MAX_RISE_BYTES);
  for (const socket of stalled) {
    socket.socket.resume();
    await expectMissed(socket);
  }
});
