import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { opaqueReady, ready } from "../../src/crypto/index.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../support/folders.ts";
import { befriend } from "../support/friendships.ts";
import { write } from "../support/lawful-inputs.ts";
import { createMember, type Member } from "../support/member.ts";
import { openRawSocket } from "../support/raw-socket.ts";
import { type RunningRelay, startTestRelay } from "../support/relay.ts";

const CHECKOUT = join(import.meta.dirname, "../..");
const MARKED = "friendship: Friendship @perViewer";

let folder: TemporaryFolder;
let relay: RunningRelay;
let alice: Member;
let bob: Member;
beforeAll(async () => {
  await Promise.all([ready(), opaqueReady()]);
  folder = await createTemporaryFolder();
  const contract = await readFile(join(CHECKOUT, "schema.graphql"), "utf8");
  expect(contract).toContain(MARKED);
  await writeFile(join(folder.path, "schema.graphql"), contract.replace(MARKED, "friendship: Friendship"));
  await copyFile(join(CHECKOUT, "package.json"), join(folder.path, "package.json"));
  relay = await startTestRelay({ checkoutFolder: folder.path, config: { hasPlayground: false } });
  [alice, bob] = [await createMember(relay), await createMember(relay)];
  await befriend(relay, alice, bob);
});
afterAll(async () => {
  await relay.stop();
  await folder.remove();
});

test("a field whose mark was forgotten answers a subscriber with an error, and tells nobody what is whose", async () => {
  const socket = await openRawSocket(relay);
  await socket.init(bob.token);
  socket.send({ id: "1", type: "subscribe", payload: { query: "subscription { thoughtCreated { seq author { username friendship { state } } } }" } });
  socket.send({ type: "ping" });
  expect(await socket.next()).toEqual({ type: "pong" });
  await expect.poll(() => relay.logs.filter((line) => line.includes("thoughtCreated")).length).toBe(1);
  await write(relay, alice);
  const message = await socket.next();
  expect(message).toMatchObject({ id: "1", type: "next", payload: { data: { thoughtCreated: { author: { friendship: null } } }, errors: [{ extensions: { code: "INTERNAL" } }] } });
  expect(JSON.stringify(message)).not.toContain("CONFIRMED");
  await socket.close();
});
