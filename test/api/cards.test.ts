import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { generateBytes, recoveryAuth } from "../../src/crypto/index.ts";
import type { ErrorCode } from "../../src/domain/domain-error.ts";
import type { CardChangeInput } from "../../src/domain/cards/replace-card.ts";
import { encodeBeaconPayload, encodeHealPayload, EntryType, HASH_BYTES, parseManifest } from "../../src/protocol/index.ts";
import { type Author, befriend, createAuthor } from "../support/author.ts";
import { createCardChange, type CardChangeOptions } from "../support/card-change.ts";
import { createVault, logIn, proveLogin } from "../support/person.ts";
import { expectRefused, expectRefusedUnchanged } from "../support/refusals.ts";
import { createTestRelay, type TestRelay } from "../support/test-relay.ts";

/** Header and signature, in front of the payload. */
const ENTRY_BYTES = 234;

let relay: TestRelay;
let alice: Author;
let bob: Author;
beforeAll(async () => {
  relay = await createTestRelay();
});
afterAll(() => relay.close());
beforeEach(async () => {
  [alice, bob] = await Promise.all([createAuthor(relay), createAuthor(relay)]);
});

const change = (author: Author, options?: CardChangeOptions) => createCardChange(relay, author, options);
const replace = (author: Author, input: CardChangeInput) => relay.services.cards.replace(author.viewer, input);

describe("a new card", () => {
  test("replaces password, code, wraps and vault with it, begins an epoch, and ends the other sessions", async () => {
    await befriend(alice, bob);
    const before = alice.person;
    const { tokens } = await logIn(relay, before);
    const { input, renewed, adopt } = await change(alice, { recipients: [bob], password: "after the leak" });
    const replaced = await replace(alice, input);
    expect(replaced).toMatchObject({ sessionsEnded: 1, head: { epoch: 1 } });
    expect(replaced.entries.map(({ type }) => type)).toEqual([EntryType.CARD, EntryType.EPOCH]);
    adopt();

    expect(await relay.services.users.findById(alice.viewer, alice.userId)).toMatchObject({ cardVersion: 2, cardHash: alice.person.cardHash });
    expect(relay.events.slice(-3)).toMatchObject([
      { kind: "entry", author: alice.userId, seq: replaced.head.seq - 1 },
      { kind: "entry", author: alice.userId, seq: replaced.head.seq },
      { kind: "sessionsEnded", userId: alice.userId, sessionIds: [tokens.sessionId] },
    ]);
    expect(await relay.services.sessions.authenticate(tokens.accessToken)).toBeUndefined();
    await expect(logIn(relay, before)).rejects.toMatchObject({ code: "bad-password" });
    expect((await logIn(relay, renewed)).credentials).toMatchObject({ passwordWrap: input.credentials.passwordWrap, wrapVersion: 2, recoveryWrapVersion: 2 });
    const startWith = (recoveryProof: Uint8Array) => relay.services.passwords.startRecovery({ username: before.username, recoveryProof, deviceName: "new" });
    await expectRefused(startWith(before.recovery.proof), "CREDENTIALS_INVALID");
    expect((await startWith(recoveryAuth(renewed.recovery.rc))).credentials.recoveryWrap).toEqual(input.credentials.recovery.wrap);
    expect(await relay.services.vault.get(alice.viewer)).toMatchObject({ version: 2, ...input.vault });
    expect(await relay.services.grants.listMissing(alice.viewer, 100)).toEqual([]);
    await alice.write("under the new card");
    await alice.rotate([bob]);
  });

  test("travels behind the HEAL of what the devices gave up", async () => {
    const heal = alice.sign(EntryType.HEAL, encodeHealPayload([generateBytes(32)]));
    const placed = alice.clone();
    placed.moveTo(heal);
    const { input } = await change(placed, { manifest: { headSeq: alice.head.seq, headHash: alice.head.hash } });
    const { entries } = await replace(alice, { ...input, entries: [heal.bytes, ...input.entries] });
    expect(entries.map(({ type }) => type)).toEqual([EntryType.HEAL, EntryType.CARD, EntryType.EPOCH]);
  });

  test("may leave friends out: they are named until their grants follow", async () => {
    await befriend(alice, bob);
    const { input, adopt } = await change(alice);
    await replace(alice, input);
    adopt();
    expect(await relay.services.grants.listMissing(alice.viewer, 100)).toEqual([{ recipient: bob.userId, asked: false }]);
    await relay.services.grants.store(alice.viewer, [alice.grant(bob)]);
    expect(await relay.services.grants.listMissing(alice.viewer, 100)).toEqual([]);
  });

  test("comes again after a lost answer with the same receipts and no second effect, even when much has happened since", async () => {
    const { input, renewed, adopt } = await change(alice);
    const first = await replace(alice, input);
    adopt();
    await alice.write("since");
    const { tokens } = await logIn(relay, renewed);
    const before = await relay.dump();
    const again = await replace(alice, input);
    expect(again).toMatchObject({ sessionsEnded: 0, head: { seq: alice.head.seq } });
    expect(again.entries.map(({ receipt }) => receipt)).toEqual(first.entries.map(({ receipt }) => receipt));
    expect(await relay.dump()).toBe(before);
    expect(await relay.services.sessions.authenticate(tokens.accessToken)).toBeDefined();
  });

  test("that arrives many times at once has one effect", async () => {
    const { input } = await change(alice);
    const answers = await Promise.all(Array.from({ length: 6 }, () => replace(alice, input)));
    expect(new Set(answers.map(({ entries }) => entries.map(({ receipt }) => Buffer.from(receipt).toString("hex")).join())).size).toBe(1);
    expect(await relay.services.users.findById(alice.viewer, alice.userId)).toMatchObject({ cardVersion: 2 });
  });

  test("of two devices that make one at once, one wins: a card has one continuation", async () => {
    const other = alice.clone();
    const changes = await Promise.all([change(alice), change(other)]);
    const outcomes = await Promise.allSettled(changes.map(({ input }) => replace(alice, input)));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(await relay.services.users.findById(alice.viewer, alice.userId)).toMatchObject({ cardVersion: 2 });
  });

  test("makes what the old one signs stale: thoughts, grants, requests and vaults", async () => {
    const before = alice.clone();
    const { input, renewed, adopt } = await change(alice);
    await replace(alice, input);
    adopt();
    Object.assign(before, { head: alice.head, epoch: alice.epoch });
    await expectRefusedUnchanged(relay, () => relay.services.thoughts.create(alice.viewer, before.thought("old hand").bytes), "CARD_STALE");
    await expectRefusedUnchanged(relay, () => relay.services.grants.store(alice.viewer, [before.grant(before)]), "CARD_STALE");
    await expectRefused(before.request(bob), "CARD_STALE");
    const previous = parseManifest((await relay.services.vault.get(alice.viewer)).manifest);
    const forged = createVault({ ...before.person, head: alice.head }, { version: 3, previous });
    await expectRefusedUnchanged(relay, () => relay.services.vault.save(alice.viewer, 2, forged), "SIGNATURE_INVALID");
    const own = createVault({ ...renewed, head: alice.head }, { version: 3, previous });
    expect(await relay.services.vault.save(alice.viewer, 2, own)).toBe(3);
  });

  test("wants a proof of the present password by this user, and spends one that proves nothing", async () => {
    const { input } = await change(alice);
    const attempts: [ErrorCode, Partial<CardChangeInput>][] = [
      ["CREDENTIALS_INVALID", await proveLogin(relay, bob.person)],
      ["LOGIN_EXPIRED", { loginId: generateBytes(16) }],
    ];
    for (const [code, proof] of attempts) await expectRefused(replace(alice, { ...input, ...proof }), code);
    const guessed = { ...input, loginFinish: generateBytes(64) };
    await expectRefused(replace(alice, guessed), "CREDENTIALS_INVALID");
    await expectRefused(replace(alice, input), "LOGIN_EXPIRED");
    expect(await relay.services.users.findById(alice.viewer, alice.userId)).toMatchObject({ cardVersion: 1 });
  });

  test("is refused when the password was changed since the proof began", async () => {
    const { input } = await change(alice);
    const { credentials, wrapVersion } = (await change(alice)).input;
    const { loginId, loginFinish } = await proveLogin(relay, alice.person);
    await relay.services.passwords.change(alice.viewer, { ...credentials, loginId, loginFinish, wrapVersion });
    await expectRefusedUnchanged(relay, () => replace(alice, input), "WRAP_STALE");
  });

  test("waits on a restored relay until the newest receipt was shown, and keeps its proof meanwhile", async () => {
    const { input } = await change(alice);
    await relay.sql(`UPDATE "Chain" SET "restoration" = -1 WHERE "author" = '\\x${Buffer.from(alice.userId).toString("hex")}'`);
    await expectRefusedUnchanged(relay, () => replace(alice, input), "RECEIPT_DUE");
    const head = await relay.unitOfWork.repositories.chains.findBySeq(alice.userId, alice.head.seq);
    await relay.services.chains.showReceipt(alice.viewer, head?.receipt ?? generateBytes(145));
    expect((await replace(alice, input)).head.epoch).toBe(1);
  });

  type Broken = (input: CardChangeInput) => CardChangeInput | Promise<CardChangeInput>;
  const anew = async (options: CardChangeOptions): Promise<CardChangeInput> => (await change(alice, options)).input;
  const broken: [string, ErrorCode, Broken][] = [
    ["without its epoch", "ENTRY_INVALID", (input) => ({ ...input, entries: input.entries.slice(0, 1) })],
    ["behind its epoch", "ENTRY_INVALID", (input) => ({ ...input, entries: [...input.entries].reverse() })],
    ["with a beacon", "ENTRY_INVALID", (input) => ({ ...input, entries: [...input.entries, alice.sign(EntryType.BEACON, encodeBeaconPayload([])).bytes] })],
    ["twice", "ENTRY_INVALID", (input) => ({ ...input, entries: [...input.entries, ...input.entries] })],
    ["that is missing", "ENTRY_INVALID", (input) => ({ ...input, entries: [] })],
    ["of somebody else", "SIGNER_NOT_VIEWER", async (input) => ({ ...input, entries: (await change(bob)).input.entries })],
    ["that continues another card", "ENTRY_INVALID", (input) => foreignCard(input)],
    ["with another epoch's signer", "SIGNATURE_INVALID", (input) => ({ ...input, entries: [input.entries[0]!, flip(input.entries[1]!, 200)] })],
    ["behind an old head", "HEAD_STALE", async () => {
      const behind = alice.clone();
      behind.head = { seq: 0, hash: generateBytes(HASH_BYTES) };
      return (await change(behind, { manifest: { headSeq: alice.head.seq, headHash: alice.head.hash } })).input;
    }],
    ["without a grant to oneself", "GRANT_INVALID", (input) => ({ ...input, grants: [] })],
    ["with a grant to a stranger", "GRANT_INVALID", () => anew({ recipients: [bob] })],
    ["with a grant by the old card", "CARD_STALE", (input) => ({ ...input, grants: [alice.grant(alice)] })],
    ["with a vault whose items stay", "VAULT_INVALID", () => anew({ items: [1, 3, 4] })],
    ["with a vault by the old card", "SIGNATURE_INVALID", async (input) => ({ ...input, vault: await vaultBy(alice) })],
    ["with a vault of a later version", "VAULT_STALE", () => anew({ manifest: { vaultVersion: 4 } })],
    ["with a vault that names no entry of the chain", "VAULT_INVALID", () => anew({ manifest: { headHash: generateBytes(HASH_BYTES) } })],
    ["with a short record", "BYTES_MALFORMED", (input) => ({ ...input, credentials: { ...input.credentials, registrationRecord: generateBytes(191) } })],
    ["with a short wrap", "BYTES_MALFORMED", (input) => ({ ...input, credentials: { ...input.credentials, recovery: { ...input.credentials.recovery, wrap: generateBytes(104) } } })],
    ["with wraps of a later version", "WRAP_STALE", () => anew({ wrapVersion: 3 })],
  ];
  test.each(broken)("%s is refused with %s; nothing changes, and the proof is still good", async (_, code, spoil) => {
    const { input } = await change(alice);
    const spoilt = { ...(await spoil(input)), loginId: input.loginId, loginFinish: input.loginFinish };
    await expectRefusedUnchanged(relay, () => replace(alice, spoilt), code);
    expect((await replace(alice, input)).head.epoch).toBe(1);
  });

  test("of the hundred-and-first kind is refused", async () => {
    const { input } = await change(alice);
    const [entry = new Uint8Array()] = input.entries;
    const late = Uint8Array.from(entry);
    new DataView(late.buffer).setUint32(ENTRY_BYTES + 1, 101);
    await expectRefusedUnchanged(relay, () => replace(alice, { ...input, entries: [late, ...input.entries.slice(1)] }), "SIZE_EXCEEDED");
  });

  // The vault verifies with the keys of the card, which continues another one.
  async function foreignCard(input: CardChangeInput): Promise<CardChangeInput> {
    const { card, renewed } = (await createAuthor(relay)).cardChange();
    const entry = alice.sign(EntryType.CARD, card.bytes.subarray(ENTRY_BYTES));
    return { ...input, entries: [entry.bytes, ...input.entries.slice(1)], vault: await vaultBy(alice, renewed.identity) };
  }

  async function vaultBy(author: Author, identity = author.person.identity) {
    const previous = parseManifest((await relay.services.vault.get(author.viewer)).manifest);
    return createVault({ ...author.person, identity, head: author.head }, { version: previous.vaultVersion + 1, previous });
  }

  function flip(bytes: Uint8Array, at: number): Uint8Array {
    return bytes.with(at, (bytes[at] ?? 0) ^ 1);
  }
});
