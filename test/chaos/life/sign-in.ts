import { Account } from "../../../src/client/index.ts";
import type { Choice } from "../../support/random.ts";
import type { Device } from "./device.ts";
import type { Outcome } from "./outcome.ts";
import { moments } from "./power.ts";
import { type Citizen, codeOf, tell, type World } from "./world.ts";

/** Codes of a sign-in beside which the password or the card was changed. */
const OVERTAKEN: readonly string[] = ["PASSWORD_WRONG", "SIGNED_OUT", "LOGIN_EXPIRED", "CARD_STALE"];

/** Makes a client run on this device: registers whoever is new, signs in everybody else. With `fragile` it may die on the way. */
export async function signIn(world: World, citizen: Citizen, device: Device, fragile?: Choice): Promise<void> {
  if (citizen.isRegistered !== "yes") return register(world, citizen, device, fragile);
  const { count, underWay } = citizen.changes;
  const isOvertaken = (): boolean => underWay > 0 || citizen.changes.count !== count;
  // A change that got no answer may arrive between two tries: what was wrong before it is right then.
  for (const password of [...citizen.passwords, ...citizen.passwords.slice(0, -1)]) {
    const error = await start(device, (options) => Account.login({ ...options, username: citizen.name, password }), fragile);
    if (error === undefined) return world.tally.add(device.account ? "sign in done" : "sign in unknown");
    if (codeOf(error) === "PASSWORD_WRONG" && citizen.passwords.length > 1) continue;
    if (codeOf(error) === "RELAY_UNREACHABLE") return world.tally.add("sign in unanswered");
    if (isOvertaken() && OVERTAKEN.includes(codeOf(error))) return world.tally.add("sign in refused");
    return void world.violations.push(`${device.name}: sign in failed: ${tell(error)}`);
  }
  if (!isOvertaken()) world.violations.push(`${device.name}: none of the passwords signs in`);
}

async function register(world: World, citizen: Citizen, device: Device, fragile?: Choice): Promise<void> {
  // One's own other device would take the name.
  if (citizen.devices.some(({ isStarting }) => isStarting)) return;
  const before = citizen.isRegistered;
  citizen.isRegistered = "maybe";
  const error = await start(device, async (options) => {
    const { account, recoveryCode } = await Account.register({ ...options, username: citizen.name, password: citizen.passwords[0] ?? "" });
    Object.assign(citizen, { recoveryCode });
    return account;
  }, fragile);
  if (error === undefined && device.account) Object.assign(citizen, { isRegistered: "yes" });
  world.tally.add(`register ${error === undefined ? (device.account ? "done" : "unknown") : "refused"}`);
  if (error === undefined || codeOf(error) === "RELAY_UNREACHABLE") return;
  if (codeOf(error) === "USERNAME_TAKEN" && before === "maybe") Object.assign(citizen, { isRegistered: "yes" });
  else world.violations.push(`${device.name}: register failed: ${tell(error)}`);
}

/** Signs in with the recovery code; what got no answer leaves both passwords possible and no code that is known. */
export async function recover(world: World, citizen: Citizen, device: Device, fragile?: Choice): Promise<void> {
  const { recoveryCode: code, passwords } = citizen;
  if (code === undefined || citizen.changes.underWay > 0) return;
  const newPassword = `${citizen.name} ${citizen.changes.count + 1}`;
  citizen.changes.underWay += 1;
  citizen.changes.count += 1;
  citizen.passwords = [newPassword, ...passwords];
  const error = await start(device, async (options) => {
    const recovered = await Account.recover({ ...options, username: citizen.name, recoveryCode: code, newPassword });
    Object.assign(citizen, { recoveryCode: recovered.recoveryCode, passwords: [newPassword] });
    return recovered.account;
  }, fragile);
  if (citizen.recoveryCode === code) citizen.recoveryCode = undefined;
  citizen.changes.underWay -= 1;
  world.tally.add(`recover ${error === undefined ? (device.account ? "done" : "unknown") : "refused"}`);
  if (error !== undefined && codeOf(error) !== "RELAY_UNREACHABLE") world.violations.push(`${device.name}: recover failed: ${tell(error)}`);
}

/** Replaces the password from a running client. */
export async function changePassword(world: World, citizen: Citizen, device: Device): Promise<void> {
  await change(citizen, device, (oldPassword, newPassword) => world.attempt("change password", device, (account) => account.changePassword(oldPassword, newPassword)));
}

/** Replaces card, keys, password and recovery code from a running client; what got no answer leaves no code that is known. */
export async function reset(world: World, citizen: Citizen, device: Device): Promise<void> {
  await change(citizen, device, async (oldPassword, newPassword) => {
    const { recoveryCode: code } = citizen;
    citizen.recoveryCode = undefined;
    const outcome = await world.attempt("reset", device, async (account) => void (citizen.recoveryCode = await account.reset(oldPassword, newPassword)));
    if (outcome === "refused") citizen.recoveryCode = code;
    return outcome;
  });
}

type Replace = (oldPassword: string, newPassword: string) => Promise<Outcome>;

async function change(citizen: Citizen, device: Device, replace: Replace): Promise<void> {
  const [password, ...others] = citizen.passwords;
  if (password === undefined || others.length > 0 || citizen.changes.underWay > 0) return;
  const newPassword = `${citizen.name} ${citizen.changes.count + 1}`;
  citizen.changes.underWay += 1;
  citizen.changes.count += 1;
  citizen.passwords = [password, newPassword];
  const outcome = await replace(password, newPassword);
  if (outcome === "done") citizen.passwords = [newPassword];
  if (outcome === "refused") citizen.passwords = [password];
  if (outcome === "done") device.isSignedInAnew();
  citizen.changes.underWay -= 1;
}

async function start(device: Device, open: Parameters<Device["start"]>[0], fragile: Choice | undefined): Promise<unknown> {
  try {
    await device.start(open, (power) => {
      if (fragile) power.dieAt(fragile.pick(moments), fragile.below(16));
    });
    return undefined;
  } catch (error) {
    return error;
  }
}
