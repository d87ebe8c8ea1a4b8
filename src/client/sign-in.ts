import {
  finishLogin,
  finishRegistration,
  generateRecoveryCode,
  parseRecoveryCode,
  recoveryAuth,
  recoveryVerifierOf,
  startLogin,
  startRegistration,
  unwrapWithPassword,
  unwrapWithRecoveryCode,
  wrapWithPassword,
  wrapWithRecoveryCode,
  type PasswordOptions,
} from "../crypto/index.ts";
import { encodeBase64url, parseBase64url, ProtocolError, type UserId } from "../protocol/index.ts";
import { ClientError, expectResult, isRefusal } from "./errors.ts";
import {
  FinishLoginDocument,
  FinishRecoveryDocument,
  StartLoginDocument,
  StartPasswordChangeDocument,
  StartRecoveryDocument,
} from "./generated/graphql.ts";
import type { SessionTokens, Transport } from "./ports.ts";
import { demandPinned } from "./relay-keys.ts";

/** A session, and the key that opens the vault. The login key has to be the one that the vault pins. */
export interface SignedIn {
  userId: UserId;
  tokens: SessionTokens;
  masterKey: Uint8Array;
  relayLoginKey: Uint8Array;
}

interface Credentials {
  username: string;
  password: string;
}

/** Proves the password to the relay without sending it (PROTOCOL.md §6). Throws ClientError PASSWORD_WRONG, RelayRefusal USER_DISABLED. */
export async function login(transport: Transport, credentials: Credentials & { deviceName: string }, options: PasswordOptions): Promise<SignedIn> {
  const proof = await provePassword(transport, credentials, options);
  const { loginId, loginFinish } = proof;
  const input = { loginId, loginFinish, deviceName: credentials.deviceName };
  const { finishLogin: finished } = await transport.execute(FinishLoginDocument, { input }, { once: true }).catch(asWrongPassword);
  const { session, passwordWrap, wrapVersion } = expectLogin(finished);
  try {
    const masterKey = unwrapWithPassword(proof.exportKey, proof.userId, wrapVersion, parseBase64url(passwordWrap));
    return { userId: proof.userId, tokens: session, masterKey, relayLoginKey: proof.relayLoginKey };
  } catch (cause) {
    throw new ClientError("VAULT_BROKEN", "The password is right, but the key that the relay handed out does not open with it. Stop using this relay.", { cause });
  }
}

/** A session that the recovery code opened, and what the second step needs. */
export interface StartedRecovery {
  tokens: SessionTokens;
  masterKey: Uint8Array;
  userId: UserId;
  wrapVersion: number;
  recoveryProof: string;
}

/** Opens a session with the recovery code (PROTOCOL.md §6). Nothing is changed yet. Throws ClientError RECOVERY_CODE_WRONG. */
export async function startRecovery(
  transport: Transport,
  user: { username: string; recoveryCode: string; deviceName: string },
): Promise<StartedRecovery> {
  const rc = parseCode(user.recoveryCode);
  const recoveryProof = encodeBase64url(recoveryAuth(rc));
  const input = { username: user.username, recoveryProof, deviceName: user.deviceName };
  const { startRecovery: answer } = await transport.execute(StartRecoveryDocument, { input }, { once: true });
  if (answer.__typename === "Refused" && answer.code === "CREDENTIALS_INVALID") throw wrongCode();
  const started = expectResult(answer, "RecoveryStarted");
  const userId = parseBase64url(started.user.id);
  const masterKey = unwrapOrRefuse(rc, userId, started.recoveryWrapVersion, started.recoveryWrap);
  return { tokens: started.session, masterKey, userId, wrapVersion: started.wrapVersion, recoveryProof };
}

/** Gives the user a new password and a new recovery code, which it answers. The relay has to be the pinned one. */
export async function finishRecovery(
  transport: Transport,
  { userId, masterKey, recoveryProof, ...recovery }: StartedRecovery & { newPassword: string; relayLoginKey: Uint8Array },
  options: PasswordOptions,
): Promise<string> {
  const { record, exportKey } = await registerPassword(transport, recovery.newPassword, recovery.relayLoginKey, options);
  const { code, rc } = generateRecoveryCode();
  const wrapVersion = recovery.wrapVersion + 1;
  const input = {
    recoveryProof,
    registrationRecord: record,
    passwordWrap: encodeBase64url(wrapWithPassword(exportKey, userId, wrapVersion, masterKey)),
    recoveryWrap: encodeBase64url(wrapWithRecoveryCode(rc, userId, wrapVersion, masterKey)),
    recoveryVerifier: encodeBase64url(recoveryVerifierOf(recoveryAuth(rc))),
    wrapVersion,
  };
  const { finishRecovery: answer } = await transport.execute(FinishRecoveryDocument, { input }, { once: true });
  expectResult(answer, "PasswordChanged");
  return code;
}

/** A login up to its proof, which the relay takes once. */
export interface PasswordProof {
  loginId: string;
  loginFinish: string;
  userId: UserId;
  exportKey: Uint8Array;
  relayLoginKey: Uint8Array;
}

/** Proves the password for what needs a fresh proof. Throws ClientError PASSWORD_WRONG. */
export async function provePassword(transport: Transport, { username, password }: Credentials, options: PasswordOptions): Promise<PasswordProof> {
  const step = startLogin(password);
  const { startLogin: started } = await transport.execute(StartLoginDocument, { input: { username, loginRequest: step.request } });
  const { loginId, userId, loginResponse } = expectResult(started, "LoginStarted");
  try {
    const { finish, exportKey, relayLoginKey } = finishLogin({ state: step.state, password, response: loginResponse }, options);
    return { loginId, loginFinish: finish, userId: parseBase64url(userId), exportKey, relayLoginKey };
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    throw wrongPassword(cause);
  }
}

/** The record of a new password, made with the relay, which has to be the pinned one. */
export async function registerPassword(transport: Transport, password: string, pinnedLoginKey: Uint8Array, options: PasswordOptions): Promise<{ record: string; exportKey: Uint8Array }> {
  const step = startRegistration(password);
  const { startPasswordChange } = await transport.execute(StartPasswordChangeDocument, { input: { registrationRequest: step.request } });
  const response = expectResult(startPasswordChange, "RegistrationStarted").registrationResponse;
  const { record, exportKey, relayLoginKey } = finishRegistration({ state: step.state, password, response }, options);
  demandPinned(pinnedLoginKey, relayLoginKey);
  return { record, exportKey };
}

function expectLogin<Result extends { __typename: string }>(result: Result) {
  try {
    return expectResult(result as Result & { __typename: "LoggedIn" }, "LoggedIn") as Extract<Result, { __typename: "LoggedIn" }>;
  } catch (error) {
    return asWrongPassword(error);
  }
}

function asWrongPassword(error: unknown): never {
  if (isRefusal(error, "CREDENTIALS_INVALID")) throw wrongPassword(error);
  throw error;
}

function wrongPassword(cause: unknown): ClientError {
  return new ClientError("PASSWORD_WRONG", "User name or password is wrong.", { cause });
}

function parseCode(text: string): Uint8Array {
  try {
    return parseRecoveryCode(text);
  } catch (cause) {
    throw new ClientError("RECOVERY_CODE_WRONG", "This is not a recovery code: look for a typing mistake. Nothing was sent.", { cause });
  }
}

function unwrapOrRefuse(rc: Uint8Array, userId: UserId, wrapVersion: number, wrap: string): Uint8Array {
  try {
    return unwrapWithRecoveryCode(rc, userId, wrapVersion, parseBase64url(wrap));
  } catch (cause) {
    throw wrongCode(cause);
  }
}

function wrongCode(cause?: unknown): ClientError {
  return new ClientError("RECOVERY_CODE_WRONG", "User name or recovery code is wrong.", { cause });
}
