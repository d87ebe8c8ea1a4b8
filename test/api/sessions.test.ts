import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { generateBytes, startLogin } from "../../src/crypto/index.ts";
import { deriveRefreshToken } from "../../src/crypto/relay/index.ts";
import { concatBytes, encodeBase64url, idKey, parseBase64url } from "../../src/protocol/index.ts";
import { createPerson, logIn, proveLogin, register } from "../support/person.ts";
import { expectRefused, expectRefusedUnchanged } from "../support/refusals.ts";
import { createTestRelay, type TestRelay } from "../support/test-relay.ts";

let relay: TestRelay;
beforeAll(async () => {
  relay = await createTestRelay();
});
afterAll(() => relay.close());

describe("login", () => {
  test("a name and a password open a session and hand out the wrap", async () => {
    const alice = await register(relay);
    const { tokens, user, credentials } = await logIn(relay, alice, "laptop");
    expect(user.id).toEqual(alice.userId);
    expect(credentials.wrapVersion).toBe(1);
    const viewer = await relay.services.sessions.authenticate(tokens.accessToken);
    expect(viewer?.sessionId).toEqual(tokens.sessionId);
    expect((await relay.services.sessions.list(alice.viewer)).map(({ deviceName }) => deviceName).sort()).toEqual(["first device", "laptop"]);
  });

  test("a wrong password is refused, by the client's own arithmetic or by the relay", async () => {
    const alice = await register(relay);
    await expect(proveLogin(relay, { ...alice, password: "wrong" })).rejects.toMatchObject({ code: "bad-password" });
    const { loginId } = await proveLogin(relay, alice);
    const forged = { loginId, loginFinish: generateBytes(64), deviceName: "thief" };
    await expectRefused(relay.services.login.finish(forged), "CREDENTIALS_INVALID");
    expect(await relay.services.sessions.list(alice.viewer)).toHaveLength(1);
  });

  test("an unknown name gets an answer of the same shape, the same user id each time, and the same refusal", async () => {
    const alice = await register(relay);
    const known = await relay.services.login.start({ username: alice.username, loginRequest: loginRequest() });
    const unknown = await relay.services.login.start({ username: "nobody_here", loginRequest: loginRequest() });
    const again = await relay.services.login.start({ username: "nobody_here", loginRequest: loginRequest() });
    expect(unknown.userId).toEqual(again.userId);
    expect(unknown.loginId).not.toEqual(again.loginId);
    for (const part of ["loginId", "userId", "loginResponse"] as const) expect(unknown[part].length).toBe(known[part].length);

    const finish = (loginId: Uint8Array) => relay.services.login.finish({ loginId, loginFinish: generateBytes(64), deviceName: "guesser" });
    const refusals = [await expectRefused(finish(known.loginId), "CREDENTIALS_INVALID"), await expectRefused(finish(unknown.loginId), "CREDENTIALS_INVALID")];
    expect(refusals[0]?.message).toBe(refusals[1]?.message);
  });

  test("each login works once, and for a minute", async () => {
    const alice = await register(relay);
    const once = await proveLogin(relay, alice);
    await relay.services.login.finish({ ...once, deviceName: "first" });
    await expectRefusedUnchanged(relay, () => relay.services.login.finish({ ...once, deviceName: "replayed" }), "LOGIN_EXPIRED");

    const late = await proveLogin(relay, alice);
    relay.clock.ms += 60_000;
    await expectRefused(relay.services.login.finish({ ...late, deviceName: "late" }), "LOGIN_EXPIRED");
    await expectRefusedUnchanged(relay, () => relay.services.login.finish({ ...late, loginId: generateBytes(16), deviceName: "made up" }), "LOGIN_EXPIRED");
  });

  test("of many who finish one login at once, one gets a session", async () => {
    const alice = await register(relay);
    const proof = await proveLogin(relay, alice);
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => relay.services.login.finish({ ...proof, deviceName: "racer" })));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await relay.services.sessions.list(alice.viewer)).toHaveLength(2);
  });

  test("bytes that are no login request are refused", async () => {
    const alice = await register(relay);
    const start = () => relay.services.login.start({ username: alice.username, loginRequest: generateBytes(95) });
    await expectRefusedUnchanged(relay, start, "BYTES_MALFORMED");
  });

  test("a disabled user learns it only after the password was right, and loses all sessions", async () => {
    const alice = await register(relay);
    await relay.services.users.disable(alice.userId);
    expect(relay.events.at(-1)).toEqual({ kind: "sessionsEnded", userId: alice.userId, sessionIds: [alice.viewer.sessionId] });
    expect(await relay.services.sessions.authenticate(alice.tokens.accessToken)).toBeUndefined();
    await expectRefused(relay.services.sessions.refresh(alice.tokens.refreshToken), "SESSION_ENDED");

    const { loginId } = await proveLogin(relay, alice);
    await expectRefused(relay.services.login.finish({ loginId, loginFinish: generateBytes(64), deviceName: "guesser" }), "CREDENTIALS_INVALID");
    await expectRefused(logIn(relay, alice), "USER_DISABLED");
    await relay.services.users.enable(alice.userId);
    expect((await logIn(relay, alice)).user.username).toBe(alice.username);
  });

  test("of more than 64 sessions the oldest gives way", async () => {
    const alice = await register(relay);
    relay.events.length = 0;
    for (let count = 1; count < 64; count += 1) {
      relay.clock.ms += 1;
      await logIn(relay, alice, `device ${count}`);
    }
    expect(relay.events).toEqual([]);
    relay.clock.ms += 1;
    const { tokens } = await logIn(relay, alice, "device 64");
    expect(relay.events).toEqual([{ kind: "sessionsEnded", userId: alice.userId, sessionIds: [alice.viewer.sessionId] }]);
    const sessions = await relay.services.sessions.list({ userId: alice.userId, sessionId: tokens.sessionId });
    expect(sessions).toHaveLength(64);
    expect(sessions[0]?.deviceName).toBe("device 64");
    expect(sessions.at(-1)?.deviceName).toBe("device 1");
  });

  test("logins at once leave no more than 64 sessions either", async () => {
    const alice = await register(relay);
    const { sessions } = relay.unitOfWork.repositories;
    const first = await sessions.find(alice.viewer.sessionId);
    if (!first) throw new Error("no first session");
    for (let count = 1; count < 60; count += 1) await sessions.insert({ ...first, id: generateBytes(16) });
    const proofs = await Promise.all(Array.from({ length: 16 }, () => proveLogin(relay, alice)));
    await Promise.all(proofs.map((proof) => relay.services.login.finish({ ...proof, deviceName: "racer" })));
    expect(await sessions.list(alice.userId)).toHaveLength(64);
  });

  function loginRequest(): Uint8Array {
    return parseBase64url(startLogin("any password").request);
  }
});

describe("refreshing", () => {
  test("a refresh token is spent by its use and gives the next one", async () => {
    const { tokens, userId } = await register(relay);
    const next = await relay.services.sessions.refresh(tokens.refreshToken);
    expect(next.refreshToken).not.toBe(tokens.refreshToken);
    expect(next.sessionId).toEqual(tokens.sessionId);
    expect((await relay.services.sessions.authenticate(next.accessToken))?.userId).toEqual(userId);
    const afterNext = await relay.services.sessions.refresh(next.refreshToken);
    expect(afterNext.refreshToken).not.toBe(next.refreshToken);
  });

  test("fifty refreshes at once advance one step and all get the same successor", async () => {
    const { tokens } = await register(relay);
    const answers = await Promise.all(Array.from({ length: 50 }, () => relay.services.sessions.refresh(tokens.refreshToken)));
    expect(new Set(answers.map(({ refreshToken }) => refreshToken)).size).toBe(1);
    expect((await relay.unitOfWork.repositories.sessions.find(tokens.sessionId))?.refreshCounter).toBe(1);
  });

  test("a lost answer is given again for ten seconds; later the same token ends the session", async () => {
    const { tokens, userId } = await register(relay);
    const next = await relay.services.sessions.refresh(tokens.refreshToken);
    relay.clock.ms += 10_000;
    expect((await relay.services.sessions.refresh(tokens.refreshToken)).refreshToken).toBe(next.refreshToken);
    relay.clock.ms += 1;
    await expectRefused(relay.services.sessions.refresh(tokens.refreshToken), "SESSION_ENDED");
    expect(relay.events.at(-1)).toEqual({ kind: "sessionsEnded", userId, sessionIds: [tokens.sessionId] });
    await expectRefused(relay.services.sessions.refresh(next.refreshToken), "SESSION_ENDED");
    expect(await relay.services.sessions.authenticate(next.accessToken)).toBeUndefined();
  });

  test("a token from two steps ago ends the session at once", async () => {
    const { tokens } = await register(relay);
    const { refreshToken } = await relay.services.sessions.refresh(tokens.refreshToken);
    await relay.services.sessions.refresh(refreshToken);
    await expectRefused(relay.services.sessions.refresh(tokens.refreshToken), "SESSION_ENDED");
    expect(await relay.unitOfWork.repositories.sessions.find(tokens.sessionId)).toBeUndefined();
  });

  test("a made-up token changes nothing, whatever session and step it names", async () => {
    const { tokens } = await register(relay);
    await relay.services.sessions.refresh(tokens.refreshToken);
    const { sessions } = relay.services;
    const derive = (sessionId: Uint8Array, counter: number) => deriveRefreshToken(relay.keys.refreshSecret, sessionId, counter);
    const real = parseBase64url(derive(tokens.sessionId, 0));
    const forged = encodeBase64url(concatBytes(real.subarray(0, 20), generateBytes(32)));
    for (const token of [forged, "", "refresh", derive(generateBytes(16), 0), derive(tokens.sessionId, 9)]) {
      await expectRefusedUnchanged(relay, () => sessions.refresh(token), "SESSION_ENDED");
    }
  });
});

describe("ending", () => {
  test("one session ends alone and its access token is refused from then on", async () => {
    const alice = await register(relay);
    const { tokens } = await logIn(relay, alice);
    expect(await relay.services.sessions.end(alice.viewer, tokens.sessionId)).toBe(1);
    expect(relay.events.at(-1)).toEqual({ kind: "sessionsEnded", userId: alice.userId, sessionIds: [tokens.sessionId] });
    expect(await relay.services.sessions.authenticate(tokens.accessToken)).toBeUndefined();
    expect(await relay.services.sessions.authenticate(alice.tokens.accessToken)).toEqual(alice.viewer);
    await expectRefusedUnchanged(relay, () => relay.services.sessions.end(alice.viewer, tokens.sessionId), "SESSION_NOT_FOUND");
  });

  test("nobody ends, or learns of, another user's session", async () => {
    const [alice, eve] = [await register(relay), await register(relay)];
    const end = (sessionId: Uint8Array) => () => relay.services.sessions.end(eve.viewer, sessionId);
    const refusals = [
      await expectRefusedUnchanged(relay, end(alice.viewer.sessionId), "SESSION_NOT_FOUND"),
      await expectRefusedUnchanged(relay, end(generateBytes(16)), "SESSION_NOT_FOUND"),
    ];
    expect(refusals[0]?.message).toBe(refusals[1]?.message);
  });

  test("all others end, or all", async () => {
    const alice = await register(relay);
    const others = [await logIn(relay, alice), await logIn(relay, alice)];
    expect(await relay.services.sessions.endAll(alice.viewer, { includeCurrent: false })).toBe(2);
    const ended = relay.events.at(-1);
    expect(ended?.kind === "sessionsEnded" && ended.sessionIds.map(idKey).sort()).toEqual(others.map(({ tokens }) => idKey(tokens.sessionId)).sort());
    expect(await relay.services.sessions.endAll(alice.viewer, { includeCurrent: true })).toBe(1);
    expect(await relay.services.sessions.list(alice.viewer)).toEqual([]);
    await expectRefused(relay.services.sessions.get(alice.viewer), "UNAUTHENTICATED");
  });
});

test("an access token that expired, or that is none, stands for nobody", async () => {
  const alice = await register(relay, createPerson());
  relay.clock.ms += 599_000;
  expect(await relay.services.sessions.authenticate(alice.tokens.accessToken)).toEqual(alice.viewer);
  relay.clock.ms += 1_000;
  expect(await relay.services.sessions.authenticate(alice.tokens.accessToken)).toBeUndefined();
  expect(await relay.services.sessions.authenticate("")).toBeUndefined();
  expect(await relay.services.sessions.authenticate(alice.tokens.refreshToken)).toBeUndefined();
});
