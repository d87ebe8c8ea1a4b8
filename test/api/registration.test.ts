import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cardHashOf, createEntry, createGrant, emailHashOf, generateBytes, verifyReceipt } from "../../src/crypto/index.ts";
import type { ErrorCode } from "../../src/domain/domain-error.ts";
import type { RegistrationInput } from "../../src/domain/users/registration-service.ts";
import { EntryType, GrantKind, HASH_BYTES, parseEntry, parseReceipt } from "../../src/protocol/index.ts";
import { createPerson, createRegistration, createVault, type Person, register, selfGrantOf } from "../support/person.ts";
import { expectRefused, expectRefusedUnchanged } from "../support/refusals.ts";
import { createTestRelay, type TestRelay } from "../support/test-relay.ts";

let relay: TestRelay;
beforeAll(async () => {
  relay = await createTestRelay();
});
afterAll(() => relay.close());

test("a new person is stored whole, and signed in", async () => {
  const person = createPerson({ username: "alice" });
  const { user, tokens, entries } = await relay.services.registration.register({ ...(await createRegistration(relay, person)), email: emailHashOf("Alice@Example.org") });

  expect(user).toMatchObject({ username: "alice", listedByEmail: true, cardVersion: 1, eventNumber: 0 });
  expect(user.id).toEqual(person.userId);
  const viewer = await relay.services.sessions.authenticate(tokens.accessToken);
  expect(viewer).toEqual({ userId: person.userId, sessionId: tokens.sessionId });
  for (const { receipt, seq } of entries) {
    expect(verifyReceipt(relay.services.relay.receiptKey, receipt).seq).toBe(seq);
  }
  expect(parseReceipt(entries[1]?.receipt ?? new Uint8Array()).entryHash).toEqual(person.head.hash);

  const { repositories } = relay.unitOfWork;
  expect(await repositories.chains.find(person.userId)).toMatchObject({ seq: 1, epoch: 0, headHash: person.head.hash });
  expect((await repositories.vaults.get(person.userId)).items.map(({ item }) => item)).toEqual([1, 2, 3, 4]);
  expect((await repositories.users.listCards([person.userId]))[0]?.map(({ hash }) => hash)).toEqual([person.cardHash]);
  const grants = await repositories.grants.list(person.userId, { author: undefined, after: undefined, first: 10 });
  expect(grants.rows).toMatchObject([{ kind: 1, epoch: 0 }]);
});

test("a user name belongs to one user, a user id registers once, and an address is listed once", async () => {
  const first = createPerson({ username: "bob" });
  await relay.services.registration.register({ ...(await createRegistration(relay, first)), email: emailHashOf("bob@example.org") });

  const namesake = await createRegistration(relay, createPerson({ username: "bob" }));
  await expectRefusedUnchanged(relay, () => relay.services.registration.register(namesake), "USERNAME_TAKEN");
  const neighbour = { ...(await createRegistration(relay, createPerson())), email: emailHashOf("BOB@example.org") };
  await expectRefusedUnchanged(relay, () => relay.services.registration.register(neighbour), "EMAIL_TAKEN");
  const again = { ...namesake, username: "bob_again", entries: first.entries, selfGrant: selfGrantOf(first), vault: createVault(first) };
  await expectRefusedUnchanged(relay, () => relay.services.registration.register(again), "USER_EXISTS");
  await expectRefusedUnchanged(relay, () => relay.services.registration.start(first.userId, generateBytes(32)), "USER_EXISTS");
});

test("of many who register the same name at once, one succeeds", async () => {
  const rivals = await Promise.all(Array.from({ length: 8 }, () => createRegistration(relay, createPerson({ username: "coveted" }))));
  const outcomes = await Promise.allSettled(rivals.map((rival) => relay.services.registration.register(rival)));
  expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  for (const outcome of outcomes) {
    if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ code: "USERNAME_TAKEN" });
  }
});

test("a request to blind a password must be one", async () => {
  await expectRefused(relay.services.registration.start(createPerson().userId, generateBytes(31)), "BYTES_MALFORMED");
});

describe("a registration with one wrong part stores nothing:", () => {
  const other = () => createPerson();
  type Change = (good: RegistrationInput, person: Person) => Partial<RegistrationInput>;
  const credentials = (change: Partial<RegistrationInput["credentials"]>): Change => (good) => ({ credentials: { ...good.credentials, ...change } });
  const cases: [string, ErrorCode, Change][] = [
    ["a short registration record", "BYTES_MALFORMED", credentials({ registrationRecord: new Uint8Array(191) })],
    ["a long password wrap", "BYTES_MALFORMED", credentials({ passwordWrap: new Uint8Array(106) })],
    ["a short recovery wrap", "BYTES_MALFORMED", (good) => ({ credentials: { ...good.credentials, recovery: { ...good.credentials.recovery, wrap: new Uint8Array(104) } } })],
    ["a long verifier", "BYTES_MALFORMED", (good) => ({ credentials: { ...good.credentials, recovery: { ...good.credentials.recovery, verifier: new Uint8Array(33) } } })],
    ["no entries", "ENTRY_INVALID", () => ({ entries: [] })],
    ["a card alone", "ENTRY_INVALID", (good) => ({ entries: good.entries.slice(0, 1) })],
    ["three entries", "ENTRY_INVALID", (good) => ({ entries: [...good.entries, ...good.entries.slice(1)] })],
    ["the entries in the wrong order", "ENTRY_INVALID", (good) => ({ entries: [...good.entries].reverse() })],
    ["an epoch of somebody else", "ENTRY_INVALID", (good) => ({ entries: [...good.entries.slice(0, 1), ...other().entries.slice(1)] })],
    ["an entry that is cut off", "BYTES_MALFORMED", (good) => ({ entries: good.entries.map((entry) => entry.subarray(0, -1)) })],
    ["a signature of another key", "SIGNATURE_INVALID", (good, person) => ({ entries: [withBrokenSignature(person.entries[0]), ...good.entries.slice(1)] })],
    ["an epoch that names another vault version", "VAULT_INVALID", () => genesisOf(createPerson({ vaultMin: 2 }))],
    ["another prev", "ENTRY_INVALID", (good, person) => ({ entries: [...good.entries.slice(0, 1), withPrev(person, generateBytes(HASH_BYTES))] })],
    ["a grant of another user", "SIGNER_NOT_VIEWER", () => ({ selfGrant: selfGrantOf(other()) })],
    ["a grant to another user", "GRANT_INVALID", (_good, person) => ({ selfGrant: grantTo(person, other()) })],
    ["a grant of this epoch only", "GRANT_INVALID", (_good, person) => ({ selfGrant: grantTo(person, person, { kind: GrantKind.EPOCH_ONLY }) })],
    ["a grant of a later epoch", "GRANT_INVALID", (_good, person) => ({ selfGrant: grantTo(person, person, { n: 1 }) })],
    ["a vault of another user", "SIGNER_NOT_VIEWER", () => ({ vault: createVault(other()) })],
    ["a vault of version 2", "VAULT_INVALID", (_good, person) => ({ vault: createVault(person, { version: 2, change: { previousManifestHash: generateBytes(32) } }) })],
    ["a vault that names another head", "VAULT_INVALID", (_good, person) => ({ vault: createVault(person, { change: { headSeq: 0 } }) })],
    ["a vault that lists an item it does not bring", "VAULT_INVALID", (good) => ({ vault: { ...good.vault, items: good.vault.items.slice(1) } })],
    ["an empty vault", "VAULT_INVALID", (_good, person) => ({ vault: createVault(person, { items: [] }) })],
    ["a vault item above 1 MiB", "SIZE_EXCEEDED", (good) => ({ vault: { ...good.vault, items: [{ item: 1, itemVersion: 1, sealed: new Uint8Array(1_048_577) }] } })],
  ];

  test.each(cases)("%s: %s", async (_name, code, change) => {
    const person = createPerson();
    const good = await createRegistration(relay, person);
    await expectRefusedUnchanged(relay, () => relay.services.registration.register({ ...good, ...change(good, person) }), code);
  });

  function genesisOf(person: Person): Partial<RegistrationInput> {
    return { entries: person.entries, selfGrant: selfGrantOf(person), vault: createVault(person) };
  }

  function withBrokenSignature(entry: Uint8Array | undefined): Uint8Array {
    const broken = new Uint8Array(entry ?? []);
    broken[200] = (broken[200] ?? 0) ^ 1;
    return broken;
  }

  function withPrev(person: Person, prev: Uint8Array): Uint8Array {
    const { payload, type, seq, epoch, timeMs, entryId } = parseEntry(person.entries[1] ?? new Uint8Array());
    expect(type).toBe(EntryType.EPOCH);
    return createEntry({ signer: person.identity, type, author: person.userId, seq, prev, epoch, timeMs, entryId, signerCard: person.cardHash, payload }).bytes;
  }

  function grantTo(author: Person, recipient: Person, change: Partial<Parameters<typeof createGrant>[0]> = {}): Uint8Array {
    return createGrant({
      kind: GrantKind.HISTORY,
      key: author.epochKey,
      author: author.userId,
      authorCardHash: cardHashOf(author.card),
      signSecretKey: author.identity.sign.secretKey,
      recipientUserId: recipient.userId,
      recipientCard: recipient.card,
      n: 0,
      commitment: author.epochCommitment,
      ...change,
    });
  }
});

test("what was refused can be put right and sent again", async () => {
  const person = createPerson();
  const good = await createRegistration(relay, person);
  await expectRefused(relay.services.registration.register({ ...good, entries: [] }), "ENTRY_INVALID");
  expect((await relay.services.registration.register(good)).user.username).toBe(person.username);
  await register(relay);
});
