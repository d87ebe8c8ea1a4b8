import { beforeAll, describe, expect, it } from "vitest";
import { finishLogin, finishRegistration, opaqueReady, ready, startLogin, startRegistration } from "../../src/crypto/index.ts";
import {
  createOpaqueSetup,
  createRegistrationResponse,
  finishOpaqueLogin,
  opaquePublicKey,
  startOpaqueLogin,
  unknownUserId,
} from "../../src/crypto/relay/index.ts";
import { filled } from "./support/bytes.ts";
import { expectRefusal } from "./support/refusal.ts";

beforeAll(async () => {
  await ready();
  await opaqueReady();
});

const userId = filled(32, 1);
const quick = { unsafeKeyStretching: true };

function register(password: string, setup = createOpaqueSetup(), options = quick) {
  const { state, request } = startRegistration(password);
  const response = createRegistrationResponse({ setup, userId, request });
  return { setup, ...finishRegistration({ state, password, response }, options) };
}

function logIn(password: string, relay: { setup: string; record: string | null; userId?: Uint8Array }, options = quick) {
  const { state, request } = startLogin(password);
  const answer = startOpaqueLogin({ userId, ...relay, request });
  const client = finishLogin({ state, password, response: answer.response }, options);
  return { ...client, isProven: finishOpaqueLogin({ state: answer.state, finish: client.finish }) };
}

describe("a password", () => {
  it("brings the export key back, and proves itself to the relay", () => {
    const registered = register("correct horse");
    const login = logIn("correct horse", registered);
    expect(login.isProven).toBe(true);
    expect(login.exportKey).toStrictEqual(registered.exportKey);
    expect(login.exportKey).toHaveLength(64);
    expect(login.relayLoginKey).toStrictEqual(opaquePublicKey(registered.setup));
    expect(registered.relayLoginKey).toStrictEqual(opaquePublicKey(registered.setup));
  });

  it("takes 3 passes over 64 MiB, and a cheaper way is another key", () => {
    const registered = register("correct horse", createOpaqueSetup(), { unsafeKeyStretching: false });
    expect(logIn("correct horse", registered, { unsafeKeyStretching: false }).isProven).toBe(true);
    expectRefusal("bad-password", () => logIn("correct horse", registered));
  });

  it("is the same in both forms of Unicode", () => {
    const registered = register("caf\u00e9");
    expect(logIn("cafe\u0301", registered).exportKey).toStrictEqual(registered.exportKey);
  });

  it("never travels", () => {
    const password = "correct horse battery staple";
    const { state, request } = startRegistration(password);
    const setup = createOpaqueSetup();
    const response = createRegistrationResponse({ setup, userId, request });
    const { record } = finishRegistration({ state, password, response }, quick);
    const login = startLogin(password);
    for (const text of [request, record, login.request]) {
      expect(text).not.toContain(password);
      expect(Buffer.from(text, "base64url").includes(password)).toBe(false);
    }
  });

  it("is refused when it is wrong", () => {
    const registered = register("correct horse");
    expectRefusal("bad-password", () => logIn("wrong horse", registered));
  });

  it("is refused by another relay, and by a relay with another secret", () => {
    const registered = register("correct horse");
    expectRefusal("bad-password", () => logIn("correct horse", { ...registered, setup: createOpaqueSetup() }));
  });

  it("is refused for another user's record", () => {
    const registered = register("correct horse");
    expectRefusal("bad-password", () => logIn("correct horse", { ...registered, userId: filled(32, 2) }));
  });

  it("of a lone surrogate is refused before anything is sent", () => {
    expectRefusal("bad-text", () => startRegistration("a\uD800"));
    expectRefusal("bad-text", () => startLogin("a\uD800"));
  });
});

describe("an unknown name", () => {
  it("gets an answer of the same shape, with the same id each time", () => {
    const registered = register("correct horse");
    const secret = filled(32, 5);
    const unknown = unknownUserId(secret, "nobody");
    const { request } = startLogin("correct horse");
    const known = startOpaqueLogin({ setup: registered.setup, userId, record: registered.record, request });
    const other = startOpaqueLogin({ setup: registered.setup, userId: unknown, record: null, request });
    expect(other.response).toHaveLength(known.response.length);
    expect(other.state).toHaveLength(known.state.length);
    // The evaluated OPRF element: it would tell an unknown name if it changed from one try to the next.
    const again = startOpaqueLogin({ setup: registered.setup, userId: unknown, record: null, request });
    const element = (response: string) => Buffer.from(response, "base64url").subarray(0, 32).toString("hex");
    expect(element(again.response)).toBe(element(other.response));
    expect(element(known.response)).not.toBe(element(other.response));
    expectRefusal("bad-password", () => logIn("correct horse", { setup: registered.setup, record: null, userId: unknown }));
  });
});

describe("malformed steps", () => {
  it("are refused by the relay", () => {
    const registered = register("correct horse");
    for (const request of ["", "AAAA", "not base64!", startRegistration("x").request.slice(2)]) {
      expectRefusal("bad-login", () => createRegistrationResponse({ setup: registered.setup, userId, request }));
      expectRefusal("bad-login", () => startOpaqueLogin({ setup: registered.setup, userId, record: registered.record, request }));
    }
    // The library passes over bytes behind a request.
    expectRefusal("bad-login", () => createRegistrationResponse({ setup: registered.setup, userId, request: `${startRegistration("x").request}AAAA` }));
    expectRefusal("bad-login", () => startOpaqueLogin({ setup: registered.setup, userId, record: registered.record, request: `${startLogin("x").request}AAAA` }));
    const { state } = startOpaqueLogin({ setup: registered.setup, userId, record: registered.record, request: startLogin("x").request });
    for (const finish of ["", "AAAA", "A".repeat(86)]) expect(finishOpaqueLogin({ state, finish })).toBe(false);
    expect(finishOpaqueLogin({ state: "", finish: "AAAA" })).toBe(false);
  });

  it("are refused by the client", () => {
    const { state } = startRegistration("x");
    expectRefusal("bad-login", () => finishRegistration({ state, password: "x", response: "AAAA" }, quick));
    expectRefusal("bad-password", () => finishLogin({ state: startLogin("x").state, password: "x", response: "AAAA" }, quick));
  });

  it("of one login do not finish another", () => {
    const registered = register("correct horse");
    const first = startLogin("correct horse");
    const answer = startOpaqueLogin({ ...registered, userId, request: first.request });
    const other = startOpaqueLogin({ ...registered, userId, request: startLogin("correct horse").request });
    const { finish } = finishLogin({ state: first.state, password: "correct horse", response: answer.response }, quick);
    expect(finishOpaqueLogin({ state: other.state, finish })).toBe(false);
    expect(finishOpaqueLogin({ state: answer.state, finish })).toBe(true);
  });
});
