import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Account } from "../../src/client/index.ts";
import { encodeBase64url, EntryType, SIGNED_HEADER_BYTES } from "../../src/protocol/index.ts";
import { EXAMPLE_OPERATIONS } from "../../src/web/playground/example-operations.ts";
import { scan } from "../support/canaries.ts";
import { openKeptDatabase } from "../support/kept-database.ts";
import { recordKeys, type KeyRecording } from "../support/key-recorder.ts";
import { befriend } from "../scenario/support.ts";
import type { PlaygroundPage } from "./support/playground-page.ts";
import { createStage, eventually, expectQuiet, hasBrowser, PASSWORD, type Stage } from "./support/stage.ts";

const SEQ_OFFSET = 34;
const CHECKS = ["signature", "chain", "epoch", "payload", "receipt", "key", "seal", "answer"];

describe.skipIf(!hasBrowser)("the Decrypted pane", () => {
  let stage: Stage;
  let alice: Account;
  let bob: Account;
  let keys: KeyRecording;
  let playground: PlaygroundPage;

  beforeAll(async () => {
    keys = await recordKeys();
    stage = await createStage();
    [alice, bob] = [await stage.register("alice"), await stage.register("bob")];
    await befriend(alice, bob);
    await bob.thoughts.write("the first of bob");
    await bob.thoughts.write("the second of bob");
    await alice.thoughts.write("a thought of my own");
  });
  afterAll(async () => {
    await stage?.close();
    keys?.stop();
  });
  afterEach(() => playground?.close());

  const openAsAlice = async (look?: Parameters<Stage["open"]>[0]): Promise<PlaygroundPage> => {
    playground = await stage.open(look);
    await playground.signIn("alice", PASSWORD);
    await playground.untilSignedIn("alice");
    return playground;
  };
  const checksOf = (kind: "holds" | "fails", card = 0) => playground.page.locator(".entry-card").nth(card).locator(`.${kind}`).evaluateAll((badges) => badges.map((badge) => badge.getAttribute("data-check")));

  test("every example runs as it is, and thoughts in its answer are opened beside it", async () => {
    await openAsAlice();
    const opened: Record<string, string[]> = { Feed: ["the second of bob", "the first of bob"], MyThoughts: ["a thought of my own"] };
    for (const { name, query } of EXAMPLE_OPERATIONS) {
      await playground.run(name);
      if (query.includes("\nsubscription")) {
        await playground.page.locator(".decrypted-pane .live").waitFor();
        continue;
      }
      await eventually(playground.answer).toMatchObject({ data: expect.anything() });
      expect(await playground.answer(), name).not.toHaveProperty("errors");
      await eventually(playground.texts).toEqual(opened[name] ?? []);
    }
    expectQuiet(playground, stage.relay);
  });

  test("a live subscription fills it as thoughts arrive, each with every check, and keeps those of before", async () => {
    await openAsAlice();
    await playground.run("NewThoughts");
    await playground.page.locator(".decrypted-pane .live").waitFor();
    const written: string[] = [];
    const writeAndLook = async (): Promise<string[]> => {
      // Who subscribes hears what comes later, and the first one may come before the relay knows.
      written.unshift(`live ${written.length}`);
      await bob.thoughts.write(String(written[0]));
      return playground.texts();
    };
    await eventually(writeAndLook, 500).not.toEqual([]);
    await bob.thoughts.write("the last one");
    await eventually(async () => (await playground.texts())[0]).toBe("the last one");
    expect((await playground.texts()).length).toBeGreaterThan(1);
    expect(await checksOf("holds")).toEqual(CHECKS);
    expect(await checksOf("fails")).toEqual([]);
    await playground.page.locator(".entry-card").first().getByText("not verified yet").waitFor();

    await playground.page.getByRole("button", { name: "Stop query" }).click();
    await playground.page.locator(".decrypted-pane .live").waitFor({ state: "detached" });
    expectQuiet(playground, stage.relay);
  });

  test("the operator's view is the very row of the database, and holds no text", async () => {
    const { seq } = await bob.thoughts.write("what the operator never reads");
    await openAsAlice({ colorScheme: "dark", width: 800 });
    await playground.run("Feed");
    await eventually(playground.texts).toContain("what the operator never reads");
    await playground.page.getByRole("switch", { name: "What the operator sees" }).click();
    const side = playground.page.locator(".operator-side").first();
    await side.locator('[data-column="payload"]').waitFor();
    const shown = await side.locator("tr").evaluateAll((rows) => rows.map((row) => [row.getAttribute("data-column"), row.querySelector("code")?.textContent]));

    const database = await openKeptDatabase(stage.relay.database);
    const [row = {}] = await database.query('SELECT * FROM "Entry" WHERE author = $1 AND seq = $2', [bob.userId, seq]);
    await database.close();
    const stored = Object.entries(row).map(([name, value]) => [name, Buffer.isBuffer(value) ? `\\x${value.toString("hex")}` : String(value)]);
    expect(Object.fromEntries(shown)).toEqual(Object.fromEntries(stored));
    expect(await side.innerText()).not.toContain("never reads");
    await playground.page.getByRole("switch", { name: "What the operator sees" }).click();
    await side.waitFor({ state: "detached" });
    expectQuiet(playground, stage.relay);
  });

  test("an answer that shows something else than the author signed is called that", async () => {
    playground = await stage.open();
    // What a dishonest relay could do to whoever only reads its answers.
    await playground.page.route("**/graphql", async (route) => {
      if (!route.request().postData()?.includes("query Feed")) return route.continue();
      const response = await route.fetch();
      const answer = (await response.json()) as { data: { feed: { nodes: { sealedText: string }[] } } };
      const [first, second] = answer.data.feed.nodes;
      if (first && second) first.sealedText = second.sealedText;
      return route.fulfill({ response, json: answer });
    });
    await playground.signIn("alice", PASSWORD);
    await playground.untilSignedIn("alice");
    await playground.run("Feed");
    await playground.page.locator(".entry-card").first().waitFor();
    expect(await checksOf("fails")).toEqual(["answer"]);
    expect(await checksOf("fails", 1)).toEqual([]);
  });

  test("a chain that does not verify is called that, and read no further", async () => {
    playground = await stage.open();
    // Behind the newest entry of every friend, one that nobody signed.
    await playground.page.context().route("**/graphql", async (route) => {
      if (!route.request().postData()?.includes("query Chain(")) return route.continue();
      const { author, after, types } = (route.request().postDataJSON() as { variables: { author: string; after: number | null; types: unknown } }).variables;
      const response = await route.fetch();
      const answer = (await response.json()) as { data: { chain: { nodes: unknown[] } } };
      const isBehind = author === encodeBase64url(bob.userId) && after !== null && types === null && answer.data.chain.nodes.length === 0;
      if (isBehind) answer.data.chain.nodes.push(forgedBehind(after));
      return route.fulfill({ response, json: answer });
    });
    await playground.signIn("alice", PASSWORD);
    await playground.untilSignedIn("alice");
    await playground.page.locator(".decrypted-pane").getByRole("alert").getByText("bob").waitFor();
    await playground.run("Feed");
    // What was verified before it can still be read.
    await eventually(playground.texts).toContain("the first of bob");
  });

  test("what has no place in its answer is not opened, and says what to ask for", async () => {
    await openAsAlice();
    await playground.open("query NoPlace { feed(first: 1) { nodes { sealedText } } }");
    await playground.execute();
    await playground.page.getByText("Ask for its place too").waitFor();
    expect(await playground.texts()).toEqual([]);

    const author = encodeBase64url(bob.userId);
    await playground.open(`query Chain { chain(author: "${author}", first: 2) { nodes { type seq bytes } } }`);
    await playground.execute();
    await playground.page.getByText("An identity card").waitFor();
    expect(await checksOf("holds", 1)).toEqual(["signature", "chain", "epoch", "payload", "receipt", "answer"]);
  });

  test("no key leaves the worker, nothing opened is stored, and all of it is gone after signing out", async () => {
    playground = await stage.open();
    const heard = await playground.listenToWorkers();
    await playground.signIn("alice", PASSWORD);
    await playground.untilSignedIn("alice");
    await playground.run("Feed");
    await eventually(playground.texts).toContain("the first of bob");
    const said = await heard();
    expect(said).toContain("the first of bob");
    expect(keys.keys().length).toBeGreaterThan(10);
    expect(scan(keys.keys(), [{ place: "what the worker said", bytes: Buffer.from(said) }])).toEqual([]);
    expect(await playground.page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }))).not.toContain("the first of bob");

    await playground.page.getByRole("button", { name: "Sign out" }).click();
    await eventually(playground.texts).toEqual([]);
    expect(await playground.page.locator(".decrypted-pane").innerText()).toContain("Sign in");
  });
});

/** What looks like a thought of the place behind `seq`. */
function forgedBehind(seq: number): Record<string, unknown> {
  const bytes = Buffer.alloc(SIGNED_HEADER_BYTES + 329);
  bytes.writeUInt8(1, 0);
  bytes.writeUInt8(EntryType.THOUGHT, 1);
  bytes.writeBigUInt64BE(BigInt(seq + 1), SEQ_OFFSET);
  return { bytes: encodeBase64url(bytes), seq: seq + 1, withdrawn: false, receipt: { bytes: encodeBase64url(new Uint8Array(145)) }, __typename: "Entry" };
}
