import { randomInt } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { opaqueReady, ready } from "../../src/crypto/index.ts";
import { encodeBase64url, type EntryType, parseBase64url, parseReceipt } from "../../src/protocol/index.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../support/folders.ts";
import { ask } from "../support/graphql.ts";
import { seededRandom } from "../support/random.ts";
import { registerPerson } from "../support/registered.ts";
import { type RelayProcess, startRelayProcess } from "../support/relay-process.ts";
import { type SignedStep, Writer } from "../support/writer.ts";

// The long form: CHAOS_KILLS=200 npm run test:chaos -- kill (and CHAOS_SEED=… to repeat a run).
const KILLS = Number(process.env["CHAOS_KILLS"] ?? 5);
const SEED = Number(process.env["CHAOS_SEED"] ?? randomInt(2 ** 31));
const WRITERS = 8;
const ROTATE_EVERY = 7;
const MIN_ANSWERS_BETWEEN = WRITERS;
const MAX_EXTRA_MS = 150;
const TIMEOUT_MS = 60_000 + KILLS * 30_000;

const generous = {
  PEERBRAIN_APPENDS_PER_USER_MINUTE: "1000000",
  PEERBRAIN_READS_PER_MINUTE: "1000000",
  PEERBRAIN_REGISTRATIONS_PER_ADDRESS_HOUR: "1000",
  PEERBRAIN_LOGIN_STARTS_PER_ADDRESS_MINUTE: "1000",
};

let folder: TemporaryFolder;
let relay: RelayProcess;
beforeAll(async () => {
  await Promise.all([ready(), opaqueReady()]);
  folder = await createTemporaryFolder();
  relay = await start();
});
afterAll(async () => {
  relay.signal("SIGTERM");
  await relay.exited;
  await folder.remove();
});

const start = (): Promise<RelayProcess> => startRelayProcess(join(folder.path, "data"), generous);
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** What the relay acknowledged to one writer: receipts by place. */
type Acknowledged = Map<number, string>;

let answers = 0;
let isOver = false;

/** Writes until it is over. Whatever got no answer is sent again, byte for byte. */
async function write(writer: Writer, acknowledged: Acknowledged): Promise<void> {
  for (let count = 1; !isOver; count += 1) {
    const step = count % ROTATE_EVERY === 0 ? writer.rotation() : writer.thought(`thought ${count}`);
    acknowledged.set(step.seq, await sendUntilStored(writer, step));
    answers += 1;
  }
}

async function sendUntilStored(writer: Writer, step: SignedStep): Promise<string> {
  for (;;) {
    const outcome = await writer.send(relay, step).catch(() => undefined);
    if (outcome?.receipt !== undefined) return outcome.receipt;
    // Only a relay that is gone or comes up may leave a step without a receipt.
    if (outcome && outcome.answer.status !== 503) throw new Error(outcome.answer.text);
    await wait(20);
  }
}

interface StoredEntry {
  seq: number;
  type: keyof typeof EntryType;
  receipt: { bytes: string };
}

async function readChain({ person }: Writer): Promise<StoredEntry[]> {
  const query = `query ($author: UserId!, $after: Sequence) {
    chain(author: $author, after: $after, first: 200) { nodes { seq type receipt { bytes } } pageInfo { hasNextPage } }
  }`;
  const entries: StoredEntry[] = [];
  for (let hasNextPage = true; hasNextPage; ) {
    const { data } = await ask(relay, { query, variables: { author: encodeBase64url(person.userId), after: entries.at(-1)?.seq }, token: person.token });
    entries.push(...data.chain.nodes);
    ({ hasNextPage } = data.chain.pageInfo);
  }
  return entries;
}

test(`after ${KILLS} × kill -9 with ${WRITERS} writers, what was acknowledged is there once, and no rotation is half (seed ${SEED})`, { timeout: TIMEOUT_MS }, async () => {
  const random = seededRandom(SEED);
  const people = [];
  for (let count = 0; count < WRITERS; count += 1) people.push(await registerPerson(relay));
  const writers = people.map((person) => ({ writer: new Writer(person), acknowledged: new Map() as Acknowledged }));
  const writing = Promise.all(writers.map(({ writer, acknowledged }) => write(writer, acknowledged)));
  // A writer that gives up ends the test at once.
  const failed = writing.then(() => undefined);

  for (let kill = 0; kill < KILLS; kill += 1) {
    const target = answers + MIN_ANSWERS_BETWEEN;
    while (answers < target) await Promise.race([wait(5), failed]);
    await wait(random() * MAX_EXTRA_MS);
    relay.signal("SIGKILL");
    expect(await relay.exited).toEqual({ exitCode: null, signal: "SIGKILL" });
    relay = await start();
    expect(relay.log).toContain('"text":"database adopted"');
  }
  isOver = true;
  await writing;

  for (const { writer, acknowledged } of writers) {
    const entries = await readChain(writer);
    expect(entries.map(({ seq }) => seq)).toEqual(Array.from({ length: writer.seq + 1 }, (_, seq) => seq));
    // CARD and EPOCH 0 were acknowledged by the registration.
    expect(Object.fromEntries(entries.slice(2).map(({ seq, receipt }) => [seq, receipt.bytes]))).toEqual(Object.fromEntries(acknowledged));
    for (const { seq, receipt } of entries) expect(parseReceipt(parseBase64url(receipt.bytes)).seq).toBe(seq);

    const query = "query ($author: UserId) { viewer { head { epoch } } grants(author: $author, first: 10) { nodes { epoch kind } } }";
    const { data } = await ask(relay, { query, variables: { author: encodeBase64url(writer.person.userId) }, token: writer.person.token });
    const { epoch } = data.viewer.head;
    expect(entries.filter(({ type }) => type === "EPOCH")).toHaveLength(epoch + 1);
    expect(data.grants.nodes).toEqual([{ epoch, kind: "HISTORY" }]);
  }
});
