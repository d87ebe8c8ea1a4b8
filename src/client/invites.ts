import { encodeBase64url, encodeInviteLink, equalBytes, parseInviteLink, ProtocolError, type CardHash, type InviteLink } from "../protocol/index.ts";
import type { ClientContext } from "./context.ts";
import { ClientError } from "./errors.ts";
import { findUser } from "./people.ts";
import type { Transport } from "./ports.ts";
import { hasCard, type VerifiedUser } from "./verified-user.ts";

/** The invite link of the signed-in user; without a name nobody who sees its path learns whose it is. */
export function createInviteLink({ own, transport }: ClientContext, { named }: { named: boolean }): string {
  const { username, userId, cardHash } = own;
  return encodeInviteLink({ relay: transport.origin, ...(named ? { username } : {}), userId, cardHash });
}

/** What a link of this relay says. Throws ClientError INVITE_MALFORMED, INVITE_ELSEWHERE. */
export function readInviteLink(transport: Transport, text: string): InviteLink {
  const invite = parseOrRefuse(text.trim());
  if (invite.relay === transport.origin) return invite;
  throw new ClientError("INVITE_ELSEWHERE", `This link leads to ${invite.relay}. You are signed in at ${transport.origin}: nothing was sent.`);
}

/**
 * The user whose link this is, proven by it: whatever the relay answers, it is that id and a row of cards that holds the
 * link's card. Throws ClientError INVITE_MALFORMED, INVITE_ELSEWHERE, INVITE_REFUSED, USER_UNKNOWN.
 */
export async function findInvited(transport: Transport, text: string): Promise<{ user: VerifiedUser; provenCard: CardHash }> {
  const { userId, cardHash, username } = readInviteLink(transport, text);
  const user = await findUser(transport, { id: encodeBase64url(userId) }).catch((cause: unknown) => {
    throw cause instanceof ClientError && cause.code === "CARD_REFUSED" ? refused(cause) : cause;
  });
  if (!equalBytes(user.userId, userId) || !hasCard(user, cardHash)) throw refused();
  if (username !== undefined && username !== user.username) throw refused();
  return { user, provenCard: cardHash };
}

function parseOrRefuse(text: string): InviteLink {
  try {
    return parseInviteLink(text);
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    const advice = cause.code === "unknown-version" ? "It is of a later version: update this program." : "Copy it whole, or ask for it again.";
    throw new ClientError("INVITE_MALFORMED", `This is no invite link that this program can read (${cause.code}). ${advice} Nothing was sent.`, { cause });
  }
}

function refused(cause?: unknown): ClientError {
  return new ClientError("INVITE_REFUSED", "The relay shows somebody else than the one who made this link, or hides their newest identity card. No request was sent.", { cause });
}
