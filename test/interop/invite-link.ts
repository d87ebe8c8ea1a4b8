import { type Bytes, concat, demand, fieldsOf, refuseAs, u8 } from "./bytes.ts";
import { parseBase64url } from "./encodings.ts";

/** An invite link (PROTOCOL.md §2). */
export interface Invite {
  relay: string;
  username?: string;
  userId: Bytes;
  cardHash: Bytes;
}

const PROOF = 65;

export function createInviteLink({ relay, username, userId, cardHash }: Invite): string {
  demandRelay(relay);
  const path = ["/invite", ...(username === undefined ? [] : [username])].join("/");
  return `${relay}${path}#${Buffer.from(concat(u8(1), userId, cardHash)).toString("base64url")}`;
}

export function parseInviteLink(text: string): Invite {
  const end = text.indexOf("#");
  const [, relay = "", username] = /^([^]*?)\/invite(?:\/([a-z0-9_]{3,30}))?$/.exec(text.slice(0, Math.max(end, 0))) ?? [];
  demandRelay(relay);
  const fields = fieldsOf(parseBase64url(text.slice(end + 1)), 1, PROOF);
  fields.bytes(1);
  return { relay, ...(username !== undefined && { username }), userId: fields.bytes(32), cardHash: fields.bytes(32) };
}

/** The origin of a URL is spelt in one way. */
function demandRelay(relay: string): void {
  const { origin, port, protocol } = refuseAs("bad-link", () => new URL(relay));
  demand(["http:", "https:"].includes(protocol) && port !== "0" && origin === relay, "bad-link");
}
