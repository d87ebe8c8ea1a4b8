import type { Client, ClientOptions } from "graphql-ws";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { opaqueReady, ready } from "../../src/crypto/index.ts";
import { accept, befriend, request } from "../support/friendships.ts";
import { ask, type Json } from "../support/graphql.ts";
import { cardReplacement, write } from "../support/lawful-inputs.ts";
import { createMember, type Member, mutate, proveMember, succeed } from "../support/member.ts";
import { type RunningRelay, startTestRelay } from "../support/relay.ts";
import { createStockClient, listen, type Listening } from "../support/stock-client.ts";

const VIEWER = "{ viewer { user { username } } }";
const RESUMED = "subscription ($after: [PositionInput!]) { thoughtCreated(after: $after) { seq } }";

let relay: RunningRelay;
let alice: Member;
let bob: Member;
const clients: Client[] = [];
beforeAll(async () => {
  await Promise.all([ready(), opaqueReady()]);
  relay = await startTestRelay();
});
beforeEach(async () => {
  [alice, bob] = await Promise.all([createMember(relay), createMember(relay)]);
  await befriend(relay, bob, alice);
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.dispose();
});
afterAll(() => relay.stop());

function connect(token: unknown, options: Partial<ClientOptions> = {}): Client {
  const client = createStockClient(relay, token, options);
  clients.push(client);
  return client;
}

const resume = (client: Client): Listening =>
  listen(client, { query: RESUMED, variables: { after: [{ author: Buffer.from(alice.userId).toString("base64url"), seq: alice.hand.head.seq }] } });

/** Another session of the same person. */
async function logIn(member: Member): Promise<Json> {
  return (await succeed(relay, "finishLogin", { ...(await proveMember(relay, member)), deviceName: "another device" })).session;
}

/** A token with one part changed. */
function forge(token: string, part: number, change: (claims: Json) => Json): string {
  const parts = token.split(".");
  const claims = JSON.parse(Buffer.from(parts[part] ?? "", "base64url").toString());
  parts[part] = Buffer.from(JSON.stringify(change(claims))).toString("base64url");
  return parts.join(".");
}

describe("a token that is not valid opens nothing, on either transport", () => {
  const tokens: Record<string, () => unknown> = {
    "none": () => undefined,
    "an empty one": () => "",
    "one that is no token": () => "a.b.c",
    "something that is no text": () => ({ toString: "x" }),
    "one with another user in it": () => forge(bob.token, 1, (claims) => ({ ...claims, sub: Buffer.from(alice.userId).toString("base64url") })),
    "one with another session in it": () => forge(bob.token, 1, (claims) => ({ ...claims, sid: alice.sessionId })),
    "one that lives for ever": () => forge(bob.token, 1, (claims) => ({ ...claims, exp: 4_000_000_000 })),
    "one that says it needs no signature": () => `${forge(bob.token, 0, (header) => ({ ...header, alg: "none" })).split(".").slice(0, 2).join(".")}.`,
    "one without its signature": () => bob.token.split(".").slice(0, 2).join("."),
    "a refresh token": () => bob.refreshToken,
    "the token with the word Bearer": () => `Bearer ${bob.token}`,
  };

  test("4403 for the socket, 401 for the request", async () => {
    for (const [name, make] of Object.entries(tokens)) {
      const token = make();
      const listening = resume(connect(token));
      expect(await listening.ended, name).toMatchObject({ code: 4403 });
      expect(listening.received).toEqual([]);
      const headers = { authorization: `Bearer ${JSON.stringify(token ?? "").slice(1, -1)}` };
      expect(await ask(relay, { query: VIEWER, headers }), name).toMatchObject({ status: 401, data: null, codes: ["UNAUTHENTICATED"] });
    }
    expect((await ask(relay, { query: VIEWER, token: bob.token })).data).toEqual({ viewer: { user: { username: bob.username } } });
  });

  test("a token of another relay", async () => {
    const other = await startTestRelay();
    const { token } = await createMember(other);
    await other.stop();
    expect(await resume(connect(token)).ended).toMatchObject({ code: 4403 });
    expect((await ask(relay, { query: VIEWER, token })).status).toBe(401);
  });

  test("a token whose session was ended, by its owner or by another device of the same person", async () => {
    const other = await logIn(bob);
    await succeed(relay, "endSession", { sessionId: other.sessionId }, bob.token);
    expect(await resume(connect(other.accessToken)).ended).toMatchObject({ code: 4403 });
    await succeed(relay, "endAllSessions", { includeCurrent: true }, bob.token);
    expect(await resume(connect(bob.token)).ended).toMatchObject({ code: 4403 });
    expect((await ask(relay, { query: VIEWER, token: bob.token })).status).toBe(401);
    expect((await mutate(relay, "refreshSession", { refreshToken: bob.refreshToken })).word).toBe("SESSION_ENDED");
  });
});

describe("a session that ends", () => {
  const endings: Record<string, (member: Member) => Promise<unknown>> = {
    "ended by itself": (member) => succeed(relay, "endSession", { sessionId: member.sessionId }, member.token),
    "ended with all others": (member) => succeed(relay, "endAllSessions", { includeCurrent: true }, member.token),
    "ended from another device": async (member) => succeed(relay, "endSession", { sessionId: member.sessionId }, (await logIn(member)).accessToken),
    "ended by a new card made at another device": async (member) => {
      const { accessToken } = await logIn(member);
      const { input } = await cardReplacement(relay, member);
      await succeed(relay, "replaceCard", input, accessToken);
    },
  };

  test.each(Object.entries(endings))("%s: its sockets close with 4401 at once, which a stock client takes as final", async (_, end) => {
    let connections = 0;
    const client = connect(bob.token, { retryAttempts: 5, on: { connected: () => (connections += 1) } });
    const listening = resume(client);
    await write(relay, alice);
    await listening.until(() => listening.received.length === 1);

    await end(bob);
    // At once: before anybody was answered a few more questions.
    const answered = (async () => {
      for (let asked = 0; asked < 20; asked += 1) await ask(relay, { query: VIEWER, token: alice.token });
      return "twenty answers";
    })();
    expect(await Promise.race([listening.ended, answered])).toMatchObject({ code: 4401 });
    await write(relay, alice);
    expect(listening.received).toHaveLength(1);
    expect(connections).toBe(1);
    await answered;
  });

  test("leaves the sockets of the same person's other sessions, and of others, alone", async () => {
    const other = await logIn(bob);
    const [first, second] = [resume(connect(bob.token)), resume(connect(other.accessToken))];
    await write(relay, alice);
    for (const listening of [first, second]) await listening.until(() => listening.received.length === 1);
    await succeed(relay, "endSession", { sessionId: bob.sessionId }, bob.token);
    expect(await first.ended).toMatchObject({ code: 4401 });
    await write(relay, alice);
    await second.until(() => second.received.length === 2);
  });
});

test("a socket lives on while its session does, across three lives of its token; a spent one opens no other, a fresh one does", async () => {
  const home = relay;
  relay = await startTestRelay({ limits: { accessTokenSeconds: 1 } });
  [alice, bob] = await Promise.all([createMember(relay), createMember(relay)]);
  const fid = await freshly(bob, () => request(relay, bob, alice));
  await freshly(alice, () => accept(relay, fid, alice, bob));
  const fresh = { connectionParams: async () => ({ accessToken: await refresh(bob) }), retryAttempts: 100, retryWait: async () => undefined };
  const listening = resume(connect(undefined, fresh));

  await freshly(alice, () => write(relay, alice));
  await listening.until(() => listening.received.length === 1);

  for (let lives = 1; lives <= 3; lives += 1) {
    const spent = await refresh(bob);
    while ((await ask(relay, { query: VIEWER, token: spent })).status !== 401) await new Promise((resolve) => setTimeout(resolve, 50));
    await freshly(alice, () => write(relay, alice));
    await listening.until(() => listening.received.length === lives + 1);
    expect(await resume(connect(spent)).ended).toMatchObject({ code: 4403 });
  }
  expect(listening.received.map(({ thoughtCreated }) => thoughtCreated.seq)).toEqual([2, 3, 4, 5]);
  const another = listen(connect(undefined, fresh), { query: VIEWER });
  expect([await another.ended, another.received]).toEqual([undefined, [{ viewer: { user: { username: bob.username } } }]]);
  await relay.stop();
  relay = home;
});

/** Exchanges the refresh token, and goes on with the new ones. */
async function refresh(member: Member): Promise<string> {
  const { session } = await succeed(relay, "refreshSession", { refreshToken: member.refreshToken });
  Object.assign(member, { token: session.accessToken, refreshToken: session.refreshToken });
  return member.token;
}

/** Does what needs a valid token, with one that may be spent before it is used. */
async function freshly<Result>(member: Member, work: () => Promise<Result>): Promise<Result> {
  for (;;) {
    await refresh(member);
    try {
      return await work();
    } catch (error) {
      if (!String(error).includes("UNAUTHENTICATED")) throw error;
    }
  }
}
