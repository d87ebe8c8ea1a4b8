import { wrapWithPassword, type PasswordOptions } from "../crypto/index.ts";
import { encodeBase64url } from "../protocol/index.ts";
import type { ClientContext } from "./context.ts";
import { expectResult } from "./errors.ts";
import { ChangePasswordDocument, ViewerStateDocument } from "./generated/graphql.ts";
import { demandPinned } from "./relay-keys.ts";
import { provePassword, registerPassword } from "./sign-in.ts";

/** Replaces the password: the vault's master key is wrapped anew, other sessions end. */
export async function changePassword(
  { transport, own: { username, userId }, vault }: ClientContext,
  { oldPassword, newPassword }: { oldPassword: string; newPassword: string },
  options: PasswordOptions,
): Promise<void> {
  const { relayLoginKey } = vault.content.settings;
  const { viewer } = await transport.execute(ViewerStateDocument, {});
  const proof = await provePassword(transport, { username, password: oldPassword }, options);
  demandPinned(relayLoginKey, proof.relayLoginKey);
  const { record, exportKey } = await registerPassword(transport, newPassword, relayLoginKey, options);
  const wrapVersion = viewer.wrapVersion + 1;
  const { changePassword: changed } = await transport.execute(
    ChangePasswordDocument,
    {
      input: {
        loginId: proof.loginId,
        loginFinish: proof.loginFinish,
        registrationRecord: record,
        passwordWrap: encodeBase64url(wrapWithPassword(exportKey, userId, wrapVersion, vault.masterKey)),
        recoveryWrap: null,
        recoveryVerifier: null,
        wrapVersion,
      },
    },
    { once: true },
  );
  expectResult(changed, "PasswordChanged");
}
