import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { auditKeyLog } from "../../src/client/index.ts";
import { opaqueReady, ready, verifySplitProof } from "../../src/crypto/index.ts";
import { logOlderCards } from "../../src/domain/key-log/log-older-cards.ts";
import { parseBase64url } from "../../src/protocol/index.ts";
import { createPrismaClient } from "../../src/storage/prisma-client.ts";
import { createUnitOfWork } from "../../src/storage/unit-of-work.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../support/folders.ts";
import { ask, type Json } from "../support/graphql.ts";
import { runCommand } from "../support/operator-command.ts";
import { createMember } from "../support/member.ts";
import { startTestRelay, type RunningRelay } from "../support/relay.ts";

let relay: RunningRelay;
let prisma: ReturnType<typeof createPrismaClient>;
let folder: TemporaryFolder;
beforeAll(async () => {
  await Promise.all([ready(), opaqueReady()]);
  relay = await startTestRelay();
  prisma = createPrismaClient(relay.database.connection);
  folder = await createTemporaryFolder();
  for (let count = 0; count < 5; count += 1) await createMember(relay);
});
afterAll(async () => {
  await prisma.$disconnect();
  await relay.stop();
  await folder.remove();
});

async function run(...args: string[]): Promise<{ exitCode: number | null; output: string }> {
  const { exitCode, out, complaints } = await runCommand(["keylog", "audit", ...args]);
  return { exitCode, output: out + complaints };
}

const audit = (last?: Parameters<typeof auditKeyLog>[1], address = relay.origin) => auditKeyLog(address, last);

/** A relay between the auditor and the real one, which changes answers. */
async function tampering(change: (data: Json) => void): Promise<{ address: string; close: () => void }> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      void fetch(relay.url, { method: "POST", headers: { "content-type": "application/json" }, body: Buffer.concat(chunks) }).then(async (answer) => {
        const body = (await answer.json()) as { data: Json };
        change(body.data);
        response.end(JSON.stringify(body));
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

async function findingsOf(change: (data: Json) => void, last?: Parameters<typeof auditKeyLog>[1]): Promise<string[]> {
  const { address, close } = await tampering(change);
  const { findings } = await audit(last, address);
  close();
  return findings;
}

describe("the command", () => {
  test("tells how it is used", async () => {
    expect(await run("--help")).toMatchObject({ exitCode: 0, output: expect.stringContaining("peerbrain keylog audit https://relay.example") });
    expect(await run()).toMatchObject({ exitCode: 2, output: expect.stringContaining("Say whose log") });
    expect(await run("--colour")).toMatchObject({ exitCode: 2 });
  });

  test("says that nothing can be said where nobody answers", async () => {
    expect(await run("http://127.0.0.1:9", "--state", join(folder.path, "nobody"))).toMatchObject({ exitCode: 4, output: expect.stringMatching(/Nothing can be said: No answer/) });
  });

  test("finds an honest relay consistent, run after run, and a relay that signs another log convicted", async () => {
    const state = join(folder.path, "state", "relay.checkpoint");
    expect(await run(relay.origin, "--state", state)).toMatchObject({ exitCode: 0, output: expect.stringMatching(/: consistent\n {2}5 leaves/) });
    await createMember(relay);
    expect(await run(relay.origin, "--state", state)).toMatchObject({ exitCode: 0, output: expect.stringMatching(/: consistent\n {2}6 leaves/) });
    expect(JSON.parse((await run(relay.origin, "--state", state, "--json")).output)).toMatchObject({ consistent: true, size: 6, findings: [] });
    const kept = readFileSync(state, "utf8");

    // The same cards in another order: all signed, all in themselves consistent.
    await prisma.$executeRaw`UPDATE "User" SET "createdAtMs" = -"createdAtMs"`;
    await rebuild();
    const { exitCode, output } = await run(relay.origin, "--state", state);
    expect({ exitCode, output }).toMatchObject({ exitCode: 5, output: expect.stringContaining("NOT CONSISTENT") });
    expect(output).toContain("the first 6 leaves are others than at the last run");
    expect(output).toContain("(split-view)");
    expect(readFileSync(state, "utf8")).toBe(kept);
    const { data } = await ask(relay, { query: "{ relay { receiptKey } }" });
    verifySplitProof(parseBase64url(data.relay.receiptKey), new Uint8Array(readFileSync(`${state}.proof`)));
    expect(existsSync(`${state}.new`)).toBe(false);
  });

  async function rebuild(): Promise<void> {
    await prisma.$executeRaw`DELETE FROM "KeyLogNode"`;
    await prisma.$executeRaw`DELETE FROM "KeyLogLeaf"`;
    await prisma.$executeRaw`UPDATE "KeyLog" SET "size" = 0, "frontier" = ''`;
    await logOlderCards(createUnitOfWork(prisma));
  }
});

describe("what a relay shows the auditor", () => {
  let last: NonNullable<Parameters<typeof auditKeyLog>[1]>;
  beforeEach(async () => {
    const { checkpoint, findings } = await audit();
    expect(findings).toEqual([]);
    if (!checkpoint) throw new Error("no checkpoint");
    last = checkpoint;
  });

  const flipped = (hash: string): string => `${hash.startsWith("A") ? "B" : "A"}${hash.slice(1)}`;
  const leaves = (data: Json): Json[] => data.keyLog?.leaves ?? [];

  test.each<[string, RegExp, (data: Json) => void]>([
    ["a changed leaf", /^the leaves do not lead to the signed root/, (data) => leaves(data).slice(0, 1).forEach((leaf) => (leaf.cardHash = flipped(leaf.cardHash)))],
    ["a leaf left out", /^where leaf 1 should follow stands leaf 2/, (data) => leaves(data).splice(1, 1)],
    ["a shorter log than it signed", /leaves, and signed that there are/, (data) => data.keyLog?.leaves && (data.keyLog.leaves = leaves(data).filter(({ index }: Json) => index < 2))],
    ["a name that belongs to two users", /gives the name with hash .+ to another user/, (data) => leaves(data).forEach((leaf, index, all) => index === 1 && (leaf.nameHash = all[0].nameHash))],
    ["a user under two names", /gives user .+ another name/, (data) => leaves(data).forEach((leaf, index, all) => index === 1 && (leaf.userId = all[0].userId))],
    ["a card twice", /repeats the card/, (data) => leaves(data).forEach((leaf, index, all) => index === 1 && (leaf.cardHash = all[0].cardHash))],
    ["a checkpoint that nobody signed", /^the checkpoint is not signed by the relay's key \(bad-sig\)/, (data) => data.keyLog?.checkpoint && (data.keyLog.checkpoint = data.keyLog.checkpoint.slice(0, -3) + flipped(data.keyLog.checkpoint.slice(-3)))],
  ])("%s is found", async (_, finding, change) => {
    expect((await findingsOf(change)).join("\n")).toMatch(finding);
  });

  test("a log that was rolled back, emptied, or signed by another key is found", async () => {
    const old = encodeCheckpoint(last);
    await createMember(relay);
    const { checkpoint: newer } = await audit(last);
    expect((await findingsOf((data) => data.keyLog?.checkpoint && (data.keyLog.checkpoint = old), newer)).join("\n")).toMatch(/it was rolled back/);
    expect(await findingsOf((data) => (data.keyLog = null), last)).toEqual([`the log is empty, and had ${last.size} leaves at the last run`]);
    expect((await findingsOf((data) => data.relay && (data.relay.receiptKey = flipped(data.relay.receiptKey)), last)).join("\n")).toMatch(/another key than at the last run/);
  });

  test("a path to the last run's log that leads nowhere is found", async () => {
    await createMember(relay);
    const findings = await findingsOf((data) => (data.keyLog?.consistency ?? []).forEach((proof: Json) => proof.path.pop()), last);
    expect(findings).toEqual(["the relay does not prove that its log continues that of the last run (bad-proof)"]);
  });
});

const encodeCheckpoint = ({ bytes }: { bytes: Uint8Array }): string => Buffer.from(bytes).toString("base64url");
