import { demand, encodeBase64url, parseBase64url, refuseAs, type UserId } from "../../protocol/index.ts";
import { opaque } from "../opaque.ts";

const REGISTRATION_REQUEST_BYTES = 32;
const LOGIN_REQUEST_BYTES = 96;

/** A new server secret; losing it ends every password login, leaking it allows guessing (PROTOCOL.md §6). */
export function createOpaqueSetup(): string {
  return opaque.server.createSetup();
}

/** The static public key that clients pin as relayLoginKey, 32 bytes. */
export function opaquePublicKey(setup: string): Uint8Array {
  return parseBase64url(opaque.server.getPublicKey(setup));
}

/** Answers a registration request. @throws ProtocolError bad-login for malformed bytes */
export function createRegistrationResponse({
  setup,
  userId,
  request,
}: {
  setup: string;
  userId: UserId;
  request: string;
}): string {
  return refuseAs("bad-login", () => {
    demandLength(request, REGISTRATION_REQUEST_BYTES);
    return opaque.server.createRegistrationResponse({
      serverSetup: setup,
      userIdentifier: encodeBase64url(userId),
      registrationRequest: request,
    }).registrationResponse;
  });
}

/**
 * Answers the start of a login. An unknown name comes with an id derived from it and no record, and gets an answer of the same
 * shape. state is kept on the relay for one finish.
 * @throws ProtocolError bad-login for malformed bytes
 */
export function startOpaqueLogin({
  setup,
  userId,
  record,
  request,
}: {
  setup: string;
  userId: UserId;
  record: string | null;
  request: string;
}): { state: string; response: string } {
  return refuseAs("bad-login", () => {
    demandLength(request, LOGIN_REQUEST_BYTES);
    const { serverLoginState, loginResponse } = opaque.server.startLogin({
      serverSetup: setup,
      userIdentifier: encodeBase64url(userId),
      registrationRecord: record,
      startLoginRequest: request,
    });
    return { state: serverLoginState, response: loginResponse };
  });
}

/** Whether the client has proved the password. */
export function finishOpaqueLogin({ state, finish }: { state: string; finish: string }): boolean {
  try {
    opaque.server.finishLogin({ serverLoginState: state, finishLoginRequest: finish });
    return true;
  } catch {
    return false;
  }
}

/** The library passes over bytes that follow a request. */
function demandLength(request: string, bytes: number): void {
  demand(parseBase64url(request).length === bytes, "bad-login");
}
