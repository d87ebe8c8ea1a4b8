import { StartRefused } from "../../domain/start-refused.ts";
import { createUserGate, type UserGate } from "../../domain/users/user-gate.ts";
import { encodeBase64url, type UserId } from "../../protocol/index.ts";
import { createInProcessBus } from "../../realtime/buses/in-process-bus.ts";
import { findUserId, listOperatorsUsers, type OperatorsUser } from "../../storage/operator-queries.ts";
import { systemClock } from "../adapters/system.ts";
import type { Environment } from "../config/env.ts";
import { isoTime, print, table } from "./print.ts";
import { type RelayData, silentLog, withRelayData } from "./relay-data.ts";

const PAGE = 500;

export async function printUsers(said: Environment["variables"], search: string, isJson: boolean): Promise<void> {
  const users = await withRelayData(said, ({ database }) => listAll(database, search));
  print(users.map((user) => ({ ...user, id: encodeBase64url(user.id) })), isJson, (rows) =>
    table(
      ["user name", "registered", "seen", "sessions", "friends", "entries", "kB", ""],
      rows.map(({ username, createdAtMs, seenAtMs, sessions, friends, entries, bytes, ...ends }) => [
        username, isoTime(createdAtMs), isoTime(seenAtMs), `${sessions}`, `${friends}`, `${entries}`, `${Math.ceil(bytes / 1000)}`, endText(ends),
      ]),
    ),
  );
}

function endText({ disabledAtMs, deletedAtMs }: Pick<OperatorsUser, "disabledAtMs" | "deletedAtMs">): string {
  if (deletedAtMs !== null) return `deleted ${isoTime(deletedAtMs)}`;
  return disabledAtMs === null ? "" : `disabled ${isoTime(disabledAtMs)}`;
}

/** Ends the user's sessions and lets them in no more. A running relay closes their sockets when it next looks. */
export function disableUser(said: Environment["variables"], username: string): Promise<void> {
  return withGate(said, username, (gate, id) => gate.disable(id));
}

export function enableUser(said: Environment["variables"], username: string): Promise<void> {
  return withGate(said, username, (gate, id) => gate.enable(id));
}

function withGate(said: Environment["variables"], username: string, work: (gate: UserGate, id: UserId) => Promise<void>): Promise<void> {
  return withRelayData(said, async ({ database, unitOfWork }) => {
    const id = await findUserId(database, username);
    if (id === undefined) throw new StartRefused("USER_UNKNOWN", `There is no user ${JSON.stringify(username)} here. \`peerbrain admin users\` lists them.`);
    // The relay is another process: it finds what ended in the store.
    const bus = createInProcessBus(silentLog);
    await work(createUserGate({ unitOfWork, bus, clock: systemClock }), id);
  });
}

async function listAll(database: RelayData["database"], search: string): Promise<OperatorsUser[]> {
  const users: OperatorsUser[] = [];
  for (;;) {
    const page = await listOperatorsUsers(database, { search, afterUsername: users.at(-1)?.username ?? "", first: PAGE });
    users.push(...page);
    if (page.length < PAGE) return users;
  }
}
