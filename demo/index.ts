import { randomBytes } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { Account, ClientError, type FeedItem, type Notice, type ReadThought } from "../src/client/index.ts";
import { FORMS, scan, textCanary, type Canary } from "../test/support/canaries.ts";
import { forgeGrant } from "./forged-grant.ts";
import { recordKeys } from "../test/support/key-recorder.ts";
import { demand, operatorSees, readerSees, say, step, STEPS } from "./narrator.ts";
import { dumpDatabase, findGrants, findNewestEntry, readDatabaseFiles } from "../test/support/operator.ts";
import { startRelayProcess, type RelayProcess } from "./relay-process.ts";
import { createWireTap } from "../test/support/wire-tap.ts";

const LIVE_THOUGHTS = 21;
const THOUGHT_CHARACTERS = 280;
const STEP_MS = 60_000;

let done = 0;
const canaries: Canary[] = [];
const { keys } = await recordKeys();
const tap = createWireTap();

function secret(name: string, text: string): string {
  const marked = `${text} ${randomBytes(9).toString("hex")}`;
  canaries.push(textCanary(name, marked));
  return marked;
}

async function tell<T>(title: string, work: () => Promise<T>): Promise<T> {
  step(done + 1, title);
  const result = await inTime(work());
  done += 1;
  return result;
}

/** Whoever waits for a story that stands still learns where. */
async function inTime<T>(work: Promise<T>): Promise<T> {
  const stopping = new AbortController();
  const tooLate = async (): Promise<never> => {
    await setTimeout(STEP_MS, undefined, { signal: stopping.signal });
    throw new Error(`This must not be: nothing happened for ${STEP_MS / 1000} seconds.`);
  };
  try {
    return await Promise.race([work, tooLate()]);
  } finally {
    stopping.abort();
  }
}

async function story(relay: RelayProcess, accounts: Account[]): Promise<{ found: number; p50: number }> {
  const { url } = relay;
  const database = await relay.connectDatabase();
  const connect = { relay: url, fetch: tap.fetch, webSocket: tap.webSocket };
  const passwords = { alice: secret("Alice's password", "correct horse"), bob: secret("Bob's password", "battery staple") };
  const email = `${randomBytes(9).toString("hex")}@example.org`;
  canaries.push(textCanary("Alice's e-mail address", email));

  await tell("A relay starts", async () => {
    readerSees(`${url} answers after ${Math.round(relay.readyMs)} ms, with an embedded PostgreSQL of its own.`);
    operatorSees("an empty database, and a key file that signs receipts. No key of any person.");
  });

  const { alice, bob } = await tell("Alice and Bob register", async () => {
    const a = await Account.register({ ...connect, username: "alice", password: passwords.alice, email });
    const b = await Account.register({ ...connect, username: "bob", password: passwords.bob });
    accounts.push(a.account, b.account);
    for (const code of [a.recoveryCode, b.recoveryCode]) {
      canaries.push(textCanary("a recovery code", code), textCanary("a recovery code without dashes", code.replaceAll("-", "")));
    }
    readerSees("user name and password, and a recovery code to write down. The password never left the device.");
    const { rows } = await database.query<{ username: string; record: string; emailHash: Buffer | null }>(
      'SELECT username, "registrationRecord" AS record, "emailHash" FROM "User" ORDER BY username',
    );
    for (const { username, record, emailHash } of rows) {
      operatorSees(`${username}: OPAQUE record ${record.slice(0, 32)}…, e-mail ${emailHash === null ? "none" : `as a keyed hash ${start(emailHash)}…`}`);
    }
    return { alice: a.account, bob: b.account };
  });

  const early = secret("the early thought", "Written before we were friends.");
  await tell("Alice writes an early thought", async () => {
    await alice.thoughts.write(early);
    readerSees(early);
    const row = await findNewestEntry(database, alice.userId);
    operatorSees(`row ${row.seq} of Alice's chain: ${start(row.payload ?? Buffer.alloc(0))}… (${row.payload?.length} bytes)`);
  });

  await tell("Bob is a stranger, and is refused", async () => {
    const refusal = await bob.thoughts.by("alice").next().then(() => undefined, (error: unknown) => error);
    demand(refusal instanceof ClientError && refusal.code === "NOT_FRIENDS", "Bob's client lets a stranger read");
    const answer = await askAsStranger(url, await bob.accessToken(), alice);
    demand(answer.includes("CHAIN_NOT_READABLE"), "the relay hands a stranger Alice's chain");
    readerSees("nothing: the two are not friends.");
    operatorSees(`its own refusal: ${answer}`);
  });

  await tell("Bob asks Alice to become friends", async () => {
    await bob.friends.request("alice");
    const { received } = await alice.friends.requests();
    demand(received[0]?.username === "bob", "the request did not arrive");
    readerSees(`Alice: a request from ${received[0].username}. It holds no key.`);
  });

  const friends = bothBefriended(alice, bob);
  await tell("Alice accepts, with her key in a sealed box that only Bob can open", async () => {
    await alice.friends.accept("bob");
    const [grant] = await findGrants(database, alice.userId, bob.userId);
    demand(grant?.length === 1504, "there is no sealed grant");
    readerSees("Alice: Bob may read, from the first thought on.");
    operatorSees(`a grant of ${grant.length} bytes: ${start(grant, 166)}…`);
  });

  await tell("Bob's client confirms by itself, with his key for Alice", async () => {
    await friends;
    const [grant] = await findGrants(database, bob.userId, alice.userId);
    demand(grant?.length === 1504, "there is no grant in return");
    readerSees(`Bob's friends: ${names(bob)}. Alice's friends: ${names(alice)}.`);
    operatorSees("who is friends with whom, and when. That much it knows.");
    await forgeGrant(database, alice.userId, bob.userId);
    const problems: unknown[] = [];
    const onNotice = (notice: Notice): void => void (notice.kind === "problem" && problems.push(codeOf(notice.cause)));
    const device = await Account.login({ ...connect, username: "bob", password: passwords.bob, deviceName: "Bob's tablet", onNotice });
    accounts.push(device);
    demand(problems.includes("bad-sig"), "Bob's tablet takes a forged grant for Alice's");
    demand(await reads(device, "alice", early), "a forged grant keeps Bob from reading");
    say("    A dishonest operator puts a grant of its own making in the place of Alice's. Bob's tablet refuses it and asks");
    say("    Alice's client for a new one, which seals it by itself; then the tablet reads on.");
  });

  const feed = bob.feed();
  const p50 = await tell("Alice writes, and Bob reads it the moment it is written", async () => {
    const times: number[] = [];
    for (let index = 0; index < LIVE_THOUGHTS; index += 1) {
      const text = secret(`live thought ${index + 1}`, `Live thought ${index + 1}:`).padEnd(THOUGHT_CHARACTERS, " and on");
      const arrival = nextThought(feed);
      const startedMs = performance.now();
      await alice.thoughts.write(text);
      const thought = await arrival;
      times.push(performance.now() - startedMs);
      demand(thought.text === text && thought.username === "alice", "Bob read something else");
    }
    times.sort((a, b) => a - b);
    readerSees(`alice, live: ${canaries.at(-1)?.bytes.toString() ?? ""} …`);
    const frame = tap.findFrame("EntryAppended") ?? "";
    operatorSees(`the frame on the wire: ${frame.slice(0, 96)} … ${frame.slice(-48)}`);
    say(`    ${LIVE_THOUGHTS} thoughts of ${THOUGHT_CHARACTERS} characters: written to read in ${ms(median(times))} at the median, ${ms(times.at(-1) ?? 0)} at most.`);
    return median(times);
  });

  await tell("Bob reads the early thought too", async () => {
    const texts: string[] = [];
    for await (const thought of bob.thoughts.by("alice")) texts.push(thought.text);
    demand(texts.at(-1) === early, "the early thought is not readable");
    const found = await bob.search("before frien");
    demand(found[0]?.text === early, "the search does not find it");
    readerSees(`${texts.length} thoughts of Alice, the first one: ${texts.at(-1)}`);
    readerSees('Bob searches for "before frien" on his own device: 1 thought.');
  });

  const late = secret("the thought after the end", "Bob is not to read this.");
  await tell("Alice ends the friendship; what she writes next is shut", async () => {
    const told = nextNotice(bob, "ended");
    await alice.friends.end("bob");
    await alice.thoughts.write(late);
    await told;
    const refusal = await bob.thoughts.by("alice").next().then(() => undefined, (error: unknown) => error);
    demand(refusal instanceof ClientError && refusal.code === "NOT_FRIENDS", "Bob still reads Alice");
    const answer = await askAsStranger(url, await bob.accessToken(), alice);
    demand(answer.includes("CHAIN_NOT_READABLE"), "the relay still hands out Alice's chain");
    const grants = await findGrants(database, alice.userId, bob.userId);
    demand(grants.length === 0, "the relay still holds a grant for Bob");
    const row = await findNewestEntry(database, alice.userId);
    readerSees("Bob: nothing. The new key was sealed to everybody but him.");
    operatorSees(`row ${row.seq}: ${start(row.payload ?? Buffer.alloc(0))}…`);
  });

  await tell("Alice takes a second device: user name and password bring everything back", async () => {
    const second = await Account.login({ ...connect, username: "alice", password: passwords.alice, deviceName: "second device" });
    accounts.push(second);
    const texts: string[] = [];
    for await (const thought of second.thoughts.by()) texts.push(thought.text);
    demand(texts.length === LIVE_THOUGHTS + 2 && texts[0] === late && texts.at(-1) === early, "the second device lacks thoughts");
    readerSees(`${texts.length} own thoughts, from "${texts.at(-1)}" to "${texts[0]}"`);
    const { rows } = await database.query<{ sealed: Buffer }>('SELECT sealed FROM "VaultItem" WHERE "userId" = $1 ORDER BY item LIMIT 1', [Buffer.from(alice.userId)]);
    operatorSees(`a vault whose first item is ${start(rows[0]?.sealed ?? Buffer.alloc(0))}…`);
  });

  const found = await tell("Everything that the operator holds is searched for everything that is secret", async () => {
    await database.query("CHECKPOINT");
    const places = [
      { place: "database dump", bytes: await dumpDatabase(database) },
      { place: "database files", bytes: await readDatabaseFiles(relay.dataFolder) },
      { place: "log", bytes: Buffer.from(relay.output()) },
      { place: "traffic", bytes: tap.captured() },
    ];
    demandScanWorks(places);
    const secrets = [...canaries, ...keys()];
    const findings = scan(secrets, places);
    for (const { canary, place, form } of findings) say(`    FOUND: ${canary} in the ${place}, ${form}`);
    say(`    searched: ${places.map(({ place, bytes }) => `${place} (${Math.ceil(bytes.length / 1024)} KiB)`).join(", ")}`);
    say(`    for ${secrets.length} secrets: thoughts, passwords, recovery codes, an e-mail address and ${keys().length} keys, in ${FORMS} forms each`);
    demand(findings.length === 0, "a secret is outside of the clients");
    return findings.length;
  });
  await database.end();
  return { found, p50 };
}

// A scan that finds nothing proves nothing unless it finds what is there: user names are public.
function demandScanWorks(places: { place: string; bytes: Buffer }[]): void {
  const findings = scan([textCanary("user name", "alice")], places);
  for (const place of ["database dump", "database files", "traffic"]) {
    demand(findings.some((finding) => finding.place === place), `the scan is blind in the ${place}`);
  }
}

async function askAsStranger(url: string, accessToken: string, alice: Account): Promise<string> {
  const author = Buffer.from(alice.userId).toString("base64url");
  const response = await tap.fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${accessToken}` },
    body: JSON.stringify({ query: "query ($author: UserId!) { chain(author: $author) { nodes { bytes } } }", variables: { author } }),
  });
  const { errors } = (await response.json()) as { errors?: { extensions: { code: string } }[] };
  return errors?.[0]?.extensions.code ?? "no refusal";
}

async function nextThought(feed: AsyncGenerator<FeedItem>): Promise<ReadThought> {
  for (;;) {
    const { value } = await feed.next();
    if (value === undefined) throw new Error("The feed has ended.");
    if (value.kind === "thought") return value.thought;
    demand(value.kind !== "unreadable" && value.kind !== "alarm", `the feed delivers "${value.kind}"`);
  }
}

// A key that was asked for comes within a moment.
async function reads(reader: Account, author: string, text: string): Promise<boolean> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    for await (const thought of reader.thoughts.by(author)) if (thought.text === text) return true;
    await setTimeout(100);
  }
  return false;
}

function nextNotice(account: Account, kind: Notice["kind"]): Promise<void> {
  return new Promise((resolve) => {
    const stop = account.onNotice((notice) => {
      if (notice.kind !== kind) return;
      stop();
      resolve();
    });
  });
}

async function bothBefriended(...accounts: Account[]): Promise<void> {
  await Promise.all(accounts.map((account) => nextNotice(account, "befriended")));
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

function names(account: Account): string {
  return account.friends.list().map(({ username }) => username).join(", ");
}

function start(bytes: Buffer, from = 0): string {
  return bytes.subarray(from, from + 24).toString("hex");
}

function median(sorted: number[]): number {
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function ms(duration: number): string {
  return `${duration.toFixed(1)} ms`;
}

const accounts: Account[] = [];
let relay: RelayProcess | undefined;
try {
  relay = await startRelayProcess();
  const { found, p50 } = await story(relay, accounts);
  say(`\ndemo: ${done}/${STEPS} steps, canaries found: ${found}, publish-to-read p50 ${p50.toFixed(1)} ms`);
} catch (error) {
  say(`\n${error instanceof Error ? error.message : String(error)}`);
  say(`demo: failed in step ${done} of ${STEPS}`);
  process.exitCode = 1;
} finally {
  await Promise.allSettled(accounts.map((account) => account.close()));
  await relay?.stop();
}
