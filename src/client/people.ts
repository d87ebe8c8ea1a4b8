import { ClientError } from "./errors.ts";
import {
  FriendshipsDocument,
  RequestsDocument,
  UserByEmailDocument,
  UserByIdDocument,
  UserByNameDocument,
  type FriendshipPartsFragment,
  type RequestDirection,
} from "./generated/graphql.ts";
import { emailHashOf } from "../crypto/index.ts";
import { encodeBase64url, ProtocolError } from "../protocol/index.ts";
import type { Transport } from "./ports.ts";
import { verifyUser, type VerifiedUser } from "./verified-user.ts";

/** How to find somebody. An id (base64url) proves itself; a name or an address is only what the relay says. */
export type Whom = { id: string } | { username: string } | { email: string };

/** Finds a user and verifies the cards. Throws ClientError USER_UNKNOWN, CARD_REFUSED. */
export async function findUser(transport: Transport, whom: Whom): Promise<VerifiedUser> {
  const user = await fetchUser(transport, whom);
  if (!user) throw new ClientError("USER_UNKNOWN", `The relay knows no user "${Object.values(whom).join("")}".`);
  const verified = verifyUser(user);
  // An answer about somebody else than was asked for is no answer.
  const isAsked = "id" in whom ? user.id === whom.id : !("username" in whom) || user.username === whom.username;
  if (!isAsked) throw new ClientError("CARD_REFUSED", "The relay answered with somebody else than was asked for.");
  return verified;
}

async function fetchUser(transport: Transport, whom: Whom) {
  if ("id" in whom) return (await transport.execute(UserByIdDocument, whom)).user;
  if ("username" in whom) return (await transport.execute(UserByNameDocument, whom)).userByName;
  return (await transport.execute(UserByEmailDocument, { email: hashEmail(whom.email) })).userByEmail?.user;
}

/** The wire form of an address: the relay never sees the address itself. Throws ClientError EMAIL_MALFORMED. */
export function hashEmail(address: string): string {
  try {
    return encodeBase64url(emailHashOf(address));
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    throw new ClientError("EMAIL_MALFORMED", `"${address}" is not an e-mail address. Nothing was sent.`, { cause });
  }
}

/** All confirmed friendships, as the relay tells them. */
export function fetchFriendships(transport: Transport): Promise<FriendshipPartsFragment[]> {
  return fetchAll(async (after) => (await transport.execute(FriendshipsDocument, { after })).viewer.friends);
}

/** All requests under way, as the relay tells them. */
export function fetchRequests(transport: Transport, direction: RequestDirection | null = null): Promise<FriendshipPartsFragment[]> {
  return fetchAll(async (after) => (await transport.execute(RequestsDocument, { direction, after })).viewer.requests);
}

/** The user ids that the relay lets read the own chain: confirmed friends, and requesters whom one has accepted. */
export async function fetchEdges(transport: Transport): Promise<Set<string>> {
  const accepted = (await fetchRequests(transport, "RECEIVED")).filter(({ state }) => state === "ACCEPTED");
  const friendships = [...(await fetchFriendships(transport)), ...accepted];
  return new Set(friendships.flatMap(({ requester, accepter }) => [requester.id, accepter.id]));
}

interface ListPage<Node> {
  readonly nodes: readonly Node[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

async function fetchAll<Node>(fetchPage: (after: string | null) => Promise<ListPage<Node>>): Promise<Node[]> {
  const all: Node[] = [];
  for (let after: string | null = null; ; ) {
    const { nodes, pageInfo } = await fetchPage(after);
    all.push(...nodes);
    if (!pageInfo.hasNextPage) return all;
    after = pageInfo.endCursor;
  }
}
