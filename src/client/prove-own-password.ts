import type { PasswordOptions } from "../crypto/index.ts";
import type { ClientContext } from "./context.ts";
import { demandPinned } from "./relay-keys.ts";
import { provePassword, type PasswordProof } from "./sign-in.ts";

/** A fresh proof of one's own password, to the pinned relay. Throws ClientError PASSWORD_WRONG. */
export async function proveOwnPassword({ transport, own, vault }: ClientContext, password: string, options: PasswordOptions): Promise<PasswordProof> {
  const proof = await provePassword(transport, { username: own.username, password }, options);
  demandPinned(vault.content.settings.relayLoginKey, proof.relayLoginKey);
  return proof;
}
