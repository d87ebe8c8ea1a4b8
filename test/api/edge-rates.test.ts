import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { encodeBase64url } from "../../src/protocol/index.ts";
import { opaqueReady, ready, startLogin } from "../../src/crypto/index.ts";
import { type Answer, ask } from "../support/graphql.ts";
import { openRawSocket } from "../support/raw-socket.ts";
import { registerPerson } from "../support/registered.ts";
import { type RunningRelay, type RunningRelayOptions, startTestRelay } from "../support/relay.ts";

let relay: RunningRelay;
const start = async (options: RunningRelayOptions): Promise<void> => void (relay = await startTestRelay(options));
beforeAll(async () => void (await Promise.all([ready(), opaqueReady()])));
afterEach(() => relay.stop());

const START_LOGIN = "mutation ($input: StartLoginInput!) { startLogin(input: $input) { __typename } }";
const loginOf = (username: string) => ({ username, loginRequest: startLogin("guess").request });
const login = (username: string, headers: Record<string, string> = {}): Promise<Answer> =>
  ask(relay, { query: START_LOGIN, variables: { input: loginOf(username) }, headers });

function expectLimited(answer: Answer, mostSeconds: number): void {
  expect(answer).toMatchObject({ status: 429, codes: ["RATE_LIMITED"] });
  const seconds = Number(answer.headers.get("retry-after"));
  expect(answer.errors[0]?.extensions["retryAfterSeconds"]).toBe(seconds);
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(mostSeconds);
}

async function expectAllowed(answers: Promise<Answer>[]): Promise<void> {
  for (const { status, errors } of await Promise.all(answers)) expect({ status, errors }).toEqual({ status: 200, errors: [] });
}

describe("guesses at a password", () => {
  test("one user name from one address: five a minute, known or not", async () => {
    await start({ limits: { loginStartsPerUserMinute: 5, loginStartsPerAddressMinute: 30 } });
    for (const name of ["nobody_here", "somebody"]) {
      await expectAllowed(Array.from({ length: 5 }, () => login(name)));
      expectLimited(await login(name), 60);
    }
  });

  test("all user names from one address: thirty a minute", async () => {
    await start({ limits: { loginStartsPerUserMinute: 5, loginStartsPerAddressMinute: 30 } });
    await expectAllowed(Array.from({ length: 30 }, (_, index) => login(`name_${index}`)));
    expectLimited(await login("one_more"), 60);
  });

  test("a forged X-Forwarded-For changes nothing", async () => {
    await start({ limits: { loginStartsPerAddressMinute: 3 } });
    await expectAllowed([1, 2, 3].map((index) => login(`name_${index}`, { "x-forwarded-for": `198.51.100.${index}` })));
    expectLimited(await login("name_4", { "x-forwarded-for": "198.51.100.4" }), 60);
  });

  test("behind a proxy, addresses are those that the proxy saw, whatever the client wrote before them", async () => {
    await start({ config: { trustedProxyHops: 1 }, limits: { loginStartsPerAddressMinute: 3 } });
    const from = (index: number, address: string) => login(`name_${index}`, { "x-forwarded-for": `198.51.100.${index}, ${address}` });
    await expectAllowed([1, 2, 3].map((index) => from(index, "203.0.113.1")));
    expectLimited(await from(4, "203.0.113.1"), 60);
    await expectAllowed([from(5, "203.0.113.2")]);
  });

  test("aliases in one request count one by one", async () => {
    await start({ limits: { loginStartsPerUserMinute: 5 } });
    const fields = Array.from({ length: 6 }, (_, index) => `a${index}: startLogin(input: $input) { __typename }`);
    const answer = await ask(relay, { query: `mutation ($input: StartLoginInput!) { ${fields.join(" ")} }`, variables: { input: loginOf("nobody_here") } });
    expectLimited(answer, 60);
  });

  test("so do guesses at a recovery code", async () => {
    await start({ limits: { loginStartsPerUserMinute: 2 } });
    const query = "mutation ($input: StartRecoveryInput!) { startRecovery(input: $input) { __typename } }";
    const guess = () => ask(relay, { query, variables: { input: { username: "nobody_here", recoveryProof: encodeBase64url(new Uint8Array(32)), deviceName: "x" } } });
    await expectAllowed([guess(), guess()]);
    expectLimited(await guess(), 60);
  });
});

test("registrations from one address: five an hour", async () => {
  await start({ limits: { registrationsPerAddressHour: 5 } });
  for (let count = 0; count < 5; count += 1) await registerPerson(relay);
  await expect(registerPerson(relay)).rejects.toThrow("RATE_LIMITED");
});

describe("of one user", () => {
  const request = "mutation ($input: RequestFriendshipInput!) { requestFriendship(input: $input) { ... on Refused { code } } }";
  const append = "mutation ($input: CreateThoughtInput!) { createThought(input: $input) { ... on Refused { code } } }";

  test.each([
    ["friend requests: twenty a day", { friendRequestsPerUserDay: 20 }, 20, request, { record: "AAAA" }, 86_400],
    ["entries appended: sixty a minute", { appendsPerUserMinute: 60 }, 60, append, { entry: "AAAA" }, 60],
  ] as const)("%s, those that are refused among them", async (_, limits, count, query, input, mostSeconds) => {
    await start({ limits });
    const [alice, bob] = [await registerPerson(relay), await registerPerson(relay)];
    await expectAllowed(Array.from({ length: count }, () => ask(relay, { query, variables: { input }, token: alice.token })));
    expectLimited(await ask(relay, { query, variables: { input }, token: alice.token }), mostSeconds);
    await expectAllowed([ask(relay, { query, variables: { input }, token: bob.token })]);
  });

  test("questions: so many a minute, by either transport; others are not held back", async () => {
    await start({ limits: { readsPerMinute: 10 } });
    const [alice, bob] = [await registerPerson(relay), await registerPerson(relay)];
    const socket = await openRawSocket(relay);
    await socket.init(alice.token);
    for (let count = 0; count < 5; count += 1) {
      await expectAllowed([ask(relay, { query: "{ viewer { vaultVersion } }", token: alice.token })]);
      expect(await socket.ask("{ viewer { vaultVersion } }", {}, `${count}`)).toMatchObject({ type: "next", payload: { data: { viewer: { vaultVersion: 1 } } } });
      await socket.next();
    }
    expectLimited(await ask(relay, { query: "{ viewer { vaultVersion } }", token: alice.token }), 60);
    for (const query of ["{ viewer { vaultVersion } }", "subscription { friendshipChanged(after: 0) { number } }"]) {
      const refused = await socket.ask(query, {}, query);
      expect(refused).toMatchObject({ payload: { errors: [{ extensions: { code: "RATE_LIMITED", retryAfterSeconds: expect.any(Number) } }] } });
      await socket.next();
    }
    await expectAllowed([ask(relay, { query: "{ viewer { vaultVersion } }", token: bob.token })]);
    await socket.close();
  });
});
