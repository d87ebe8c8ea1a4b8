import { chmod, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RelayMetaRepository } from "../../src/domain/relay-meta.ts";
import { createPasswordVerifier } from "../../src/server/keys/password-verifier.ts";
import { checkKeyFingerprint, findKeyFingerprint } from "../../src/server/keys/check-key-fingerprint.ts";
import { openRelayKeys } from "../../src/server/keys/open-relay-keys.ts";
import { encodeRelayKeys, fingerprintOf, generateRelayKeys, parseRelayKeys, type RelayKeys } from "../../src/server/keys/relay-keys.ts";
import { createPrismaClient } from "../../src/storage/prisma-client.ts";
import { createRelayMetaRepository } from "../../src/storage/prisma-relay-meta-repository.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../support/folders.ts";
import { expectStartRefused } from "../support/start-refusal.ts";

let folder: TemporaryFolder;
let dataFolder: string;
let database: TestDatabase;
let prisma: ReturnType<typeof createPrismaClient>;
let meta: RelayMetaRepository;

beforeEach(async () => {
  folder = await createTemporaryFolder();
  dataFolder = join(folder.path, "data");
  database = await createTestDatabase();
  prisma = createPrismaClient(database.connection);
  meta = createRelayMetaRepository(prisma);
});
afterEach(async () => {
  await prisma.$disconnect();
  await database.drop();
  await folder.remove();
});

const keyFile = () => join(dataFolder, "relay.keys");
const open = () => openRelayKeys(dataFolder, meta);

describe("relay.keys", () => {
  it("is made at the first start, readable by its owner alone, and used from then on", async () => {
    const keys = await open();
    const { mode } = await stat(keyFile());
    expect((mode & 0o777).toString(8)).toBe("600");
    expect(await open()).toEqual(keys);
    expect(await readdir(dataFolder)).toEqual(["peerbrain.layout", "relay.keys"]);
  });

  it("holds keys of full strength, different for every relay", async () => {
    const [one, two] = await Promise.all([generateRelayKeys(), generateRelayKeys()]);
    const secretsOf = ({ receiptSeed, hashSecret, refreshSecret, tokenKeys, opaqueSetup }: RelayKeys) => [
      ...[receiptSeed, hashSecret, refreshSecret, tokenKeys[0].seed].map((bytes) => Buffer.from(bytes).toString("hex")), opaqueSetup,
    ];
    const all = [...secretsOf(one), ...secretsOf(two)];
    expect(new Set(all).size).toBe(10);
    for (const secret of all) expect(secret.length).toBeGreaterThanOrEqual(64);
    expect(createPasswordVerifier(one.opaqueSetup).publicKey).toHaveLength(32);
  });

  it("is the same to two starts at once", async () => {
    const opened = await Promise.all([open(), open(), open(), open()]);
    for (const keys of opened) expect(fingerprintOf(keys)).toBe(fingerprintOf(parseRelayKeys(await readFile(keyFile(), "utf8"))));
    expect(await readdir(dataFolder)).toEqual(["peerbrain.layout", "relay.keys"]);
  });

  it("that others can read is refused", async () => {
    await open();
    await chmod(keyFile(), 0o640);
    await expectStartRefused(open(), "KEYS_UNREADABLE", keyFile(), "chmod 600");
  });

  it.each([
    ["no JSON", () => "receiptSeed", "the whole file"],
    ["a key cut short", (text: string) => text.replace(/"hashSecret": "../, '"hashSecret": "'), "hashSecret"],
    ["a key missing", (text: string) => text.replace(/"refreshSecret".*\n/, ""), "refreshSecret"],
    ["no token key", (text: string) => text.replace(/"tokenKeys": \[[^\]]*\]/, '"tokenKeys": []'), "tokenKeys"],
    ["a version of its own", (text: string) => text.replace('"version": 1', '"version": 2'), "version"],
  ])("with %s is refused as damaged, and nothing of it is quoted", async (_, damage, text) => {
    await open();
    const whole = await readFile(keyFile(), "utf8");
    const damaged = damage(whole);
    expect(damaged).not.toBe(whole);
    await writeFile(keyFile(), damaged);
    const refusal = await expectStartRefused(open(), "KEYS_UNREADABLE", "damaged", text);
    for (const secret of whole.match(/[\w-]{40,}/g) ?? []) expect(refusal).not.toContain(secret);
    expect(await readFile(keyFile(), "utf8")).toBe(damaged);
  });

  it("in a foreign folder is not made", async () => {
    dataFolder = folder.path;
    await writeFile(join(folder.path, "letters.txt"), "Dear Eve");
    await expectStartRefused(open(), "DATA_FOLDER_FOREIGN");
    expect(await readdir(folder.path)).toEqual(["letters.txt"]);
  });
});

describe("the fingerprint in the database", () => {
  it("lost keys refuse the start, and no new ones take their place", async () => {
    await open();
    const other = await createTemporaryFolder();
    await expectStartRefused(openRelayKeys(join(other.path, "data"), meta), "KEYS_LOST", "relay.keys is missing", "no password opens a session", "Restore");
    expect(await readdir(join(other.path, "data"))).toEqual(["peerbrain.layout"]);
    await other.remove();
  });

  it("other keys refuse the start, and stay as they are", async () => {
    await open();
    const others = encodeRelayKeys(await generateRelayKeys());
    await writeFile(keyFile(), others);
    await expectStartRefused(open(), "KEYS_MISMATCH", "does not hold the keys", "Restore");
    expect(await readFile(keyFile(), "utf8")).toBe(others);
  });

  it.each(["receiptSeed", "hashSecret", "opaqueSetup"] as const)("covers %s", async (name) => {
    const [one, two] = await Promise.all([generateRelayKeys(), generateRelayKeys()]);
    expect(fingerprintOf({ ...one, [name]: two[name] })).not.toBe(fingerprintOf(one));
  });

  it("lets the keys of tokens be replaced", async () => {
    const keys = await open();
    const fresh = await generateRelayKeys();
    await writeFile(keyFile(), encodeRelayKeys({ ...keys, refreshSecret: fresh.refreshSecret, tokenKeys: [...fresh.tokenKeys, ...keys.tokenKeys] as RelayKeys["tokenKeys"] }));
    expect((await open()).tokenKeys).toHaveLength(2);
  });

  it("is remembered once: the first one stays", async () => {
    expect(await findKeyFingerprint(meta)).toBeUndefined();
    await checkKeyFingerprint(meta, "first");
    await checkKeyFingerprint(meta, "first");
    await expectStartRefused(checkKeyFingerprint(meta, "second"), "KEYS_MISMATCH");
    expect(await findKeyFingerprint(meta)).toBe("first");
    await checkKeyFingerprint(meta, "first");
  });

  it("gives nothing of the keys away", async () => {
    const keys = await open();
    const rows = JSON.stringify(await prisma.relayMeta.findMany());
    expect(rows).toContain(fingerprintOf(keys));
    for (const secret of encodeRelayKeys(keys).match(/[\w-]{40,}/g) ?? []) expect(rows).not.toContain(secret);
  });
});
