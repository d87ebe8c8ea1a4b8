import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { createNextCard, deriveIdentity, emailHashOf, generateBytes, generateIdentitySeeds } from "../../src/crypto/index.ts";
import { encodeBase64url } from "../../src/protocol/index.ts";
import { createPerson, createRegistration, logIn, register } from "../support/person.ts";
import { expectRefusedUnchanged } from "../support/refusals.ts";
import { createTestRelay, type TestRelay } from "../support/test-relay.ts";

let relay: TestRelay;
let alice: Awaited<ReturnType<typeof register>>;
beforeAll(async () => {
  relay = await createTestRelay();
  alice = await register(relay, createPerson({ username: "alice" }));
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => relay.close());

test("a relay presents itself to anybody", async () => {
  const { data, errors } = await relay.execute(undefined, "{ relay { protocolVersion softwareVersion receiptKey opaqueKey time limits { maxFriends maxVaultItemBytes accessTokenSeconds } } }");
  expect(errors).toBeUndefined();
  expect(data.relay).toMatchObject({
    protocolVersion: 1,
    softwareVersion: "test",
    receiptKey: encodeBase64url(relay.services.relay.receiptKey),
    time: relay.clock.ms,
    limits: { maxFriends: 1000, maxVaultItemBytes: 1_048_576, accessTokenSeconds: 600 },
  });
});

test("a viewer sees who asks, with which session, and how everything of theirs stands", async () => {
  const { data, errors } = await relay.execute(
    alice.viewer,
    "{ viewer { user { id username } session { id deviceName current } sessions { id current } head { author seq hash epoch } vaultVersion wrapVersion listedByEmail eventNumber } }",
  );
  expect(errors).toBeUndefined();
  const id = encodeBase64url(alice.userId);
  const sessionId = encodeBase64url(alice.viewer.sessionId);
  expect(data.viewer).toEqual({
    user: { id, username: "alice" },
    session: { id: sessionId, deviceName: "first device", current: true },
    sessions: [{ id: sessionId, current: true }],
    head: { author: id, seq: 1, hash: encodeBase64url(alice.head.hash), epoch: 0 },
    vaultVersion: 1,
    wrapVersion: 1,
    listedByEmail: false,
    eventNumber: 0,
  });
  const other = await logIn(relay, alice, "laptop");
  const sessions = await relay.execute({ userId: alice.userId, sessionId: other.tokens.sessionId }, "{ viewer { sessions { deviceName current } } }");
  expect(sessions.data.viewer.sessions).toEqual(expect.arrayContaining([{ deviceName: "first device", current: false }, { deviceName: "laptop", current: true }]));
});

test("users are found by id and by exact name; what nobody has is null", async () => {
  const { data, errors } = await relay.execute(
    alice.viewer,
    `{ byId: user(id: "${encodeBase64url(alice.userId)}") { username card { version hash bytes } } byName: userByName(username: "alice") { id }
       noId: user(id: "${encodeBase64url(generateBytes(32))}") { id } noName: userByName(username: "nobody_here") { id } }`,
  );
  expect(errors).toBeUndefined();
  expect(data).toEqual({
    byId: { username: "alice", card: { version: 1, hash: encodeBase64url(alice.cardHash), bytes: encodeBase64url(alice.card.bytes) } },
    byName: { id: encodeBase64url(alice.userId) },
    noId: null,
    noName: null,
  });
});

test("all cards of a user are told, oldest first, and the newest is the one in force", async () => {
  const carol = await register(relay);
  const { card, cardHash } = createNextCard(deriveIdentity(generateIdentitySeeds()), carol.identity, carol.card, relay.clock.ms);
  await relay.unitOfWork.run(({ users }) => users.insertCard({ userId: carol.userId, version: 2, hash: cardHash, bytes: card.bytes }));
  const { data } = await relay.execute(alice.viewer, `{ userByName(username: "${carol.username}") { card { version } cards { version hash } } }`);
  expect(data.userByName).toEqual({
    card: { version: 2 },
    cards: [{ version: 1, hash: encodeBase64url(carol.cardHash) }, { version: 2, hash: encodeBase64url(cardHash) }],
  });
});

describe("by e-mail address", () => {
  const hashed = (email: string) => encodeBase64url(emailHashOf(email));
  const find = async (email: string) => (await relay.execute(alice.viewer, "query ($email: EmailHash!) { userByEmail(email: $email) { proven user { username } } }", { email: hashed(email) })).data.userByEmail;
  const set = async (viewer: typeof alice.viewer, email: string | null) =>
    (await relay.execute(viewer, "mutation ($input: SetEmailInput!) { setEmail(input: $input) { __typename ... on EmailSet { listedByEmail } ... on Refused { code message } } }", { input: { email: email === null ? null : hashed(email) } })).data.setEmail;

  test("only those are found who chose it, as unproven, whatever the letter case", async () => {
    const dora = await register(relay);
    expect(await find("dora@example.org")).toBeNull();
    expect(await set(dora.viewer, "Dora@Example.org")).toEqual({ __typename: "EmailSet", listedByEmail: true });
    expect(await find("dORA@example.ORG")).toEqual({ proven: false, user: { username: dora.username } });
    expect(await find("dor@example.org")).toBeNull();
    expect(await set(dora.viewer, null)).toEqual({ __typename: "EmailSet", listedByEmail: false });
    expect(await find("dora@example.org")).toBeNull();
  });

  test("an address is listed for one user; setting one's own again changes nothing", async () => {
    const [first, second] = [await register(relay), await register(relay)];
    await set(first.viewer, "shared@example.org");
    expect(await set(first.viewer, "shared@example.org")).toMatchObject({ __typename: "EmailSet" });
    expect(await set(second.viewer, "SHARED@example.org")).toMatchObject({ __typename: "Refused", code: "EMAIL_TAKEN" });
    await expectRefusedUnchanged(relay, () => relay.services.users.setEmail(second.viewer, emailHashOf("shared@example.org")), "EMAIL_TAKEN");
  });

  test("not even the client's hash of the address is in the database", async () => {
    const dora = await register(relay);
    await set(dora.viewer, "canary.address@example.org");
    const dump = (await relay.dump()).toLowerCase();
    expect(dump).toContain(Buffer.from(dora.userId).toString("hex"));
    expect(dump).not.toContain(Buffer.from(emailHashOf("canary.address@example.org")).toString("hex"));
  });
});

describe("the page of users", () => {
  const PAGE = "query ($search: ShortText, $first: Int!, $after: Cursor) { users(search: $search, first: $first, after: $after) { nodes { username } edges { cursor node { username } } pageInfo { hasNextPage endCursor } } }";
  const names = ["page_a", "page_aa", "page_b", "page_z", "pagea", "pageb9"];

  beforeAll(async () => {
    for (const username of [...names].reverse()) await register(relay, createPerson({ username }));
  });

  async function read(search: string | null, first: number) {
    const found: string[] = [];
    let after: string | null = null;
    for (;;) {
      const { data, errors } = await relay.execute(alice.viewer, PAGE, { search, first, after });
      expect(errors).toBeUndefined();
      found.push(...data.users.nodes.map(({ username }: { username: string }) => username));
      after = data.users.pageInfo.endCursor;
      if (!data.users.pageInfo.hasNextPage) return found;
    }
  }

  test.each([1, 2, 3, 100])("gives everyone once, in order of bytes, %i at a time", async (first) => {
    expect(await read("page", first)).toEqual(names);
  });

  test("finds names that begin with the search, in any letter case, and takes underscores as they are", async () => {
    expect(await read("PAGE_", 100)).toEqual(["page_a", "page_aa", "page_b", "page_z"]);
    expect(await read("pagea", 100)).toEqual(["pagea"]);
    expect(await read("page%", 100)).toEqual([]);
    expect(await read("ünknown 🦊", 100)).toEqual([]);
    expect((await read(null, 100)).slice(0, 1)).toEqual(["alice"]);
  });

  test("leaves disabled users out", async () => {
    const hidden = await register(relay, createPerson({ username: "page_hidden" }));
    await relay.services.users.disable(hidden.userId);
    expect(await read("page_hidden", 10)).toEqual([]);
  });

  test("asks for 1 to 100 and a cursor of its own", async () => {
    for (const first of [0, -1, 101]) {
      const { errors } = await relay.execute(alice.viewer, PAGE, { search: null, first });
      expect(errors?.[0]?.originalError).toMatchObject({ code: "BAD_INPUT" });
    }
    const cursors = ["nonsense", "", "%%%", encodeBase64url(Buffer.from("[7]")), encodeBase64url(Buffer.from('["a","b"]')), encodeBase64url(Buffer.from(JSON.stringify(["a\0"])))];
    for (const after of cursors) {
      const { errors } = await relay.execute(alice.viewer, PAGE, { search: null, first: 5, after });
      expect(errors?.[0]?.originalError, after).toMatchObject({ code: "BAD_INPUT" });
    }
  });

  test("reads the cards of a whole page in one statement each", async () => {
    const current = vi.spyOn(relay.services.users, "findCurrentCards");
    const all = vi.spyOn(relay.services.users, "listCards");
    const { data } = await relay.execute(alice.viewer, "{ users(first: 100) { nodes { username card { version } cards { version } } } }");
    expect(data.users.nodes.length).toBeGreaterThan(names.length);
    expect(data.users.nodes.every(({ card }: { card: { version: number } }) => card.version >= 1)).toBe(true);
    expect([current.mock.calls.length, all.mock.calls.length]).toEqual([1, 1]);
  });
});

test("a refused mutation answers with the member that carries what it has to say", async () => {
  const bob = createPerson({ username: "alice" });
  const { credentials, ...registration } = await createRegistration(relay, bob);
  const encode = (bytes: Uint8Array) => encodeBase64url(bytes);
  const input = {
    username: registration.username,
    registrationRecord: encode(credentials.registrationRecord),
    passwordWrap: encode(credentials.passwordWrap),
    recoveryWrap: encode(credentials.recovery.wrap),
    recoveryVerifier: encode(credentials.recovery.verifier),
    entries: registration.entries.map(encode),
    selfGrant: encode(registration.selfGrant),
    vault: { manifest: encode(registration.vault.manifest), items: registration.vault.items.map(({ sealed, ...item }) => ({ ...item, sealed: encode(sealed) })) },
    deviceName: "device",
  };
  const REGISTER = "mutation ($input: RegisterInput!) { register(input: $input) { __typename ... on Registered { user { username } receipts { bytes } } ... on Refusal { code message } } }";
  const refused = await relay.execute(undefined, REGISTER, { input });
  expect(refused.data.register).toEqual({ __typename: "Refused", code: "USERNAME_TAKEN", message: expect.stringContaining("choose another") });
  const registered = await relay.execute(undefined, REGISTER, { input: { ...input, username: "bob" } });
  expect(registered.data.register).toMatchObject({ __typename: "Registered", user: { username: "bob" }, receipts: [{}, {}] });

  const SAVE = "mutation ($input: SaveVaultInput!) { saveVault(input: $input) { __typename ... on VaultStale { code version } } }";
  const stale = await relay.execute({ userId: bob.userId, sessionId: new Uint8Array(16) }, SAVE, { input: { expectedVersion: 7, vault: { ...input.vault, manifest: encode(generateBytes(200)) } } });
  expect(stale.data.saveVault).toEqual({ __typename: "VaultStale", code: "VAULT_STALE", version: 1 });
});
