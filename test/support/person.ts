import {
  createEntry,
  createEpochPayload,
  createFirstCard,
  createGrant,
  createManifest,
  deriveIdentity,
  finishLogin,
  finishRegistration,
  generateBytes,
  generateIdentitySeeds,
  generateRecoveryCode,
  type Identity,
  type IdentitySeeds,
  recoveryAuth,
  recoveryVerifierOf,
  sealVaultItem,
  startLogin,
  startRegistration,
  vaultItemHashOf,
  wrapWithPassword,
  wrapWithRecoveryCode,
} from "../../src/crypto/index.ts";
import type { VaultItemRecord } from "../../src/domain/ports/index.ts";
import type { RegistrationInput } from "../../src/domain/users/registration-service.ts";
import type { VaultInput } from "../../src/domain/vault/verify-vault.ts";
import {
  type Card,
  encodeBase64url,
  encodeEpochPayload,
  EntryType,
  EpochReason,
  GrantKind,
  HASH_BYTES,
  KEY_BYTES,
  type Manifest,
  type ManifestFields,
  parseBase64url,
  type UserId,
} from "../../src/protocol/index.ts";
import { manifestHashOf } from "../../src/crypto/index.ts";
import type { TestRelay } from "./test-relay.ts";

/** A person with keys of their own and a genesis that nobody has stored yet. */
export interface Person {
  username: string;
  password: string;
  seeds: IdentitySeeds;
  identity: Identity;
  card: Card;
  cardHash: Uint8Array;
  userId: UserId;
  masterKey: Uint8Array;
  epochKey: Uint8Array;
  epochCommitment: Uint8Array;
  recovery: { rc: Uint8Array; proof: Uint8Array };
  /** CARD and EPOCH 0. */
  entries: Uint8Array[];
  /** Of EPOCH 0. */
  head: { seq: number; hash: Uint8Array };
}

// One guess need not take half a second here.
const fast = { unsafeKeyStretching: true };
const NOW_MS = 1_800_000_000_000;
let people = 0;

/** A new person. `vaultMin` is what EPOCH 0 names. */
export function createPerson(given: { username?: string; password?: string; vaultMin?: number } = {}): Person {
  people += 1;
  const seeds = generateIdentitySeeds();
  const identity = deriveIdentity(seeds);
  const { card, userId, cardHash } = createFirstCard(identity, NOW_MS);
  const epochKey = generateBytes(KEY_BYTES);
  const payload = createEpochPayload({ author: userId, n: 0, key: epochKey, vaultMin: given.vaultMin ?? 1, reason: EpochReason.FIRST });
  const common = { signer: identity, author: userId, epoch: 0, timeMs: NOW_MS, signerCard: cardHash };
  const first = createEntry({ ...common, type: EntryType.CARD, seq: 0, prev: new Uint8Array(HASH_BYTES), entryId: generateBytes(16), payload: card.bytes });
  const second = createEntry({ ...common, type: EntryType.EPOCH, seq: 1, prev: first.entryHash, entryId: generateBytes(16), payload: encodeEpochPayload(payload) });
  const { rc } = generateRecoveryCode();
  return {
    username: given.username ?? `person_${people}`,
    password: given.password ?? `password of ${people}`,
    seeds,
    identity,
    card,
    cardHash,
    userId,
    masterKey: generateBytes(KEY_BYTES),
    epochKey,
    epochCommitment: payload.commitment,
    recovery: { rc, proof: recoveryAuth(rc) },
    entries: [first.bytes, second.bytes],
    head: { seq: 1, hash: second.entryHash },
  };
}

/** The grant of epoch 0 to oneself. */
export function selfGrantOf(person: Person): Uint8Array {
  const { userId, cardHash, card, identity, epochKey, epochCommitment } = person;
  return createGrant({
    kind: GrantKind.HISTORY,
    key: epochKey,
    author: userId,
    authorCardHash: cardHash,
    signSecretKey: identity.sign.secretKey,
    recipientUserId: userId,
    recipientCard: card,
    n: 0,
    commitment: epochCommitment,
  });
}

/** A vault of the given version that writes the given items; what `previous` lists besides them stays. */
export function createVault(
  person: Person,
  { version = 1, items = [1, 2, 3, 4], previous, change = {} }: { version?: number; items?: number[]; previous?: Manifest; change?: Partial<ManifestFields> } = {},
): VaultInput {
  const written: VaultItemRecord[] = items.map((item) => ({
    item,
    itemVersion: version,
    sealed: sealVaultItem({ masterKey: person.masterKey, userId: person.userId, itemVersion: version, item, content: generateBytes(40) }),
  }));
  const kept = (previous?.items ?? []).filter(({ item }) => !items.includes(item));
  const listed = written.map(({ item, itemVersion, sealed }) => ({ item, itemVersion, itemHash: vaultItemHashOf(sealed) }));
  const manifest = createManifest(person.identity.sign.secretKey, {
    userId: person.userId,
    vaultVersion: version,
    previousManifestHash: previous ? manifestHashOf(previous) : new Uint8Array(HASH_BYTES),
    headSeq: person.head.seq,
    headHash: person.head.hash,
    items: [...kept, ...listed].sort((a, b) => a.item - b.item),
    ...change,
  });
  return { manifest: manifest.bytes, items: written };
}

/** A registration record for the password, made with the relay. */
export function createPasswordRecord(response: (request: Uint8Array) => Uint8Array | Promise<Uint8Array>, password: string) {
  const { state, request } = startRegistration(password);
  return Promise.resolve(response(parseBase64url(request))).then((answer) => {
    const { record, exportKey } = finishRegistration({ state, password, response: encodeBase64url(answer) }, fast);
    return { record: parseBase64url(record), exportKey };
  });
}

/** What the person registers with. */
export async function createRegistration(relay: TestRelay, person: Person): Promise<RegistrationInput> {
  const { userId, password, masterKey, recovery } = person;
  const { record, exportKey } = await createPasswordRecord((request) => relay.services.registration.start(userId, request), password);
  return {
    username: person.username,
    credentials: {
      registrationRecord: record,
      passwordWrap: wrapWithPassword(exportKey, userId, 1, masterKey),
      recovery: { wrap: wrapWithRecoveryCode(recovery.rc, userId, 1, masterKey), verifier: recoveryVerifierOf(recovery.proof) },
    },
    entries: person.entries,
    selfGrant: selfGrantOf(person),
    vault: createVault(person),
    email: undefined,
    invitation: undefined,
    deviceName: "first device",
  };
}

/** Registers the person; they are signed in as the answer says. */
export async function register(relay: TestRelay, person = createPerson()) {
  const { tokens } = await relay.services.registration.register(await createRegistration(relay, person));
  return { ...person, tokens, viewer: { userId: person.userId, sessionId: tokens.sessionId } };
}

/** Both steps of a login up to the proof, which is not sent yet. */
export async function proveLogin(relay: TestRelay, { username, password }: Pick<Person, "username" | "password">) {
  const { state, request } = startLogin(password);
  const started = await relay.services.login.start({ username, loginRequest: parseBase64url(request) });
  const { finish, exportKey } = finishLogin({ state, password, response: encodeBase64url(started.loginResponse) }, fast);
  return { loginId: started.loginId, loginFinish: parseBase64url(finish), exportKey };
}

/** A login from start to session. */
export async function logIn(relay: TestRelay, person: Pick<Person, "username" | "password">, deviceName = "another device") {
  const { loginId, loginFinish } = await proveLogin(relay, person);
  return relay.services.login.finish({ loginId, loginFinish, deviceName });
}
