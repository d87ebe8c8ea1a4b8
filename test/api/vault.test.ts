import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { generateBytes, vaultItemHashOf } from "../../src/crypto/index.ts";
import type { ErrorCode } from "../../src/domain/domain-error.ts";
import type { VaultInput } from "../../src/domain/vault/verify-vault.ts";
import { type Manifest, parseManifest } from "../../src/protocol/index.ts";
import { createPerson, createVault, register } from "../support/person.ts";
import { expectRefusedUnchanged } from "../support/refusals.ts";
import { createTestRelay, type TestRelay } from "../support/test-relay.ts";

let relay: TestRelay;
beforeAll(async () => {
  relay = await createTestRelay();
});
afterAll(() => relay.close());

type Registered = Awaited<ReturnType<typeof register>>;

async function registerWithVault() {
  const alice = await register(relay);
  const first = parseManifest((await relay.services.vault.get(alice.viewer)).manifest);
  return { alice, first };
}

test("a saved vault replaces what it writes and keeps the rest", async () => {
  const { alice, first } = await registerWithVault();
  const before = await relay.services.vault.get(alice.viewer);
  const input = createVault(alice, { version: 2, items: [2, 9], previous: first });
  expect(await relay.services.vault.save(alice.viewer, 1, input)).toBe(2);
  const stored = await relay.services.vault.get(alice.viewer);
  expect(stored.version).toBe(2);
  expect(await relay.services.vault.getVersion(alice.viewer)).toBe(2);
  expect(stored.manifest).toEqual(input.manifest);
  expect(stored.items.map(({ item, itemVersion }) => [item, itemVersion])).toEqual([[1, 1], [2, 2], [3, 1], [4, 1], [9, 2]]);
  expect(stored.items[0]?.sealed).toEqual(before.items[0]?.sealed);
  expect(stored.items[1]?.sealed).toEqual(input.items[0]?.sealed);
});

test("the same vault again gets the same answer, as long as it is the newest", async () => {
  const { alice, first } = await registerWithVault();
  const second = createVault(alice, { version: 2, items: [2], previous: first });
  const answers = await Promise.all(Array.from({ length: 10 }, () => relay.services.vault.save(alice.viewer, 1, second)));
  expect(new Set(answers)).toEqual(new Set([2]));
  const third = createVault(alice, { version: 3, items: [2], previous: parseManifest(second.manifest) });
  await relay.services.vault.save(alice.viewer, 2, third);
  const refusal = await expectRefusedUnchanged(relay, () => relay.services.vault.save(alice.viewer, 1, second), "VAULT_STALE");
  expect(refusal.details).toEqual({ version: 3 });
});

test("of many devices that save at once, one wins and the others learn the version", async () => {
  const { alice, first } = await registerWithVault();
  const inputs = Array.from({ length: 8 }, () => createVault(alice, { version: 2, items: [2], previous: first }));
  const outcomes = await Promise.allSettled(inputs.map((input) => relay.services.vault.save(alice.viewer, 1, input)));
  expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  for (const outcome of outcomes) {
    if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ code: "VAULT_STALE", details: { version: 2 } });
  }
});

describe("a vault with one wrong part changes nothing:", () => {
  const cases: [string, ErrorCode, (alice: Registered, first: Manifest) => VaultInput][] = [
    ["a manifest of another user", "SIGNER_NOT_VIEWER", (_alice, first) => createVault(createPerson(), { version: 2, previous: first })],
    ["a signature of another key", "SIGNATURE_INVALID", ({ userId }, first) => createVault({ ...createPerson(), userId }, { version: 2, previous: first })],
    ["a manifest that is cut off", "BYTES_MALFORMED", (alice, first) => cutOff(createVault(alice, { version: 2, previous: first }))],
    ["the version after next", "VAULT_INVALID", (alice, first) => createVault(alice, { version: 3, previous: first })],
    ["another previous manifest", "VAULT_INVALID", (alice, first) => createVault(alice, { version: 2, previous: first, change: { previousManifestHash: generateBytes(32) } })],
    ["a head that the chain does not hold", "VAULT_INVALID", (alice, first) => createVault(alice, { version: 2, previous: first, change: { headHash: generateBytes(32) } })],
    ["a head above the chain's", "VAULT_INVALID", (alice, first) => createVault(alice, { version: 2, previous: first, change: { headSeq: 2 } })],
    ["another sealed item than the listed one", "VAULT_INVALID", (alice, first) => changeItem(createVault(alice, { version: 2, items: [2], previous: first }), { sealed: generateBytes(300) })],
    ["an item under another number", "VAULT_INVALID", (alice, first) => changeItem(createVault(alice, { version: 2, items: [2], previous: first }), { item: 3 })],
    ["an item of another version", "VAULT_INVALID", (alice, first) => changeItem(createVault(alice, { version: 2, items: [2], previous: first }), { itemVersion: 1 })],
    ["a listed item that does not come along", "VAULT_INVALID", (alice, first) => ({ ...createVault(alice, { version: 2, items: [2], previous: first }), items: [] })],
    ["an item that is not listed", "VAULT_INVALID", (alice, first) => addItem(createVault(alice, { version: 2, items: [2], previous: first }))],
    ["the same item twice", "VAULT_INVALID", (alice, first) => doubleItem(createVault(alice, { version: 2, items: [2, 3], previous: first }))],
    ["a stored item left out", "VAULT_INVALID", (alice, first) => createVault(alice, { version: 2, items: [1, 2, 3], previous: { ...first, items: [] } })],
    ["a kept item with another hash", "VAULT_INVALID", (alice, first) => createVault(alice, { version: 2, items: [2], previous: { ...first, items: first.items.map((listed) => ({ ...listed, itemHash: generateBytes(32) })) } })],
    ["an item above 1 MiB", "SIZE_EXCEEDED", (alice, first) => largeItem(alice, first)],
  ];

  test.each(cases)("%s: %s", async (_name, code, build) => {
    const { alice, first } = await registerWithVault();
    await expectRefusedUnchanged(relay, () => relay.services.vault.save(alice.viewer, 1, build(alice, first)), code);
    expect(await relay.services.vault.save(alice.viewer, 1, createVault(alice, { version: 2, items: [2], previous: first }))).toBe(2);
  });

  test("an expected version that is not the stored one: VAULT_STALE", async () => {
    const { alice, first } = await registerWithVault();
    for (const expected of [-1, 0, 2]) {
      const input = createVault(alice, { version: 2, previous: first });
      await expectRefusedUnchanged(relay, () => relay.services.vault.save(alice.viewer, expected, input), "VAULT_STALE");
    }
  });

  test("an item of exactly 1 MiB is stored", async () => {
    const { alice, first } = await registerWithVault();
    const sealed = new Uint8Array(1_048_576).fill(7);
    const change = { items: first.items.map((listed) => (listed.item === 2 ? { item: 2, itemVersion: 2, itemHash: vaultItemHashOf(sealed) } : listed)) };
    const { manifest } = createVault(alice, { version: 2, items: [], previous: first, change });
    expect(await relay.services.vault.save(alice.viewer, 1, { manifest, items: [{ item: 2, itemVersion: 2, sealed }] })).toBe(2);
  });

  function cutOff({ manifest, items }: VaultInput): VaultInput {
    return { manifest: manifest.subarray(0, -1), items };
  }

  function changeItem({ manifest, items }: VaultInput, change: Partial<VaultInput["items"][number]>): VaultInput {
    return { manifest, items: items.map((item) => ({ ...item, ...change })) };
  }

  function addItem({ manifest, items }: VaultInput): VaultInput {
    return { manifest, items: [...items, { item: 7, itemVersion: 2, sealed: generateBytes(300) }] };
  }

  function doubleItem({ manifest, items }: VaultInput): VaultInput {
    return { manifest, items: items.slice(0, 1).concat(items.slice(0, 1)) };
  }

  function largeItem(alice: Registered, first: Manifest): VaultInput {
    return changeItem(createVault(alice, { version: 2, items: [2], previous: first }), { sealed: new Uint8Array(1_048_577) });
  }
});
