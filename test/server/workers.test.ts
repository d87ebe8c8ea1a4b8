import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Account } from "../../src/client/index.ts";
import { opaqueReady, ready, startLogin } from "../../src/crypto/index.ts";
import { befriend, nextTexts, passwordOf } from "../scenario/support.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../support/folders.ts";
import { ask } from "../support/graphql.ts";
import { proveMember, succeed } from "../support/member.ts";
import { openRawSocket, type RawSocket } from "../support/raw-socket.ts";
import { type RelayProcess, startRelayProcess } from "../support/relay-process.ts";

const THOUGHTS = "subscription { thoughtCreated { author { username } seq } }";
const LOGINS_A_MINUTE = 8;

let folder: TemporaryFolder;
let relay: RelayProcess;
let alice: Account;
let bob: Account;
beforeAll(async () => {
  await Promise.all([ready(), opaqueReady()]);
  folder = await createTemporaryFolder();
  relay = await startRelayProcess(join(folder.path, "data"), {
    PEERBRAIN_SHUTDOWN_SECONDS: "6",
    PEERBRAIN_READS_PER_MINUTE: "1000000",
    PEERBRAIN_APPENDS_PER_USER_MINUTE: "1000000",
    PEERBRAIN_LOGIN_STARTS_PER_USER_MINUTE: `${LOGINS_A_MINUTE}`,
    PEERBRAIN_LOGIN_STARTS_PER_ADDRESS_MINUTE: "1000000",
  }, ["--workers", "2"]);
  [alice, bob] = await Promise.all([register("alice"), register("bob")]);
  await befriend(alice, bob);
});
afterAll(async () => {
  await Promise.all([alice, bob].map((account) => account.close()));
  relay.signal("SIGTERM");
  expect(await relay.exited).toEqual({ exitCode: 0, signal: null });
  await folder.remove();
});

async function register(username: string): Promise<Account> {
  const { account } = await Account.register({ relay: relay.origin, username, password: passwordOf(username), unsafeKeyStretching: true });
  return account;
}

async function signIn(username: string): Promise<{ accessToken: string; sessionId: string }> {
  const proof = await proveMember(relay, { username, password: passwordOf(username) });
  return (await succeed(relay, "finishLogin", { ...proof, deviceName: "another device" })).session;
}

/** One after the other, so that each worker gets its share. */
async function openSockets(accessToken: string, count: number): Promise<RawSocket[]> {
  const sockets: RawSocket[] = [];
  while (sockets.length < count) {
    const socket = await openRawSocket(relay);
    expect(await socket.init(accessToken)).toMatchObject({ type: "connection_ack" });
    socket.send({ id: "1", type: "subscribe", payload: { query: THOUGHTS } });
    // The answer to a second operation says that the first one has begun.
    expect(await socket.ask("{ viewer { vaultVersion } }", {}, "2")).toMatchObject({ type: "next", id: "2" });
    await socket.next();
    sockets.push(socket);
  }
  return sockets;
}

function linesOf(text: string): Record<string, unknown>[] {
  return relay.log.split("\n").filter((line) => line.includes(`"text":"${text}"`)).map((line) => JSON.parse(line) as Record<string, unknown>);
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) {
    if (linesOf("a new worker does not start: the others stay").length > 0) throw new Error(relay.log);
    await sleep(10);
  }
}

test("a thought that goes to one worker reaches friends at each; a worker that dies is replaced", async () => {
  const { accessToken } = await signIn("bob");
  const sockets = await openSockets(accessToken, 4);
  await alice.thoughts.write("to all of you");
  const heard = await Promise.all(sockets.map((socket) => socket.next()));
  for (const message of heard) expect(message).toMatchObject({ type: "next", payload: { data: { thoughtCreated: { author: { username: "alice" } } } } });

  const workers = linesOf("worker ready").map(({ pid }) => Number(pid));
  expect(workers.length).toBe(2);
  process.kill(workers[0] ?? 0, "SIGKILL");
  await until(() => linesOf("worker ready").length === 3);
  expect(linesOf("a worker ended")).toMatchObject([{ pid: workers[0], signal: "SIGKILL" }]);
  // Both workers had some of the sockets; those of the other one are as they were.
  const survivors = sockets.filter(({ socket }) => socket.readyState === socket.OPEN);
  expect(survivors.length).toBe(2);
  const later = await openSockets(accessToken, 2);
  await alice.thoughts.write("to all who are left");
  for (const socket of [...survivors, ...later]) expect(await socket.next()).toMatchObject({ type: "next" });
  await Promise.all([...survivors, ...later].map((socket) => socket.close()));
});

test("a session that ends at one worker ends at each", async () => {
  const [device, other] = [await signIn("bob"), await signIn("bob")];
  const sockets = await openSockets(device.accessToken, 4);
  await succeed(relay, "endSession", { sessionId: device.sessionId }, other.accessToken);
  for (const socket of sockets) expect(await socket.closed).toMatchObject({ code: 4401 });
});

test("rates are counted together", async () => {
  const query = "mutation ($input: StartLoginInput!) { startLogin(input: $input) { __typename } }";
  const variables = { input: { username: "nobody_here", loginRequest: startLogin("guess").request } };
  const statuses: number[] = [];
  // Each over a connection of its own, and so at either worker.
  for (let count = 0; count < LOGINS_A_MINUTE + 4; count += 1) statuses.push((await ask(relay, { query, variables, headers: { connection: "close" } })).status);
  expect(statuses).toEqual([...Array.from({ length: LOGINS_A_MINUTE }, () => 200), 429, 429, 429, 429]);
});

test("SIGHUP under load puts new workers in place of the old ones: no request fails, no entry is lost or doubled", async () => {
  const { accessToken } = await signIn("bob");
  const [socket] = await openSockets(accessToken, 1);
  const old = linesOf("worker ready").map(({ pid }) => pid);
  const feed = bob.feed();
  const written: string[] = [];
  const outcomes: unknown[] = [];
  let isOver = false;
  const write = async (): Promise<void> => {
    while (!isOver) {
      const text = `thought ${written.length}`;
      await alice.thoughts.write(text);
      written.push(text);
      await sleep(20);
    }
  };
  const read = async (): Promise<void> => {
    while (!isOver) {
      const outcome = await ask(relay, { query: "{ viewer { head { seq } } feed(first: 5) { nodes { seq } } }", token: accessToken }).then(
        ({ status, codes }) => [status, ...codes].join(" "),
        (error: Error) => `${error.message}: ${String((error.cause as Error | undefined)?.message)}`,
      );
      outcomes.push(outcome);
      await sleep(5);
    }
  };
  const load = Promise.all([write(), read(), read(), read()]);
  await until(() => written.length > 5 && outcomes.length > 20);

  relay.signal("SIGHUP");
  await until(() => linesOf("workers replaced").length === 1);
  const atEnd = written.length;
  await until(() => written.length > atEnd + 2);
  isOver = true;
  await load;

  expect(new Set(outcomes)).toEqual(new Set(["200"]));
  await alice.thoughts.write("the end");
  const texts = await nextTexts(feed, 1);
  while (texts.at(-1) !== "the end") texts.push(...(await nextTexts(feed, 1)));
  expect(texts.filter((text) => text.startsWith("thought "))).toEqual(written);
  expect(await socket?.closed).toMatchObject({ code: 1001 });
  const fresh = linesOf("worker ready").slice(old.length).map(({ pid }) => pid);
  expect(fresh.length).toBe(2);
  for (const pid of fresh) expect(old).not.toContain(pid);
});

test("a port in use is told once, by the process that was started", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const { port } = other.address() as AddressInfo;
  const starting = startRelayProcess(join(folder.path, "other"), { PEERBRAIN_PORT: `${port}`, PEERBRAIN_LOG_LEVEL: "silent" }, ["--workers", "2"]);
  await expect(starting).rejects.toThrow(new RegExp(`^the relay did not start:\npeerbrain: Port ${port} .*\n$`));
  other.close();
});
