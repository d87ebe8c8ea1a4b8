import { encodeBase64url, parseBase64url, parseGrant, ProtocolError, type UserId } from "../protocol/index.ts";
import { GrantsDocument } from "./generated/graphql.ts";
import type { Transport } from "./ports.ts";

/** All grants of an author to oneself, as the relay hands them out; nothing about them is verified yet. */
export async function fetchGrants(transport: Transport, author: UserId): Promise<Uint8Array[]> {
  const fetched: Uint8Array[] = [];
  let after: string | null = null;
  do {
    const { grants }: { grants: { nodes: readonly { bytes: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } } } =
      await transport.execute(GrantsDocument, { author: encodeBase64url(author), after });
    fetched.push(...grants.nodes.map(({ bytes }) => parseBase64url(bytes)));
    after = grants.pageInfo.hasNextPage ? grants.pageInfo.endCursor : null;
  } while (after !== null);
  return fetched;
}

/** The epoch that unverified bytes claim to be of; −1 for what is no grant. */
export function claimedEpoch(bytes: Uint8Array): number {
  try {
    return parseGrant(bytes).n;
  } catch (error) {
    if (error instanceof ProtocolError) return -1;
    throw error;
  }
}
