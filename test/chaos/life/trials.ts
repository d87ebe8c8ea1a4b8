import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Account } from "../../../src/client/index.ts";
import { encodeBase64url, ProtocolError } from "../../../src/protocol/index.ts";
import { createReceiptSigner } from "../../../src/server/keys/receipt-signer.ts";
import { parseRelayKeys } from "../../../src/server/keys/relay-keys.ts";
import type { Choice } from "../../support/random.ts";
import { Device } from "./device.ts";
import { readIdentity } from "./keys.ts";
import { curable, type Liar, liveLies, pageLies, seqIn, type WireEntry } from "./lies.ts";
import type { Json, Wire } from "./power.ts";
import { signIn } from "./sign-in.ts";
import { type Citizen, codeOf, type World } from "./world.ts";

const NOTICED_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 25;
const MIN_ENTRIES = 6;

/** How one lie went: whether it reached the client, and what became of it there. */
interface Trial {
  isTold: boolean;
  alarms: string[];
}

/** Tells one reader one lie of each of these kinds about a friend, on a device of its own. Each one that was told has to raise an alarm or to be made good. */
export async function tryLies(world: World, choice: Choice, kinds: string[]): Promise<void> {
  if ((await pickPair(world, choice)) === undefined) await befriendSome(world);
  for (const kind of singleLies.filter((one) => kinds.includes(one))) {
    const pair = await pickPair(world, choice);
    if (pair === undefined) world.violations.push(`nobody is there to be told a lie: ${kind}`);
    else await tryLie(world, kind, { ...pair, choice });
  }
  if (kinds.includes(WITHHELD)) await tryToWithhold(world, choice);
}

const singleLies = [...Object.keys(pageLies), ...Object.keys(liveLies)];
const WITHHELD = "new entries hidden, which a common friend has read";

/** All kinds of lies. */
export const lieKinds = [...singleLies, WITHHELD];

// In a short life nobody may have found a friend.
async function befriendSome(world: World): Promise<void> {
  const [asker, other] = world.citizens;
  if (!asker || !other) return;
  await makeFriends(world, asker, other);
  for (let count = 0; count < MIN_ENTRIES; count += 1) for (const citizen of [asker, other]) await writeMore(world, citizen);
}

async function makeFriends(world: World, asker: Citizen, other: Citizen): Promise<void> {
  const [from, to] = [asker.devices[0], other.devices[0]];
  if (!from || !to) return;
  for (const [citizen, device] of [[asker, from], [other, to]] as const) if (device.account === undefined) await signIn(world, citizen, device);
  const areFriends = (): boolean => isFriend(asker, other) && isFriend(other, asker);
  if (areFriends()) return;
  const end = world.pair(asker, other).begin("accept");
  await world.attempt("request", from, ({ friends }) => friends.request(other.name), ["REQUEST_EXISTS"]);
  end(await world.attempt("accept", to, ({ friends }) => friends.accept(asker.name), ["REQUEST_UNKNOWN", "REQUEST_EXISTS"]));
  // The other one may have asked before, and the answer never left.
  await world.attempt("accept", from, ({ friends }) => friends.accept(other.name), ["REQUEST_UNKNOWN", "REQUEST_EXISTS"]);
  await until(areFriends);
}

function isFriend(of: Citizen, other: Citizen): boolean {
  return of.devices[0]?.account?.friends.list().some(({ username }) => username === other.name) ?? false;
}

// One reader alone cannot know of entries that are hidden from the first moment: a common friend has to tell.
async function tryToWithhold(world: World, choice: Choice): Promise<void> {
  const from = choice.below(world.citizens.length);
  const [reader, author, witness] = [0, 1, 2].map((step) => world.citizens[(from + step) % world.citizens.length]);
  if (!reader || !author || !witness) return;
  for (const [one, other] of [[reader, author], [reader, witness], [witness, author]] as const) await makeFriends(world, one, other);
  const trial: Trial = { isTold: false, alarms: [] };
  await reader.devices.at(-1)?.close();
  const device = await signInVisitor(world, reader, trial, withholding(await readIdentity(world, author), trial, await seqOf(world, author)));
  await writeMore(world, author);
  const wanted = JSON.stringify(await readAll(author.devices[0], author, trial));
  await until(async () => JSON.stringify(await readAll(witness.devices[0], author, trial)) === wanted);
  await writeMore(world, witness);
  await until(() => trial.alarms.length > 0);
  device.crash();
  world.judge(WITHHELD, { ...trial, isLevel: false, isCurable: false });
}

async function seqOf({ database }: World, { name }: Citizen): Promise<number> {
  const [row] = await database.query(`SELECT c.seq FROM "Chain" c JOIN "User" u ON u.id = c.author WHERE u.username = $1`, [name]);
  return Number(row?.["seq"]);
}

/** Shows nothing of an author behind a place. */
function withholding({ userId }: { userId: Uint8Array }, trial: Trial, seq: number): Wire {
  const authorId = encodeBase64url(userId);
  const hides = (entry: WireEntry): boolean => {
    const isHidden = seqIn(entry) > seq;
    trial.isTold ||= isHidden;
    return isHidden;
  };
  return {
    hears: /query Chain/,
    onAnswer({ chain }, { author }) {
      if (chain !== undefined && author === authorId) Object.assign(chain as Json, { nodes: (chain as { nodes: WireEntry[] }).nodes.filter((entry) => !hides(entry)) });
    },
    onDelivery(data) {
      const { entry } = (data["entryAppended"] ?? {}) as { entry?: WireEntry & { author: string } };
      return entry?.author === authorId && hides(entry) ? undefined : data;
    },
  };
}

async function pickPair({ citizens, database }: World, choice: Choice): Promise<{ reader: Citizen; author: Citizen } | undefined> {
  const rows = await database.query(`SELECT u.username FROM "Chain" c JOIN "User" u ON u.id = c.author WHERE c.seq >= $1`, [MIN_ENTRIES]);
  const long = new Set(rows.map(({ username }) => String(username)));
  const pairs = citizens.flatMap((reader) => {
    const friends = new Set(reader.devices[0]?.account?.friends.list().map(({ username }) => username));
    return citizens.filter(({ name }) => friends.has(name) && long.has(name)).map((author) => ({ reader, author }));
  });
  return pairs.length === 0 ? undefined : choice.pick(pairs);
}

async function tryLie(world: World, kind: string, { reader, author, choice }: { reader: Citizen; author: Citizen; choice: Choice }): Promise<void> {
  const trial: Trial = { isTold: false, alarms: [] };
  // A device that closes pins how far it has read.
  await reader.devices.at(-1)?.close();
  const liar = await createLiar(world, author, choice);
  const device = await signInVisitor(world, reader, trial, wireOf(kind, liar, trial));
  await readAll(device, author, trial);
  for (let count = 0; count < 2; count += 1) await writeMore(world, author);
  const wanted = JSON.stringify(await readAll(author.devices[0], author, trial));
  let isLevel = false;
  await until(async () => {
    isLevel = JSON.stringify(await readAll(device, author, trial)) === wanted;
    return isLevel || trial.alarms.length > 0;
  });
  device.crash();
  world.judge(kind, { ...trial, isLevel, isCurable: curable.has(kind) });
}

/** A device of the reader's own on a wire of its own, once its streams have begun. */
async function signInVisitor(world: World, reader: Citizen, trial: Trial, wire: Wire): Promise<Device> {
  const alarm = (text: string): void => void trial.alarms.push(text);
  const connected = { isTrue: false };
  const onNews = (text: string): void => void (connected.isTrue ||= text.includes("connected"));
  const device = new Device({ person: reader, name: `${reader.name} visitor`, relay: world.relay.origin, wire, now: world.now, onAlarm: alarm, onNews });
  await signInAsEither(device, reader).catch((error: unknown) => alarm(codeOf(error)));
  await until(() => connected.isTrue || device.account === undefined);
  return device;
}

/** A change of password that got no answer leaves both possible. */
async function signInAsEither(device: Device, { name, passwords: [password = "", other] }: Citizen): Promise<void> {
  const signIn = (chosen: string): Promise<void> => device.start((options) => Account.login({ ...options, username: name, password: chosen }));
  return signIn(password).catch((error: unknown) => {
    if (other === undefined || codeOf(error) !== "PASSWORD_WRONG") throw error;
    return signIn(other);
  });
}

async function createLiar(world: World, author: Citizen, choice: Choice): Promise<Liar> {
  const { receiptSeed } = parseRelayKeys(await readFile(join(world.relay.dataFolder, "relay.keys"), "utf8"));
  const identity = await readIdentity(world, author);
  const rows = await world.database.query(`SELECT seq, "signedHeader", payload, receipt FROM "Entry" WHERE author = $1`, [identity.userId]);
  const stored = new Map(rows.map(({ seq, signedHeader, payload, receipt }) => {
    const bytes = Buffer.concat([signedHeader as Buffer, (payload as Buffer | null) ?? Buffer.alloc(0)]).toString("base64url");
    return [Number(seq), { bytes, receipt: { bytes: (receipt as Buffer).toString("base64url") } }] as const;
  }));
  return { author: identity, receiptSigner: createReceiptSigner(receiptSeed), stored, choice };
}

function wireOf(kind: string, liar: Liar, trial: Trial): Wire {
  const authorId = encodeBase64url(liar.author.userId);
  const [pageLie, liveLie] = [pageLies[kind], liveLies[kind]];
  return {
    hears: /query Chain/,
    onAnswer({ chain }, variables) {
      if (chain === undefined || trial.isTold || variables["author"] !== authorId) return;
      trial.isTold = pageLie?.((chain as { nodes: WireEntry[] }).nodes, liar, variables) ?? false;
    },
    onDelivery(data) {
      const { entry } = (data["entryAppended"] ?? {}) as { entry?: WireEntry & { author: string } };
      if (liveLie === undefined || trial.isTold || entry?.author !== authorId) return data;
      trial.isTold = true;
      const told = liveLie(entry, liar);
      return told && { entryAppended: { ...(data["entryAppended"] as Json), entry: { ...entry, ...told } } };
    },
  };
}

async function writeMore(world: World, author: Citizen): Promise<void> {
  author.textCount += 1;
  const text = `${author.name} after a lie ${author.textCount}`;
  const end = author.thoughts.write(text);
  const [device] = author.devices;
  if (device) end(await world.attempt("write after a lie", device, async (account) => void author.ids.set(text, (await account.thoughts.write(text)).id)));
}

async function readAll(device: Device | undefined, author: Citizen, trial: Trial): Promise<string[]> {
  const texts: string[] = [];
  try {
    for await (const { text } of device?.account?.thoughts.by(author.name) ?? []) texts.push(text);
  } catch (error) {
    if (error instanceof ProtocolError) trial.alarms.push(error.code);
  }
  return texts;
}

async function until(isOver: () => boolean | Promise<boolean>): Promise<void> {
  const deadlineMs = Date.now() + NOTICED_WITHIN_MS;
  while (!(await isOver()) && Date.now() < deadlineMs) await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
}
