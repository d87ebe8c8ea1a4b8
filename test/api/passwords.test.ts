import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { generateBytes, generateRecoveryCode, recoveryAuth, recoveryVerifierOf } from "../../src/crypto/index.ts";
import { createPasswordRecord, logIn, proveLogin, register } from "../support/person.ts";
import { expectRefused, expectRefusedUnchanged } from "../support/refusals.ts";
import { createTestRelay, type TestRelay } from "../support/test-relay.ts";

let relay: TestRelay;
beforeAll(async () => {
  relay = await createTestRelay();
});
afterAll(() => relay.close());

type Registered = Awaited<ReturnType<typeof register>>;
const unchanged = { wrap: undefined, verifier: undefined };

/** What replaces the present password by a new one, up to the proof. */
async function newCredentials(alice: Registered, password: string, wrapVersion = 2) {
  const { record } = await createPasswordRecord((request) => relay.services.passwords.startChange(alice.viewer, request), password);
  return { registrationRecord: record, passwordWrap: generateBytes(105), recovery: unchanged, wrapVersion };
}

describe("changing the password", () => {
  test("replaces record and wrap, ends the other sessions, and leaves the recovery code alone", async () => {
    const alice = await register(relay);
    const other = await logIn(relay, alice);
    const credentials = await newCredentials(alice, "new password");
    const changed = await relay.services.passwords.change(alice.viewer, { ...credentials, ...(await proveLogin(relay, alice)) });
    expect(changed).toEqual({ wrapVersion: 2, sessionsEnded: 1 });
    expect(relay.events.at(-1)).toEqual({ kind: "sessionsEnded", userId: alice.userId, sessionIds: [other.tokens.sessionId] });
    expect(await relay.services.sessions.authenticate(alice.tokens.accessToken)).toEqual(alice.viewer);
    expect(await relay.services.passwords.getWrapVersion(alice.viewer)).toBe(2);

    await expect(logIn(relay, alice)).rejects.toMatchObject({ code: "bad-password" });
    const again = await logIn(relay, { ...alice, password: "new password" });
    expect(again.credentials.passwordWrap).toEqual(credentials.passwordWrap);
    const recovered = await relay.services.passwords.startRecovery({ username: alice.username, recoveryProof: alice.recovery.proof, deviceName: "new" });
    expect(recovered.credentials).toMatchObject({ recoveryWrapVersion: 1, wrapVersion: 2 });
  });

  test("may bring a new recovery code, or the old one's wrap of the new version", async () => {
    const alice = await register(relay);
    const rewrapped = { ...(await newCredentials(alice, "second")), recovery: { wrap: generateBytes(105), verifier: undefined } };
    await relay.services.passwords.change(alice.viewer, { ...rewrapped, ...(await proveLogin(relay, alice)) });
    const start = (recoveryProof: Uint8Array) => relay.services.passwords.startRecovery({ username: alice.username, recoveryProof, deviceName: "new" });
    expect((await start(alice.recovery.proof)).credentials).toMatchObject({ recoveryWrap: rewrapped.recovery.wrap, recoveryWrapVersion: 2 });

    const proof = recoveryAuth(generateRecoveryCode().rc);
    const recoded = { ...(await newCredentials(alice, "third", 3)), recovery: { wrap: generateBytes(105), verifier: recoveryVerifierOf(proof) } };
    await relay.services.passwords.change(alice.viewer, { ...recoded, ...(await proveLogin(relay, { ...alice, password: "second" })) });
    await expectRefused(start(alice.recovery.proof), "CREDENTIALS_INVALID");
    expect((await start(proof)).credentials.recoveryWrapVersion).toBe(3);
  });

  test("is answered once more when the answer was lost, and ends nothing more", async () => {
    const alice = await register(relay);
    const input = { ...(await newCredentials(alice, "new password")), ...(await proveLogin(relay, alice)) };
    await relay.services.passwords.change(alice.viewer, input);
    await logIn(relay, { ...alice, password: "new password" });
    expect(await relay.services.passwords.change(alice.viewer, input)).toEqual({ wrapVersion: 2, sessionsEnded: 0 });
    expect(await relay.services.sessions.list(alice.viewer)).toHaveLength(2);
  });

  test("wants a proof by this user with the present password", async () => {
    const [alice, eve] = [await register(relay), await register(relay)];
    const credentials = await newCredentials(alice, "new password");
    const attempts = [
      ["CREDENTIALS_INVALID", await proveLogin(relay, eve)],
      ["CREDENTIALS_INVALID", { ...(await proveLogin(relay, alice)), loginFinish: generateBytes(64) }],
      ["LOGIN_EXPIRED", { loginId: generateBytes(16), loginFinish: generateBytes(64) }],
    ] as const;
    for (const [code, proof] of attempts) await expectRefused(relay.services.passwords.change(alice.viewer, { ...credentials, ...proof }), code);
    expect((await logIn(relay, alice)).credentials.wrapVersion).toBe(1);
  });

  test("names the next version of the wraps", async () => {
    const alice = await register(relay);
    for (const wrapVersion of [-1, 0, 1, 3]) {
      const input = { ...(await newCredentials(alice, "new password", wrapVersion)), ...(await proveLogin(relay, alice)) };
      await expectRefused(relay.services.passwords.change(alice.viewer, input), "WRAP_STALE");
    }
    expect((await logIn(relay, alice)).credentials.wrapVersion).toBe(1);
  });

  test("of two devices that change it at once, one succeeds", async () => {
    const alice = await register(relay);
    const other = await logIn(relay, alice);
    const viewers = [alice.viewer, { userId: alice.userId, sessionId: other.tokens.sessionId }];
    const inputs = await Promise.all(viewers.map(async (_viewer, index) => ({ ...(await newCredentials(alice, `by device ${index}`)), ...(await proveLogin(relay, alice)) })));
    const outcomes = await Promise.allSettled(viewers.map((viewer, index) => relay.services.passwords.change(viewer, inputs[index] ?? expect.fail())));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(outcomes.find(({ status }) => status === "rejected")).toMatchObject({ reason: { code: "WRAP_STALE" } });
  });

  test("a login that began with the old password opens nothing after the change", async () => {
    const alice = await register(relay);
    const begun = await proveLogin(relay, alice);
    await relay.services.passwords.change(alice.viewer, { ...(await newCredentials(alice, "new password")), ...(await proveLogin(relay, alice)) });
    await expectRefused(relay.services.login.finish({ ...begun, deviceName: "thief" }), "LOGIN_EXPIRED");
    expect(await relay.services.sessions.list(alice.viewer)).toHaveLength(1);
  });

  test("a proof of a password that was replaced since changes nothing", async () => {
    const alice = await register(relay);
    const old = await proveLogin(relay, alice);
    await relay.services.passwords.change(alice.viewer, { ...(await newCredentials(alice, "second")), ...(await proveLogin(relay, alice)) });
    const third = { ...(await newCredentials(alice, "third", 3)), ...old };
    await expectRefused(relay.services.passwords.change(alice.viewer, third), "WRAP_STALE");
    expect((await logIn(relay, { ...alice, password: "second" })).credentials.wrapVersion).toBe(2);
  });

  test("with malformed parts is refused before the login is used up", async () => {
    const alice = await register(relay);
    const good = { ...(await newCredentials(alice, "new password")), ...(await proveLogin(relay, alice)) };
    const bad = [
      { registrationRecord: generateBytes(191) },
      { passwordWrap: generateBytes(104) },
      { recovery: { wrap: generateBytes(106), verifier: undefined } },
      { recovery: { wrap: generateBytes(105), verifier: generateBytes(31) } },
      { recovery: { wrap: undefined, verifier: generateBytes(32) } },
    ];
    for (const change of bad) {
      await expectRefusedUnchanged(relay, () => relay.services.passwords.change(alice.viewer, { ...good, ...change }), "BYTES_MALFORMED");
    }
    expect(() => relay.services.passwords.startChange(alice.viewer, generateBytes(33))).toThrowError(expect.objectContaining({ code: "BYTES_MALFORMED" }));
    expect((await relay.services.passwords.change(alice.viewer, good)).wrapVersion).toBe(2);
  });
});

describe("recovery", () => {
  const startWith = (username: string, recoveryProof: Uint8Array) => relay.services.passwords.startRecovery({ username, recoveryProof, deviceName: "recovered" });

  async function recover(alice: Registered) {
    const started = await startWith(alice.username, alice.recovery.proof);
    const viewer = { userId: alice.userId, sessionId: started.tokens.sessionId };
    const proof = recoveryAuth(generateRecoveryCode().rc);
    const credentials = await newCredentials({ ...alice, viewer }, "after recovery");
    const input = { ...credentials, recoveryProof: alice.recovery.proof, recovery: { wrap: generateBytes(105), verifier: recoveryVerifierOf(proof) } };
    return { started, viewer, input, proof };
  }

  test("the code opens a session, then brings a new password and a new code, and ends all other sessions", async () => {
    const alice = await register(relay);
    const { started, viewer, input, proof } = await recover(alice);
    expect(started.user.id).toEqual(alice.userId);
    expect(started.credentials).toMatchObject({ recoveryWrapVersion: 1, wrapVersion: 1 });
    expect(await relay.services.passwords.finishRecovery(viewer, input)).toEqual({ wrapVersion: 2, sessionsEnded: 1 });
    expect(await relay.services.sessions.authenticate(alice.tokens.accessToken)).toBeUndefined();
    expect(await relay.services.sessions.authenticate(started.tokens.accessToken)).toEqual(viewer);
    await logIn(relay, { ...alice, password: "after recovery" });
    await expectRefused(startWith(alice.username, alice.recovery.proof), "CREDENTIALS_INVALID");
    expect((await startWith(alice.username, proof)).credentials.recoveryWrap).toEqual(input.recovery.wrap);
  });

  test("is answered once more when the answer was lost", async () => {
    const { viewer, input } = await recover(await register(relay));
    await relay.services.passwords.finishRecovery(viewer, input);
    expect(await relay.services.passwords.finishRecovery(viewer, input)).toEqual({ wrapVersion: 2, sessionsEnded: 0 });
  });

  test("a wrong code, an unknown name and a code of all zeros are refused alike", async () => {
    const alice = await register(relay);
    const attempts = [
      [alice.username, generateBytes(32)],
      ["nobody_here", alice.recovery.proof],
      ["nobody_here", new Uint8Array(32)],
    ] as const;
    const texts = new Set<string>();
    for (const [username, proof] of attempts) {
      texts.add((await expectRefusedUnchanged(relay, () => startWith(username, proof), "CREDENTIALS_INVALID")).message);
    }
    expect(texts.size).toBe(1);
    await expectRefusedUnchanged(relay, () => startWith(alice.username, generateBytes(31)), "BYTES_MALFORMED");
  });

  test("a session alone does not replace the code: the second step wants the proof again", async () => {
    const alice = await register(relay);
    const { viewer, input } = await recover(alice);
    const finish = (change: Partial<typeof input>) => () => relay.services.passwords.finishRecovery(viewer, { ...input, ...change });
    await expectRefusedUnchanged(relay, finish({ recoveryProof: generateBytes(32) }), "CREDENTIALS_INVALID");
    await expectRefusedUnchanged(relay, finish({ recoveryProof: generateBytes(33) }), "BYTES_MALFORMED");
    await expectRefusedUnchanged(relay, finish({ wrapVersion: 3 }), "WRAP_STALE");
    await expectRefusedUnchanged(relay, finish({ passwordWrap: generateBytes(1) }), "BYTES_MALFORMED");
  });

  test("a disabled user learns it only with the right code", async () => {
    const alice = await register(relay);
    await relay.services.users.disable(alice.userId);
    await expectRefusedUnchanged(relay, () => startWith(alice.username, generateBytes(32)), "CREDENTIALS_INVALID");
    await expectRefusedUnchanged(relay, () => startWith(alice.username, alice.recovery.proof), "USER_DISABLED");
  });
});
