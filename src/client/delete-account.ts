import { createUnfriend, type PasswordOptions } from "../crypto/index.ts";
import { encodeBase64url } from "../protocol/index.ts";
import type { ClientContext } from "./context.ts";
import { ClientError, expectResult, isRefusal } from "./errors.ts";
import { friendshipOf, recordInput } from "./friendship-records.ts";
import { DeleteAccountDocument } from "./generated/graphql.ts";
import { fetchFriendships, fetchRequests } from "./people.ts";
import { proveOwnPassword } from "./prove-own-password.ts";
import type { PasswordProof } from "./sign-in.ts";

const MAX_TRIES = 8;

/**
 * Deletes the own account (PROTOCOL.md §6 "Deleting the account"): all of it or nothing. Runs inside the writer's turn.
 * Throws ClientError PASSWORD_WRONG, CONFLICT, RELAY_UNREACHABLE.
 */
export async function deleteAccount(context: ClientContext, password: string, options: PasswordOptions): Promise<void> {
  let proof: PasswordProof | undefined = await proveOwnPassword(context, password, options);
  for (let attempt = 0; attempt < MAX_TRIES; attempt += 1) {
    proof ??= await proveOwnPassword(context, password, options);
    try {
      return await submit(context, proof);
    } catch (error) {
      if (isSignedOut(error) && (await isDeleted(context, password, options))) return;
      if (isRefusal(error, "LOGIN_EXPIRED")) proof = undefined;
      else if (!isRefusal(error, "FRIENDSHIP_STATE", "FRIENDSHIP_NOT_FOUND", "CARD_STALE")) throw error;
    }
  }
  throw new ClientError("CONFLICT", "Your friendships kept changing. Nothing was deleted; try again.");
}

async function submit(context: ClientContext, { loginId, loginFinish }: PasswordProof): Promise<void> {
  const input = { loginId, loginFinish, records: await signEnds(context) };
  const { deleteAccount: answer } = await context.transport.execute(DeleteAccountDocument, { input });
  expectResult(answer, "AccountDeleted");
}

// Whatever the relay takes for a friendship of one's own is ended: somebody who leaves has nothing to lose by that.
async function signEnds({ own, transport }: ClientContext): Promise<string[]> {
  const accepted = (await fetchRequests(transport)).filter(({ state }) => state === "ACCEPTED");
  return [...(await fetchFriendships(transport)), ...accepted].map((parts) => {
    const { id, peer, peerCardHash } = friendshipOf(own, parts);
    return encodeBase64url(createUnfriend(recordInput(own, id, { userId: peer, cardHash: peerCardHash })));
  });
}

function isSignedOut(error: unknown): boolean {
  return error instanceof ClientError && error.code === "SIGNED_OUT";
}

// An earlier answer was lost if the session is over and the password, proven a moment ago, opens nothing any more.
async function isDeleted(context: ClientContext, password: string, options: PasswordOptions): Promise<boolean> {
  try {
    await proveOwnPassword(context, password, options);
    return false;
  } catch (error) {
    return error instanceof ClientError && error.code === "PASSWORD_WRONG";
  }
}
