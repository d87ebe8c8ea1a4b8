import type { Account } from "../../../src/client/index.ts";
import { readIdentity } from "./keys.ts";
import type { Device } from "./device.ts";
import { signIn } from "./sign-in.ts";
import { type Citizen, codeOf, type World } from "./world.ts";

const LEVEL_WITHIN_MS = 60_000;
const LOOK_AFTER_MS = 25;
const LOOK_AT_LEAST_EVERY_MS = 400;
const SIGN_IN_TRIES = 3;

/**
 * Everybody comes back, and the world settles. Then every device shows what its user is entitled to and nothing else, as
 * the model and the relay's own tables have it; everybody writes once more, and it holds again.
 */
export async function expectLevel(world: World): Promise<void> {
  await bringBack(world);
  if (!(await becomesLevel(world))) return;
  for (const citizen of registered(world)) for (const device of citizen.devices) await writeLast(world, citizen, device);
  if (!(await becomesLevel(world))) return;
  await settle(world);
}

function registered({ citizens }: World): Citizen[] {
  return citizens.filter(({ isRegistered }) => isRegistered === "yes");
}

async function bringBack(world: World): Promise<void> {
  for (const citizen of world.citizens) {
    for (const device of citizen.devices) {
      device.power?.disarm();
      device.power?.goOnline();
      device.power?.lag(0);
      for (let left = SIGN_IN_TRIES; left > 0 && device.account === undefined && citizen.isRegistered !== "no"; left -= 1) await signIn(world, citizen, device);
    }
  }
}

async function writeLast(world: World, citizen: Citizen, device: Device): Promise<void> {
  citizen.textCount += 1;
  const text = `${citizen.name} last ${citizen.textCount}`;
  const end = citizen.thoughts.write(text);
  const outcome = await world.attempt("write last", device, async (account) => void citizen.ids.set(text, (await account.thoughts.write(text)).id));
  end(outcome);
  if (outcome !== "done") world.violations.push(`${device.name}: in quiet it cannot write`);
}

async function becomesLevel(world: World): Promise<boolean> {
  const deadlineMs = Date.now() + LEVEL_WITHIN_MS;
  for (let waitMs = LOOK_AFTER_MS; ; waitMs = Math.min(2 * waitMs, LOOK_AT_LEAST_EVERY_MS)) {
    // Someone may find only now that another device changed the password.
    await bringBack(world);
    const faults = await faultsOf(world);
    if (faults.length === 0) return true;
    if (Date.now() > deadlineMs) {
      world.violations.push(...faults);
      return false;
    }
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}

async function faultsOf(world: World): Promise<string[]> {
  const friendships = await readFriendships(world);
  const faults: string[] = friendships.filter(({ state }) => state === "ACCEPTED").map(({ names }) => `${names.join(" and ")}: accepted, and nobody confirms`);
  const people = registered(world);
  const shown = new Map<Citizen, string[]>();
  for (const citizen of people) {
    const [device] = citizen.devices;
    const texts = device && (await textsOf(device));
    if (!Array.isArray(texts)) faults.push(`${citizen.name}: cannot read the own thoughts (${texts})`);
    else {
      shown.set(citizen, texts);
      faults.push(...citizen.thoughts.faults(texts));
    }
  }
  for (const citizen of people) {
    const friends = people.filter((other) => isBetween(friendships, citizen, other, "CONFIRMED"));
    faults.push(...people.flatMap((other) => contradiction(world, citizen, other, friends.includes(other))));
    for (const device of citizen.devices) faults.push(...(await faultsOfDevice(device, citizen, friends, shown)));
  }
  return faults;
}

function contradiction(world: World, citizen: Citizen, other: Citizen, areFriends: boolean): string[] {
  if (citizen.name >= other.name) return [];
  const { standing } = world.pair(citizen, other);
  const isWrong = standing === (areFriends ? "apart" : "friends");
  return isWrong ? [`${citizen.name} and ${other.name}: to the relay they ${areFriends ? "are" : "are not"} friends, by their acts they stand ${standing}`] : [];
}

async function faultsOfDevice(device: Device, citizen: Citizen, friends: Citizen[], shown: Map<Citizen, string[]>): Promise<string[]> {
  const listed = device.account?.friends.list().map(({ username }) => username).sort().join(" ");
  const expected = friends.map(({ name }) => name).sort().join(" ");
  const faults = listed === expected ? [] : [`${device.name}: its friends are "${listed}", by the relay "${expected}"`];
  for (const author of [citizen, ...friends]) {
    const texts = await textsOf(device, author.name);
    const wanted = shown.get(author);
    if (wanted !== undefined && JSON.stringify(texts) !== JSON.stringify(wanted)) faults.push(`${device.name}: reads ${author.name} otherwise: ${difference(texts, wanted)}`);
  }
  return faults;
}

function difference(texts: string[] | string, wanted: string[]): string {
  if (!Array.isArray(texts)) return texts;
  const missing = wanted.filter((text) => !texts.includes(text));
  const extra = texts.filter((text) => !wanted.includes(text));
  return `misses ${JSON.stringify(missing)}, has beyond ${JSON.stringify(extra)} (${texts.length} of ${wanted.length})`;
}

async function textsOf(device: Device, name?: string): Promise<string[] | string> {
  const { account } = device;
  if (account === undefined) return "it does not run";
  try {
    return await readAll(account, name);
  } catch (error) {
    if (codeOf(error) === "SIGNED_OUT" && device.mayBeSignedOut) device.crash();
    return codeOf(error);
  }
}

async function readAll(account: Account, name: string | undefined): Promise<string[]> {
  const texts: string[] = [];
  for await (const { text } of account.thoughts.by(name)) texts.push(text);
  return texts;
}

interface FriendshipRow {
  state: string;
  names: string[];
}

async function readFriendships({ database, citizens }: World): Promise<FriendshipRow[]> {
  const names = citizens.map(({ name }) => name);
  const rows = await database.query(
    `SELECT f.state, a.username AS requester, b.username AS accepter FROM "Friendship" f
     JOIN "User" a ON a.id = f.requester JOIN "User" b ON b.id = f.accepter
     WHERE f.state IN ('PENDING', 'ACCEPTED', 'CONFIRMED') AND a.username = ANY($1)`,
    [names],
  );
  return rows.map(({ state, requester, accepter }) => ({ state: String(state), names: [String(requester), String(accepter)] }));
}

function isBetween(friendships: FriendshipRow[], a: Citizen, b: Citizen, wanted: string): boolean {
  return a !== b && friendships.some(({ state, names }) => state === wanted && names.includes(a.name) && names.includes(b.name));
}

// What was unclear is now known: the models go on from here.
async function settle(world: World): Promise<void> {
  world.isQuiet();
  const friendships = await readFriendships(world);
  for (const citizen of registered(world)) {
    const [device] = citizen.devices;
    const texts = device && (await textsOf(device));
    if (Array.isArray(texts)) citizen.thoughts.settle(texts);
    if (citizen.passwords.length > 1) await readIdentity(world, citizen);
    for (const other of registered(world)) {
      if (citizen.name >= other.name) continue;
      const isOpen = isBetween(friendships, citizen, other, "PENDING");
      world.pair(citizen, other).settle(isBetween(friendships, citizen, other, "CONFIRMED") ? "friends" : isOpen ? "open" : "apart");
    }
  }
}

