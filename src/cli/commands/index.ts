import type { Command, CommandGroup } from "../command.ts";
import { accept } from "./accept.ts";
import { befriend } from "./befriend.ts";
import { completion } from "./completion.ts";
import { decline } from "./decline.ts";
import { deleteAccount } from "./delete-account.ts";
import { edit } from "./edit.ts";
import { exportCommand } from "./export.ts";
import { feed } from "./feed.ts";
import { find } from "./find.ts";
import { friends } from "./friends.ts";
import { importCommand } from "./import.ts";
import { invite } from "./invite.ts";
import { keylog } from "./keylog.ts";
import { login } from "./login.ts";
import { logout } from "./logout.ts";
import { passwd } from "./passwd.ts";
import { query } from "./query.ts";
import { read } from "./read.ts";
import { recover } from "./recover.ts";
import { register } from "./register.ts";
import { requests } from "./requests.ts";
import { reset } from "./reset.ts";
import { search } from "./search.ts";
import { sessions } from "./sessions.ts";
import { think } from "./think.ts";
import { token } from "./token.ts";
import { unfriend } from "./unfriend.ts";
import { verify } from "./verify.ts";
import { whoami } from "./whoami.ts";
import { withdraw } from "./withdraw.ts";

/** Of those about a relay: what needs no more than its address. Whoever runs it has further ones. */
export const relayCommands: readonly Command[] = [keylog];

/** Every other command for people, in the order of the help. */
export const commandGroups: readonly CommandGroup[] = [
  { title: "Thoughts:", commands: [think, feed, read, search, edit, withdraw] },
  { title: "Friends:", commands: [find, invite, befriend, requests, accept, decline, friends, verify, unfriend] },
  { title: "You:", commands: [register, login, logout, whoami, sessions, passwd, recover, reset, exportCommand, importCommand, deleteAccount] },
  { title: "Programs:", commands: [token, query, completion] },
];
