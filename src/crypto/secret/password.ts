import { demand, encodeUtf8, EXPORT_KEY_BYTES, parseBase64url, refuseAs, sized } from "../../protocol/index.ts";
import { opaque } from "../opaque.ts";

/** How hard a stolen login record is to guess against. `unsafe…` is for tests, where one guess need not take 0.4 s. */
export interface PasswordOptions {
  unsafeKeyStretching?: boolean;
}

/** state is secret and stays on the device; request is sent. Both are the OPAQUE library's base64url. */
export interface PasswordStep {
  state: string;
  request: string;
}

/** What only the password can bring back: 64 bytes, and the relay's static key, 32 bytes, to compare with the pinned one. */
export interface PasswordKeys {
  exportKey: Uint8Array;
  relayLoginKey: Uint8Array;
}

type KeyStretching = { "argon2id-custom": { iterations: number; memory: number; parallelism: number } };

// Written out, so that another version of the library cannot change it: 3 passes over 64 MiB (PROTOCOL.md §6).
const KEY_STRETCHING: KeyStretching = { "argon2id-custom": { iterations: 3, memory: 65_536, parallelism: 4 } };
const UNSAFE_KEY_STRETCHING: KeyStretching = { "argon2id-custom": { iterations: 1, memory: 8, parallelism: 1 } };

/** Begins a registration or a change of password (PROTOCOL.md §6). @throws ProtocolError bad-text for a lone surrogate */
export function startRegistration(password: string): PasswordStep {
  const { clientRegistrationState, registrationRequest } = opaque.client.startRegistration({
    password: canonicalPassword(password),
  });
  return { state: clientRegistrationState, request: registrationRequest };
}

/** Ends it: record goes to the relay, which cannot guess the password from it without its own secret. @throws ProtocolError bad-login */
export function finishRegistration(
  { state, password, response }: { state: string; password: string; response: string },
  options: PasswordOptions = {},
): PasswordKeys & { record: string } {
  const canonical = canonicalPassword(password);
  return refuseAs("bad-login", () => {
    const { registrationRecord, exportKey, serverStaticPublicKey } = opaque.client.finishRegistration({
      clientRegistrationState: state,
      registrationResponse: response,
      password: canonical,
      keyStretching: keyStretchingOf(options),
    });
    return { record: registrationRecord, ...keysOf(exportKey, serverStaticPublicKey) };
  });
}

/** Begins a login (PROTOCOL.md §6). @throws ProtocolError bad-text for a lone surrogate */
export function startLogin(password: string): PasswordStep {
  const { clientLoginState, startLoginRequest } = opaque.client.startLogin({ password: canonicalPassword(password) });
  return { state: clientLoginState, request: startLoginRequest };
}

/** Ends a login: finish goes to the relay, sessionKey is known to both. @throws ProtocolError bad-password, whatever the reason */
export function finishLogin(
  { state, password, response }: { state: string; password: string; response: string },
  options: PasswordOptions = {},
): PasswordKeys & { finish: string; sessionKey: string } {
  const canonical = canonicalPassword(password);
  return refuseAs("bad-password", () => {
    const login = opaque.client.finishLogin({
      clientLoginState: state,
      loginResponse: response,
      password: canonical,
      keyStretching: keyStretchingOf(options),
    });
    demand(login !== undefined, "bad-password");
    const { finishLoginRequest, sessionKey, exportKey, serverStaticPublicKey } = login;
    return { finish: finishLoginRequest, sessionKey, ...keysOf(exportKey, serverStaticPublicKey) };
  });
}

/** The same password typed on two keyboards may arrive as different code points. @throws ProtocolError bad-text for a lone surrogate */
export function canonicalPassword(password: string): string {
  encodeUtf8(password);
  return password.normalize("NFC");
}

function keyStretchingOf({ unsafeKeyStretching = false }: PasswordOptions): KeyStretching {
  return unsafeKeyStretching ? UNSAFE_KEY_STRETCHING : KEY_STRETCHING;
}

function keysOf(exportKey: string, serverStaticPublicKey: string): PasswordKeys {
  return {
    exportKey: sized(parseBase64url(exportKey), EXPORT_KEY_BYTES),
    relayLoginKey: parseBase64url(serverStaticPublicKey),
  };
}
