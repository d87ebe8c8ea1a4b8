import type { Choice } from "../../support/random.ts";
import type { Device } from "./device.ts";
import type { FriendshipAct } from "./pair-model.ts";
import { moments } from "./power.ts";
import { changePassword, recover, reset, signIn } from "./sign-in.ts";
import type { Citizen, World } from "./world.ts";

interface Step {
  world: World;
  citizen: Citizen;
  device: Device;
  choice: Choice;
}

/** What people do with a client that runs, and how often. */
const deeds: readonly [weight: number, run: (step: Step) => Promise<void>][] = [
  [60, write],
  [8, edit],
  [6, withdraw],
  [20, read],
  [18, meet],
  [5, (step) => actOn(step, "end")],
  [1, (step) => actOn(step, "decline")],
  [1, (step) => actOn(step, "cancel")],
  [1, ({ world, citizen, device }) => changePassword(world, citizen, device)],
  [1, ({ world, citizen, device }) => reset(world, citizen, device)],
  [1, ({ world, citizen, device, choice }) => recover(world, citizen, device, rarely(choice, 3))],
  [3, blink],
  [3, stayAway],
  [2, lag],
  [1, passDay],
  [3, crashSoon],
  [1, crashNow],
  [1, close],
  [1, replace],
];
const drawn = deeds.flatMap(([weight, run]) => Array.from({ length: weight }, () => run));

/** One step of somebody, on one of their devices: it comes back where it is away, and else does something. */
export async function takeStep(world: World, choice: Choice): Promise<void> {
  const citizen = choice.pick(world.citizens);
  const device = choice.pick(citizen.devices);
  const deed = choice.pick(drawn);
  if (device.isStarting) return;
  if (device.power?.isOn && !device.power.isOnline) return device.power.goOnline();
  if (device.account === undefined) return signIn(world, citizen, device, rarely(choice, 4));
  await deed({ world, citizen, device, choice });
}

function rarely(choice: Choice, oneIn: number): Choice | undefined {
  return choice.below(oneIn) === 0 ? choice : undefined;
}

async function write({ world, citizen, device }: Step): Promise<void> {
  citizen.textCount += 1;
  const text = `${citizen.name} thought ${citizen.textCount}`;
  const end = citizen.thoughts.write(text);
  end(await world.attempt("write", device, async (account) => void citizen.ids.set(text, (await account.thoughts.write(text)).id)));
}

async function edit({ world, citizen, device, choice }: Step): Promise<void> {
  const [first, id] = pickThought(citizen, choice);
  if (id === undefined) return;
  citizen.textCount += 1;
  const text = `${citizen.name} edit ${citizen.textCount}`;
  const end = citizen.thoughts.edit(first, text);
  end(await world.attempt("edit", device, (account) => account.thoughts.edit(id, text), ["THOUGHT_UNKNOWN"]));
}

async function withdraw({ world, citizen, device, choice }: Step): Promise<void> {
  const [first, id] = pickThought(citizen, choice);
  if (id === undefined) return;
  const end = citizen.thoughts.withdraw(first);
  end(await world.attempt("withdraw", device, (account) => account.thoughts.withdraw(id), ["THOUGHT_UNKNOWN", "THOUGHT_NOT_FOUND"]));
}

function pickThought({ thoughts, ids }: Citizen, choice: Choice): [first: string, id: Uint8Array | undefined] {
  const { standing } = thoughts;
  const first = standing.length === 0 ? "" : choice.pick(standing);
  return [first, ids.get(first)];
}

async function read({ world, device, choice }: Step): Promise<void> {
  const [friend] = [device.account?.friends.list() ?? []].map((friends) => (friends.length === 0 ? undefined : choice.pick(friends)));
  await world.attempt("read", device, async (account) => {
    for await (const thought of account.thoughts.by(friend?.username)) void thought;
  }, ["NOT_FRIENDS", "CHAIN_NOT_READABLE"]);
}

/** Asks somebody, or accepts who asked. */
async function meet(step: Step): Promise<void> {
  const { world, citizen, device, choice } = step;
  const others = world.citizens.filter((one) => one !== citizen && one.isRegistered === "yes");
  if (others.length === 0) return;
  const [other, isPatient] = [choice.pick(others), choice.below(4) > 0];
  const received = await device.account?.friends.requests().then((requests) => requests.received, () => []);
  const asker = others.find(({ name }) => received?.some(({ username }) => username === name));
  if (asker && isPatient) await act(step, asker, "accept");
  else await act(step, other, "request");
}

async function actOn(step: Step, kind: FriendshipAct): Promise<void> {
  const others = step.world.citizens.filter((one) => one !== step.citizen);
  const friends = new Set(step.device.account?.friends.list().map(({ username }) => username));
  const likely = kind === "end" ? others.filter(({ name }) => friends.has(name)) : others;
  if (likely.length > 0) await act(step, step.choice.pick(likely), kind);
}

const refusals: Record<FriendshipAct, readonly string[]> = {
  request: ["REQUEST_EXISTS", "REQUEST_UNKNOWN", "FRIENDSHIP_STATE"],
  accept: ["REQUEST_UNKNOWN", "REQUEST_EXISTS", "FRIENDSHIP_STATE"],
  decline: ["REQUEST_UNKNOWN", "FRIENDSHIP_STATE"],
  cancel: ["REQUEST_UNKNOWN", "FRIENDSHIP_STATE", "FRIENDSHIP_NOT_FOUND"],
  end: ["NOT_FRIENDS"],
};

async function act({ world, citizen, device }: Step, other: Citizen, kind: FriendshipAct): Promise<void> {
  const end = world.pair(citizen, other).begin(kind);
  world.journal.push(`${device.name}: will ${kind} ${other.name}`);
  end(await world.attempt(kind, device, ({ friends }) => friends[kind](other.name), refusals[kind]));
}

/** The network goes away for a moment. */
async function blink({ world, device, choice }: Step): Promise<void> {
  device.power?.goOffline();
  await new Promise((resolve) => setTimeout(resolve, choice.below(60)));
  device.power?.goOnline();
  world.tally.add("blink");
}

/** The network goes away until the next step of this device. */
async function stayAway({ world, device }: Step): Promise<void> {
  device.power?.goOffline();
  world.tally.add("stay away");
}

/** What streams deliver comes late, or at once again. */
async function lag({ world, device, choice }: Step): Promise<void> {
  device.power?.lag(choice.pick([0, 50, 200, 600]));
  world.tally.add("lag");
}

/** A day passes, after which whoever comes back sends a beacon. */
async function passDay({ world, device }: Step): Promise<void> {
  world.passDay();
  world.tally.add("a day passes");
  device.power?.goOffline();
}

/** The power goes during what comes next. */
async function crashSoon(step: Step): Promise<void> {
  const { world, device, choice } = step;
  device.power?.dieAt(choice.pick(moments), choice.below(4));
  world.journal.push(`${device.name}: will crash soon`);
  world.tally.add("crash soon");
  const begun = [write, edit, withdraw, meet, (one: Step) => actOn(one, "end"), ({ citizen }: Step) => reset(world, citizen, device)];
  await choice.pick(begun)(step);
}

async function crashNow({ world, device }: Step): Promise<void> {
  device.crash();
  world.tally.add("crash");
}

async function close({ world, device }: Step): Promise<void> {
  await device.close();
  world.tally.add("close");
}

/** A device is given away for another. */
async function replace({ world, device }: Step): Promise<void> {
  await device.close();
  device.replace();
  world.tally.add("replace");
}
