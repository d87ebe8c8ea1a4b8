import { encodeBase64url, parseBase64url } from "../../src/protocol/index.ts";
import { recoveryVerifierOf, wrapWithPassword, wrapWithRecoveryCode } from "../../src/crypto/index.ts";
import { ask } from "./graphql.ts";
import { createPasswordRecord, createPerson, createVault, type Person, selfGrantOf } from "./person.ts";

/** A person with a session, over the wire. */
export interface RegisteredPerson extends Person {
  /** The access token. */
  token: string;
  refreshToken: string;
  sessionId: string;
}

const START = `mutation ($input: StartRegistrationInput!) { startRegistration(input: $input) { ... on RegistrationStarted { registrationResponse } } }`;
const REGISTER = `mutation ($input: RegisterInput!) {
  register(input: $input) { __typename ... on Registered { session { sessionId accessToken refreshToken } } ... on Refused { code message } }
}`;

/** Registers somebody with the relay at `url`, as a client does. */
export async function registerPerson(relay: { url: string }, person = createPerson(), headers: Record<string, string> = {}): Promise<RegisteredPerson> {
  const userId = encodeBase64url(person.userId);
  const { record, exportKey } = await createPasswordRecord(async (request) => {
    const { data, text } = await ask(relay, { query: START, variables: { input: { userId, registrationRequest: encodeBase64url(request) } }, headers });
    if (!data?.startRegistration?.registrationResponse) throw new Error(text);
    return parseBase64url(data.startRegistration.registrationResponse);
  }, person.password);

  const { manifest, items } = createVault(person);
  const input = {
    username: person.username,
    registrationRecord: encodeBase64url(record),
    passwordWrap: encodeBase64url(wrapWithPassword(exportKey, person.userId, 1, person.masterKey)),
    recoveryWrap: encodeBase64url(wrapWithRecoveryCode(person.recovery.rc, person.userId, 1, person.masterKey)),
    recoveryVerifier: encodeBase64url(recoveryVerifierOf(person.recovery.proof)),
    entries: person.entries.map(encodeBase64url),
    selfGrant: encodeBase64url(selfGrantOf(person)),
    vault: { manifest: encodeBase64url(manifest), items: items.map(({ sealed, ...item }) => ({ ...item, sealed: encodeBase64url(sealed) })) },
    deviceName: "first device",
  };
  const { data, text } = await ask(relay, { query: REGISTER, variables: { input }, headers });
  if (data?.register?.__typename !== "Registered") throw new Error(text);
  const { accessToken, refreshToken, sessionId } = data.register.session;
  return { ...person, token: accessToken, refreshToken, sessionId };
}
