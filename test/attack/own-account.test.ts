import { expect, vi } from "vitest";
import type { Account } from "../../src/client/index.ts";
import { createOpaqueSetup, createRegistrationResponse } from "../../src/crypto/relay/index.ts";
import { encodeBase64url, parseBase64url, parseReceipt, type Receipt } from "../../src/protocol/index.ts";
import { codeOf, textsOf } from "../scenario/support.ts";
import type { Json } from "../support/graphql.ts";
import { flip, isHead, isNewer, isOutline, rewriteChain } from "./harness/accomplice.ts";
import { createStage } from "./harness/attack.ts";
import { idOf, type Scene } from "./harness/scene.ts";
import { share } from "./harness/share.ts";

const attack = createStage();

const MEGA = "MEGA 2022: a server that changes wrapped keys";
const MANAGERS = "Password managers 2026: vault items swapped and mixed";

const cast = share(meet);

async function meet(scene: Scene): Promise<{ alice: Account; text: string }> {
  const alice = await scene.register("alice");
  const text = scene.secret("by Alice");
  await alice.thoughts.write(text);
  return { alice, text };
}

const readsOwn = (scene: Scene, alice: Account, text: string): Promise<void> =>
  scene.honest(async () => expect(await textsOf(await scene.login(alice))).toEqual([text]));

const flipped = (text: string, byte: number): string => flip(text, byte);

/** What the relay does to the vault of somebody who signs in. */
const vaults: [name: string, refusal: string, change: (vault: Json) => void, replays?: string][] = [
  ["two items of the vault exchanged", "bad-seal", ({ items }) => ([items[0].sealed, items[1].sealed] = [items[1].sealed, items[0].sealed]), MANAGERS],
  ["two later items of the vault exchanged", "bad-vault", ({ items }) => ([items[2].sealed, items[3].sealed] = [items[3].sealed, items[2].sealed]), MANAGERS],
  ["a changed item of the vault", "bad-vault", ({ items }) => (items[1].sealed = flipped(items[1].sealed, -1)), MANAGERS],
  ["the seeds of the own card changed", "bad-seal", ({ items }) => (items[0].sealed = flipped(items[0].sealed, -1)), MEGA],
  ["an item of the vault left out", "bad-vault", (vault) => (vault.items = vault.items.slice(0, 3))],
  ["the seeds of the own card left out", "bad-vault", (vault) => (vault.items = vault.items.slice(1))],
  ["an item that the vault does not list", "bad-vault", ({ items }) => items.push({ ...items[1], item: 9 })],
  ["a manifest of an unknown version", "unknown-version", (vault) => (vault.manifest = changeByte(vault.manifest, 0, 2))],
  ["a manifest cut short", "bad-length", (vault) => (vault.manifest = encodeBase64url(parseBase64url(vault.manifest).slice(0, -1)))],
  ["a manifest whose signature was changed", "bad-sig", (vault) => (vault.manifest = flipped(vault.manifest, -1))],
  ["a manifest in another user's name", "bad-author", (vault) => (vault.manifest = flipped(vault.manifest, 1))],
];

for (const [name, refusal, change, replays] of vaults) {
  attack(name, { refusal: `VAULT_BROKEN: ${refusal}`, ...(replays && { replays }) }, async (scene) => {
    const { alice, text } = await cast.meet(scene);
    scene.lies.rewrite("Vault", ({ vault }) => void change(vault));
    await scene.refused(scene.login(alice));
    await readsOwn(scene, alice, text);
  });
}

attack("a first manifest with a later number", { refusal: "VAULT_BROKEN: bad-manifest", replays: "Nextcloud 2024: keys and versions the server can set" }, async (scene) => {
  const { alice, text } = await meet(scene);
  scene.lies.rewrite("Vault", ({ vault }) => void (vault.manifest = changeByte(vault.manifest, 36, 9)));
  await scene.refused(scene.login(alice));
  await readsOwn(scene, alice, text);
});

function changeByte(text: string, index: number, value: number): string {
  return encodeBase64url(Uint8Array.from(parseBase64url(text), (byte, at) => (at === index ? value : byte)));
}

attack("an old vault beside the chain of today", { refusal: "VAULT_BROKEN: rolled-back", replays: MANAGERS }, async (scene) => {
  const [alice, bob] = await scene.friends("alice", "bob");
  let old: Json;
  scene.lies.rewrite("Vault", ({ vault }) => void (old = structuredClone(vault)));
  await (await scene.login(alice)).close();
  await alice.friends.end(bob.username);
  scene.lies.rewrite("Vault", () => ({ vault: old }));
  await scene.refused(scene.login(alice));
  await scene.honest(async () => expect((await scene.login(alice)).friends.list()).toEqual([]));
});

attack("an old vault with its old chain, to a device that has seen more", { refusal: "VAULT_BROKEN: rolled-back", replays: MANAGERS }, async (scene) => {
  const alice = await scene.register("alice");
  const [bob, carol] = [await scene.register("bob"), await scene.register("carol")];
  const victim = await scene.login(alice);
  let old: Json;
  scene.lies.rewrite("Vault", ({ vault }) => void (old = structuredClone(vault)));
  await (await scene.login(alice)).close();
  await victim.friends.request(bob.username);
  // Every save finds the vault taken, and what is shown then is older than what this device has saved.
  scene.lies.rewrite("Vault", () => ({ vault: old }));
  scene.lies.invent("SaveVault", () => ({ saveVault: { __typename: "VaultStale", version: 1, code: "VAULT_STALE", message: "" } }));
  await scene.refused(victim.friends.request(carol.username));
  await scene.honest(() => victim.friends.request(carol.username));
});

/** What the relay does to the own chain of somebody who signs in. */
const chains: [name: string, refusal: string, isMeant: typeof isHead, change: (nodes: Json[]) => Json[]][] = [
  ["a changed entry of the own chain", "bad-sig", isHead, ([head]) => [{ ...head, bytes: flipped(head.bytes, 100) }]],
  ["the end of the own chain withheld", "bad-seq", isHead, () => []],
  ["an epoch kept from the own chain", "bad-epoch", isOutline, ([card]) => [card]],
  ["an own thought whose text is gone without a tombstone", "bad-target", isNewer, (nodes) =>
    nodes.map((node) => ({ ...node, bytes: encodeBase64url(parseBase64url(node.bytes).slice(0, 234)) }))],
  ["an own thought that was changed", "bad-payload-hash", isNewer, (nodes) => nodes.map((node) => ({ ...node, bytes: flipped(node.bytes, -1) }))],
  ["an own thought with a receipt of another relay", "bad-sig", isNewer, (nodes) => nodes.map((node) => ({ ...node, receipt: { bytes: flipped(node.receipt.bytes, -1) } }))],
];

for (const [name, refusal, isMeant, change] of chains) {
  attack(name, { refusal: `OWN_CHAIN_MISMATCH: ${refusal}` }, async (scene) => {
    // What a vault has pinned is not read again: a newer entry needs somebody who has just written it.
    const { alice, text } = await (isMeant === isNewer ? meet(scene) : cast.meet(scene));
    rewriteChain(scene, alice, isMeant, change);
    await scene.refused(scene.login(alice));
    await readsOwn(scene, alice, text);
  });
}

attack("an own entry that lost its place, delivered live", { refusal: "PASSED_OVER" }, async (scene) => {
  const alice = await scene.register("alice");
  const [first, victim] = [await scene.login(alice), await scene.login(alice)];
  const drafts: string[] = [];
  // The first device's entry is kept from the chain, and shown when others have its place.
  scene.lies.invent("CreateThought", ({ variables }) => {
    drafts.push(variables.input.entry);
    return { createThought: { __typename: "Refused", code: "HEAD_STALE", message: "" } };
  });
  const lost = first.thoughts.write(scene.secret("never stored")).catch(() => undefined);
  await expect.poll(() => drafts.length).toBeGreaterThan(0);
  scene.lies.reform();
  await lost;
  const entry = drafts[0] ?? "";
  const node = { author: idOf(alice), seq: 2, bytes: entry, withdrawn: false, receipt: { bytes: entry.slice(0, 8) } };
  await expect.poll(() => textsOf(victim)).not.toEqual([]);
  await scene.stage.hostile.sockets.deliver("EntryAppended", { entryAppended: { __typename: "EntryAppended", entry: node } });
  // Its own device gave it up, as the vault tells: the next entry shows that it was heard and changed nothing.
  const next = scene.secret("written after it");
  await first.thoughts.write(next);
  await expect.poll(() => textsOf(victim)).toContain(next);
  await scene.refused(textsOf(victim).then((texts) => (texts.length === 2 ? "PASSED_OVER" : undefined)));
  await scene.honest(async () => expect(await textsOf(await scene.login(alice))).toHaveLength(2));
});

/** What the relay does to the answers of a sign-in. */
const logins: [name: string, refusal: string, operation: string, change: (data: Json) => void, replays?: string][] = [
  ["a changed answer of OPAQUE", "PASSWORD_WRONG: bad-password", "StartLogin", ({ startLogin }) => (startLogin.loginResponse = flipped(startLogin.loginResponse, 40))],
  ["an answer of OPAQUE that is none", "PASSWORD_WRONG: bad-password", "StartLogin", ({ startLogin }) => (startLogin.loginResponse = "AQID")],
  ["a login for another user id", "VAULT_BROKEN: bad-seal", "StartLogin", ({ startLogin }) => (startLogin.userId = flipped(startLogin.userId, 0)), "Matrix 2022: confused identifiers"],
  ["a changed wrap of the master key", "VAULT_BROKEN: bad-seal", "FinishLogin", ({ finishLogin }) => (finishLogin.passwordWrap = flipped(finishLogin.passwordWrap, -1)), MEGA],
  ["a wrap that is not committed to its key", "VAULT_BROKEN: bad-seal", "FinishLogin", ({ finishLogin }) => (finishLogin.passwordWrap = flipped(finishLogin.passwordWrap, 30)), "Partitioning oracles 2021: one ciphertext under many keys"],
  ["a wrap of another version", "VAULT_BROKEN: bad-seal", "FinishLogin", ({ finishLogin }) => (finishLogin.wrapVersion += 1)],
];

for (const [name, refusal, operation, change, replays] of logins) {
  attack(name, { refusal, ...(replays && { replays }) }, async (scene) => {
    const { alice, text } = await cast.meet(scene);
    scene.lies.rewrite(operation, (data) => void change(data));
    await scene.refused(scene.login(alice));
    await readsOwn(scene, alice, text);
  });
}

attack("the wrap of the recovery code in the place of the password's", { refusal: "VAULT_BROKEN: bad-seal", replays: MEGA }, async (scene) => {
  const alice = await scene.register("alice");
  let wrap = "";
  scene.lies.rewrite("StartRecovery", ({ startRecovery }) => void (wrap = startRecovery.recoveryWrap));
  await scene.recover(alice);
  scene.lies.rewrite("FinishLogin", ({ finishLogin }) => void (finishLogin.passwordWrap = wrap));
  await scene.refused(scene.login(alice));
  await scene.honest(async () => expect((await scene.login(alice)).userId).toEqual(alice.userId));
});

attack("a changed wrap for the recovery code", { refusal: "RECOVERY_CODE_WRONG: bad-seal", replays: MEGA }, async (scene) => {
  const alice = await scene.register("alice");
  scene.lies.rewrite("StartRecovery", ({ startRecovery }) => void (startRecovery.recoveryWrap = flipped(startRecovery.recoveryWrap, -1)));
  await scene.refused(scene.recover(alice));
  expect(await scene.nothingSent("FinishRecovery")).toBe("NOTHING_SENT");
  await scene.honest(async () => expect((await scene.recover(alice)).userId).toEqual(alice.userId));
});

/** The answer of a relay with another OPAQUE key. */
function answerOfAnother(userId: Uint8Array, request: string): string {
  return createRegistrationResponse({ setup: createOpaqueSetup(), userId, request });
}

attack("another relay's key when the password is changed", { refusal: "RELAY_CHANGED" }, async (scene) => {
  const alice = await scene.register("alice");
  const victim = await scene.login(alice);
  scene.lies.invent("StartPasswordChange", ({ variables }) => ({
    startPasswordChange: { __typename: "RegistrationStarted", registrationResponse: answerOfAnother(alice.userId, variables.input.registrationRequest) },
  }));
  await scene.refused(victim.changePassword(scene.passwordOf(alice), scene.secret("a new password")));
  expect(await scene.nothingSent("ChangePassword")).toBe("NOTHING_SENT");
  await scene.honest(async () => expect((await scene.login(alice)).userId).toEqual(alice.userId));
});

attack("another relay's key when the recovery code is used", { refusal: "RELAY_CHANGED" }, async (scene) => {
  const alice = await scene.register("alice");
  scene.lies.invent("StartPasswordChange", ({ variables }) => ({
    startPasswordChange: { __typename: "RegistrationStarted", registrationResponse: answerOfAnother(alice.userId, variables.input.registrationRequest) },
  }));
  await scene.refused(scene.recover(alice));
  expect(await scene.nothingSent("FinishRecovery")).toBe("NOTHING_SENT");
  await scene.honest(async () => expect((await scene.recover(alice)).userId).toEqual(alice.userId));
});

attack("another key at registration than the one that the relay shows", { refusal: "RELAY_CHANGED" }, async (scene) => {
  scene.lies.invent("StartRegistration", ({ variables: { input } }) => ({
    startRegistration: { __typename: "RegistrationStarted", registrationResponse: answerOfAnother(parseBase64url(input.userId), input.registrationRequest) },
  }));
  await scene.refused(scene.registerAtHostile("alice"));
  expect(await scene.nothingSent("Register")).toBe("NOTHING_SENT");
  await scene.honest(async () => void (await scene.registerAtHostile("alice")));
});

const receipts: [name: string, refusal: string, change: (scene: Scene, receipt: Receipt) => Uint8Array][] = [
  ["by another key than the one that the relay shows", "bad-sig", (_scene, { bytes }) => Uint8Array.from(bytes, (byte, index) => (index === bytes.length - 1 ? byte ^ 1 : byte))],
  ["for another place", "bad-receipt", ({ stage }, receipt) => stage.receiptFor({ ...receipt, seq: 9 })],
  ["for another chain", "bad-receipt", ({ stage }, receipt) => stage.receiptFor({ ...receipt, author: new Uint8Array(32) })],
  ["for another entry", "bad-receipt", ({ stage }, receipt) => stage.receiptFor({ ...receipt, entryHash: new Uint8Array(32) })],
];

for (const [name, refusal, change] of receipts) {
  attack(`a receipt at registration ${name}`, { refusal: `RELAY_CHANGED: ${refusal}` }, async (scene) => {
    scene.lies.rewrite("Register", ({ register: { receipts: [, receipt] } }) => {
      receipt.bytes = encodeBase64url(change(scene, parseReceipt(parseBase64url(receipt.bytes))));
    });
    await scene.refused(scene.registerAtHostile("alice"));
    await scene.honest(async () => void (await scene.registerAtHostile("alice")));
  });
}

attack("a receipt for a thought that another key signed", { refusal: "bad-sig" }, async (scene) => {
  const alice = await scene.register("alice");
  const victim = await scene.login(alice);
  scene.lies.rewrite("CreateThought", ({ createThought }) => void (createThought.receipt.bytes = flipped(createThought.receipt.bytes, -1)));
  await scene.refused(victim.thoughts.write(scene.secret("by Alice")));
  await scene.honest(async () => expect(await codeOf(textsOf(await scene.login(alice)))).toBeUndefined());
});

attack("the same for a thought that the feed has brought before the answer", { refusal: "bad-sig" }, async (scene) => {
  const alice = await scene.register("alice");
  const victim = await scene.login(alice);
  const text = scene.secret("by Alice, who follows herself");
  scene.lies.rewrite("CreateThought", async ({ createThought }) => {
    await vi.waitFor(async () => expect(await textsOf(victim)).toContain(text), { timeout: 2_000 });
    createThought.receipt.bytes = flipped(createThought.receipt.bytes, -1);
  });
  await scene.refused(victim.thoughts.write(text));
  await scene.honest(async () => expect(await codeOf(textsOf(await scene.login(alice)))).toBeUndefined());
});
