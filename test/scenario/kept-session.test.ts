import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Account, openSession, sealSession, type KeptSession, type SessionStore } from "../../src/client/index.ts";
import { codeOf, createWorld, passwordOf, textsOf, type World } from "./support.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

/** As a device keeps it: sealed bytes, one program after the other. */
function deviceStore(): SessionStore & { kept(): Promise<KeptSession | undefined> } {
  const key = randomBytes(32);
  let sealed: Uint8Array | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  const kept = async (): Promise<KeptSession | undefined> => sealed && openSession(key, sealed);
  return {
    kept,
    update(step) {
      const mine = turn.then(async () => {
        const next = await step(await kept());
        sealed = next && (await sealSession(key, next));
      });
      turn = mine.catch(() => undefined);
      return mine;
    },
  };
}

function resume(sessionStore: SessionStore, now?: () => number): Promise<Account> {
  return Account.resume({ relay: world.relay.origin, sessionStore, ...(now && { now }), unsafeKeyStretching: true });
}

/** A clock by which every access token has run out. */
const ahead = (): number => Date.now() + 3_600_000;

test("a program goes on without the password where another one stopped, until somebody logs out", async () => {
  const sessionStore = deviceStore();
  const alice = await world.register("alice", { sessionStore });
  await alice.thoughts.write("Before.");
  await alice.close();
  const again = world.keep(await resume(sessionStore));
  await again.thoughts.write("After.");
  expect(await textsOf(again)).toEqual(["After.", "Before."]);
  expect(await again.sessions.list()).toHaveLength(1);
  await again.logout();
  expect(await sessionStore.kept()).toBeUndefined();
  expect(await codeOf(resume(sessionStore))).toBe("SIGNED_OUT");
});

test("programs that run beside each other exchange the tokens of their session in turns", async () => {
  const sessionStore = deviceStore();
  await (await world.register("bob", { sessionStore })).close();
  const first = world.keep(await resume(sessionStore, ahead));
  const second = world.keep(await resume(sessionStore, ahead));
  const before = (await sessionStore.kept())?.tokens.refreshToken;
  // Who came with a token of two steps before would end the session for both.
  for (const program of [first, first, second, second, first]) await program.accessToken();
  expect((await sessionStore.kept())?.tokens.refreshToken).not.toBe(before);
  await Promise.all([first.thoughts.write("One."), second.thoughts.write("Two.")]);
  expect((await textsOf(world.keep(await resume(sessionStore)))).sort()).toEqual(["One.", "Two."]);
});

test("a reset keeps the new master key; an end of the session by another device is told", async () => {
  const sessionStore = deviceStore();
  const carol = await world.register("carol", { sessionStore });
  const before = await sessionStore.kept();
  await carol.reset(passwordOf("carol"));
  await carol.close();
  expect((await sessionStore.kept())?.masterKey).not.toBe(before?.masterKey);
  await world.keep(await resume(sessionStore)).thoughts.write("With new keys.");
  await (await world.login("carol")).sessions.endOthers();
  expect(await codeOf(resume(sessionStore))).toBe("SIGNED_OUT");
});

test("a program beside the one that replaces the keys is told to start again, and blames no relay", async () => {
  const sessionStore = deviceStore();
  const fred = await world.register("fred", { sessionStore });
  const beside = world.keep(await resume(sessionStore));
  const problems = new Set<unknown>();
  const ended = new Promise<void>((resolve) => {
    beside.onNotice((notice) => {
      if (notice.kind === "problem") problems.add(notice.text);
      if (notice.kind === "disconnected" && (notice.cause as { code?: unknown }).code === "SIGNED_OUT") resolve();
    });
  });
  await fred.reset(passwordOf("fred"));
  await ended;
  expect(await codeOf(beside.thoughts.write("With old keys."))).toBe("SIGNED_OUT");
  expect([...problems]).toEqual([]);
  await world.keep(await resume(sessionStore)).thoughts.write("With new keys.");
});

test("a login that fails keeps nothing, and takes nothing away", async () => {
  const sessionStore = deviceStore();
  await (await world.register("dave", { sessionStore })).close();
  const before = await sessionStore.kept();
  expect(await codeOf(world.login("dave", { sessionStore, password: "a wrong one" }))).toBe("PASSWORD_WRONG");
  expect(await sessionStore.kept()).toEqual(before);
});

test("what is kept opens with its key only, and unchanged", async () => {
  const key = randomBytes(32);
  const kept: KeptSession = { userId: "u", username: "erin", masterKey: "m", tokens: { sessionId: "s", accessToken: "a", accessTokenExpiresAt: 1, refreshToken: "r" } };
  const sealed = await sealSession(key, kept);
  expect(await openSession(key, sealed)).toEqual(kept);
  expect(Buffer.from(sealed).includes("erin")).toBe(false);
  expect(await codeOf(openSession(randomBytes(32), sealed))).toBe("bad-seal");
  for (const at of [0, 10, 40, sealed.length - 1]) expect(await codeOf(openSession(key, sealed.map((byte, index) => (index === at ? byte ^ 1 : byte))))).toBe("bad-seal");
});
