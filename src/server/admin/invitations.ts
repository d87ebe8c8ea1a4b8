import { StartRefused } from "../../domain/start-refused.ts";
import { createInvitationService, type InvitationService } from "../../domain/users/invitation-service.ts";
import { systemClock, systemRandom } from "../adapters/system.ts";
import type { Environment } from "../config/env.ts";
import { isoTime, print, table } from "./print.ts";
import { withRelayData } from "./relay-data.ts";

const DAY_MS = 86_400_000;
const MAX_USES = 1_000_000;
const MAX_DAYS = 3_650;

export async function setInviteOnly(said: Environment["variables"], word: string): Promise<void> {
  if (word !== "on" && word !== "off") throw new StartRefused("CONFIG_INVALID", "Say on or off: peerbrain admin invite-only on");
  await withInvitations(said, (invitations) => invitations.require(word === "on"));
}

export async function printNewInvitation(said: Environment["variables"], { uses, days, isJson }: { uses: string; days: string; isJson: boolean }): Promise<void> {
  const options = { uses: readCount("--uses", uses, MAX_USES), lifeMs: readCount("--days", days, MAX_DAYS) * DAY_MS };
  print(await withInvitations(said, (invitations) => invitations.create(options)), isJson, ({ code }) => code);
}

export async function printInvitations(said: Environment["variables"], isJson: boolean): Promise<void> {
  const found = await withInvitations(said, async (invitations) => ({ isRequired: await invitations.isRequired(), invitations: await invitations.list() }));
  print(found, isJson, ({ isRequired, invitations }) => {
    const rows = invitations.map(({ id, usesLeft, createdAtMs, expiresAtMs }) => [id, `${usesLeft}`, isoTime(createdAtMs), isoTime(expiresAtMs)]);
    return [`registering ${isRequired ? "needs an invitation" : "is open to all"}`, ...(rows.length > 0 ? [table(["id", "uses left", "made", "expires"], rows)] : [])].join("\n");
  });
}

export async function revokeInvitation(said: Environment["variables"], id: string): Promise<void> {
  if (await withInvitations(said, (invitations) => invitations.revoke(id))) return;
  throw new StartRefused("CONFIG_INVALID", "There is no invitation of this id. `peerbrain admin invitations` lists them.");
}

function withInvitations<T>(said: Environment["variables"], work: (invitations: InvitationService) => Promise<T>): Promise<T> {
  return withRelayData(said, ({ unitOfWork }) => work(createInvitationService({ unitOfWork, clock: systemClock, random: systemRandom })));
}

function readCount(option: string, text: string, max: number): number {
  const count = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= max) return count;
  throw new StartRefused("CONFIG_INVALID", `${option} must be a whole number from 1 to ${max}.`);
}
