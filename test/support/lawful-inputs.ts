import { emailHashOf, generateBytes, generateRecoveryCode, recoveryAuth, recoveryVerifierOf, wrapWithPassword, wrapWithRecoveryCode } from "../../src/crypto/index.ts";
import { encodeBase64url, parseBase64url, parseManifest } from "../../src/protocol/index.ts";
import { signCardChange, type CardChangeOptions } from "./card-change.ts";
import { ask, type Json } from "./graphql.ts";
import { type Member, proveMember, succeed, toJson } from "./member.ts";
import { createPasswordRecord, createPerson, createVault, type Person, selfGrantOf } from "./person.ts";

type Relay = { url: string };

/** The vault that follows the stored one, and writes these items. */
export async function nextVault(relay: Relay, member: Member, items = [2]): Promise<{ expectedVersion: number; vault: Json }> {
  const { data } = await ask(relay, { query: "{ vault { version manifest } }", token: member.token });
  const { version, manifest } = data.vault;
  const previous = parseManifest(parseBase64url(manifest));
  const vault = createVault({ ...member, head: member.hand.head }, { version: version + 1, items, previous });
  return { expectedVersion: version, vault: toJson(vault) };
}

/** What replaces the member's password, up to the proof of the present one. */
async function newPassword(relay: Relay, member: Member, password: string, wrapVersion: number): Promise<Json> {
  const { record, exportKey } = await createPasswordRecord(async (request) => {
    const { registrationResponse } = await succeed(relay, "startPasswordChange", { registrationRequest: request }, member.token);
    return parseBase64url(registrationResponse);
  }, password);
  const passwordWrap = wrapWithPassword(exportKey, member.userId, wrapVersion, member.masterKey);
  return toJson({ registrationRecord: record, passwordWrap, wrapVersion });
}

/** A change of the member's password, with a proof of the present one. */
export async function passwordChange(relay: Relay, member: Member, password: string, wrapVersion: number): Promise<Json> {
  return { ...(await newPassword(relay, member, password, wrapVersion)), ...(await proveMember(relay, member)) };
}

/** A new card of the member's, with a proof of the present password. `adopt` once it is stored. */
export async function cardReplacement(relay: Relay, member: Member, options: CardChangeOptions = {}): Promise<{ input: Json; adopt: () => void }> {
  const { data } = await ask(relay, { query: "{ vault { manifest } }", token: member.token });
  const previous = parseManifest(parseBase64url(data.vault.manifest));
  const proof = await proveMember(relay, member);
  const answer = async (registrationRequest: Uint8Array): Promise<Uint8Array> => {
    const { registrationResponse } = await succeed(relay, "startPasswordChange", { registrationRequest }, member.token);
    return parseBase64url(registrationResponse);
  };
  member.hand.vaultVersion = previous.vaultVersion;
  const { input, adopt } = await signCardChange(member.hand, { previous, answer }, { password: member.password, ...options });
  const { credentials, ...rest } = input;
  const { registrationRecord, passwordWrap, recovery } = credentials;
  return { input: toJson({ ...rest, ...proof, registrationRecord, passwordWrap, recoveryWrap: recovery.wrap, recoveryVerifier: recovery.verifier }), adopt };
}

/** The end of the member's account, with the ends of all friendships that go on. */
export async function deletion(relay: Relay, member: Member): Promise<Json> {
  const query = "{ viewer { friends { nodes { ...ends } } requests { nodes { ...ends } } } } fragment ends on Friendship { id state peer { id card { hash } } }";
  const { friends, requests } = (await ask(relay, { query, token: member.token })).data.viewer;
  const goingOn: Json[] = [...friends.nodes, ...requests.nodes].filter(({ state }: Json) => state !== "PENDING");
  const records = goingOn.map(({ id, peer }) => member.hand.unfriendRecord(parseBase64url(id), member.hand, { peer: parseBase64url(peer.id), peerCardHash: parseBase64url(peer.card.hash) }));
  return toJson({ ...(await proveMember(relay, member)), records });
}

/** The second step of a recovery with the code the member has. */
export async function recovery(relay: Relay, member: Member, wrapVersion: number): Promise<Json> {
  const { rc } = generateRecoveryCode();
  const credentials = await newPassword(relay, member, "after a recovery", wrapVersion);
  const recoveryWrap = wrapWithRecoveryCode(rc, member.userId, wrapVersion, member.masterKey);
  return toJson({ ...credentials, recoveryProof: member.recovery.proof, recoveryWrap, recoveryVerifier: recoveryVerifierOf(recoveryAuth(rc)) });
}

/** Everything that somebody new registers with. */
export async function registration(relay: Relay, person: Person = createPerson()): Promise<Json> {
  const userId = person.userId;
  const { record, exportKey } = await createPasswordRecord(async (request) => {
    const { registrationResponse } = await succeed(relay, "startRegistration", { userId, registrationRequest: request });
    return parseBase64url(registrationResponse);
  }, person.password);
  return toJson({
    username: person.username,
    registrationRecord: record,
    passwordWrap: wrapWithPassword(exportKey, userId, 1, person.masterKey),
    recoveryWrap: wrapWithRecoveryCode(person.recovery.rc, userId, 1, person.masterKey),
    recoveryVerifier: recoveryVerifierOf(person.recovery.proof),
    entries: person.entries,
    selfGrant: selfGrantOf(person),
    vault: createVault(person),
    invitation: null,
    email: emailHashOf(`${person.username}@example.org`),
    deviceName: "first device",
  });
}

/** The end of a friendship, with the epoch for those who remain. `adopt` once it is stored. */
export function ending(member: Member, fid: Uint8Array, peer: Member, remaining: Member[] = []): { input: Json; adopt: () => void } {
  const rotation = member.hand.rotation(remaining.map(({ hand }) => hand));
  const record = member.hand.unfriendRecord(fid, peer.hand);
  return { input: toJson({ record, entries: [rotation.epoch.bytes], grants: rotation.grants }), adopt: () => member.hand.adopt(rotation) };
}

/** Writes a thought; the member's head moves with it. Returns the stored thought. */
export async function write(relay: Relay, member: Member, text = encodeBase64url(generateBytes(12))): Promise<Json> {
  const signed = member.hand.thought(text);
  const { thought } = await succeed(relay, "createThought", { entry: signed.bytes }, member.token);
  member.hand.moveTo(signed);
  return thought;
}

/** The receipt of the member's newest or oldest entry, as it is stored. */
export async function receiptOf(relay: Relay, { userId, token }: Member, order: "NEWEST_FIRST" | "OLDEST_FIRST"): Promise<string> {
  const query = "query ($author: UserId!, $order: ChainOrder!) { chain(author: $author, order: $order, first: 1) { nodes { receipt { bytes } } } }";
  const { data } = await ask(relay, { query, variables: { author: encodeBase64url(userId), order }, token });
  return data.chain.nodes[0].receipt.bytes;
}
