import { encodeBase64url, equalBytes, HASH_BYTES, WRAP_BYTES } from "../../protocol/index.ts";
import { DomainError } from "../domain-error.ts";
import type { Credentials } from "../ports/index.ts";

/** Client public key, masking key and envelope of an OPAQUE registration record. */
const REGISTRATION_RECORD_BYTES = 192;

/** What a client sends of the credentials it replaces; what is absent stays. */
export interface CredentialsInput {
  registrationRecord: Uint8Array;
  passwordWrap: Uint8Array;
  recovery: { wrap: Uint8Array | undefined; verifier: Uint8Array | undefined };
}

/** All parts, as a new user and a recovery send them. */
export interface FirstCredentialsInput extends CredentialsInput {
  recovery: { wrap: Uint8Array; verifier: Uint8Array };
}

/** Refuses credentials whose parts cannot be what they are said to be. PROTOCOL.md §6. @throws DomainError BYTES_MALFORMED */
export function demandCredentials({ registrationRecord, passwordWrap, recovery }: CredentialsInput): void {
  demandLength("registration record", registrationRecord, REGISTRATION_RECORD_BYTES);
  demandLength("password wrap", passwordWrap, WRAP_BYTES);
  if (recovery.wrap) demandLength("recovery wrap", recovery.wrap, WRAP_BYTES);
  if (!recovery.verifier) return;
  demandLength("recovery verifier", recovery.verifier, HASH_BYTES);
  if (!recovery.wrap) throw new DomainError("BYTES_MALFORMED", "A new recovery code comes with a wrap that it opens: send both.");
}

/** The credentials of a new user, at version 1. */
export function toFirstCredentials({ registrationRecord, passwordWrap, recovery }: FirstCredentialsInput): Credentials {
  return {
    registrationRecord: encodeBase64url(registrationRecord),
    passwordWrap,
    wrapVersion: 1,
    recoveryWrap: recovery.wrap,
    recoveryWrapVersion: 1,
    recoveryVerifier: recovery.verifier,
  };
}

/** The credentials of version `wrapVersion`: the present ones with the given parts replaced. */
export function replaceCredentials(present: Credentials, input: CredentialsInput, wrapVersion: number): Credentials {
  const { registrationRecord, passwordWrap, recovery } = input;
  return {
    ...present,
    registrationRecord: encodeBase64url(registrationRecord),
    passwordWrap,
    wrapVersion,
    ...(recovery.wrap && { recoveryWrap: recovery.wrap, recoveryWrapVersion: wrapVersion }),
    recoveryVerifier: recovery.verifier ?? present.recoveryVerifier,
  };
}

/** Whether two sets of credentials are the same bytes: a repeated change is answered like the first. */
export function equalCredentials(a: Credentials, b: Credentials): boolean {
  return (
    a.registrationRecord === b.registrationRecord &&
    equalBytes(a.passwordWrap, b.passwordWrap) &&
    a.wrapVersion === b.wrapVersion &&
    equalBytes(a.recoveryWrap, b.recoveryWrap) &&
    a.recoveryWrapVersion === b.recoveryWrapVersion &&
    equalBytes(a.recoveryVerifier, b.recoveryVerifier)
  );
}

export function wrapStale(): DomainError {
  return new DomainError("WRAP_STALE", "Another device changed the password or the recovery code in the meantime: log in again.");
}

function demandLength(name: string, bytes: Uint8Array, length: number): void {
  if (bytes.length !== length) throw new DomainError("BYTES_MALFORMED", `The ${name} has ${length} bytes, not ${bytes.length}: build it again.`);
}
