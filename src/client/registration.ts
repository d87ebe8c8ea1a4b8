import {
  createEntry,
  createEpochPayload,
  createFirstCard,
  deriveIdentity,
  finishRegistration,
  generateEntryId,
  generateEpochKey,
  generateIdentitySeeds,
  generateMasterKey,
  generateRecoveryCode,
  recoveryAuth,
  recoveryVerifierOf,
  startRegistration,
  wrapWithPassword,
  wrapWithRecoveryCode,
  createGrant,
  type PasswordOptions,
} from "../crypto/index.ts";
import { encodeBase64url, encodeEpochPayload, EntryType, EpochReason, GrantKind, HASH_BYTES, parseBase64url, type EpochPayload, type UserId } from "../protocol/index.ts";
import { expectResult } from "./errors.ts";
import { RegisterDocument, StartRegistrationDocument } from "./generated/graphql.ts";
import { hashEmail } from "./people.ts";
import type { Now, SessionTokens, Transport } from "./ports.ts";
import { fetchRelayKeys } from "./relay-keys.ts";
import { createFirstVault } from "./vault-store.ts";

export interface NewUser {
  username: string;
  password: string;
  /** An address to be found by; it is hashed before it is sent. */
  email?: string | undefined;
  /** From whoever runs the relay, where one is needed. */
  invitation?: string | undefined;
  deviceName: string;
}

/** Registers a new user in one mutation (PROTOCOL.md §6). Throws RelayRefusal, such as USERNAME_TAKEN. */
export async function register(
  transport: Transport,
  now: Now,
  user: NewUser,
  passwordOptions: PasswordOptions,
): Promise<{ userId: UserId; tokens: SessionTokens; masterKey: Uint8Array; recoveryCode: string }> {
  const email = user.email === undefined ? null : hashEmail(user.email);
  const relay = await fetchRelayKeys(transport);
  const person = createNewPerson(now());
  const { userId } = person;
  const step = startRegistration(user.password);
  const { startRegistration: started } = await transport.execute(StartRegistrationDocument, {
    input: { userId: encodeBase64url(userId), registrationRequest: step.request },
  });
  const response = expectResult(started, "RegistrationStarted").registrationResponse;
  const login = finishRegistration({ state: step.state, password: user.password, response }, passwordOptions);
  relay.demandLoginKey(login.relayLoginKey);
  const masterKey = generateMasterKey();
  const { code, rc } = generateRecoveryCode();
  const owner = { userId, masterKey, signSecretKey: person.identity.sign.secretKey, publishedCard: person.card.bytes };
  const settings = { relayReceiptKey: relay.receiptKey, relayLoginKey: relay.loginKey, newestEpoch: { n: 0, key: person.epochKey } };
  const content = { identity: { cards: [person.vaultCard] }, friends: { friends: [], ended: [] }, settings, pending: { abandoned: [] } };
  const { register: registered } = await transport.execute(
    RegisterDocument,
    {
      input: {
        username: user.username,
        registrationRecord: login.record,
        passwordWrap: encodeBase64url(wrapWithPassword(login.exportKey, userId, 1, masterKey)),
        recoveryWrap: encodeBase64url(wrapWithRecoveryCode(rc, userId, 1, masterKey)),
        recoveryVerifier: encodeBase64url(recoveryVerifierOf(recoveryAuth(rc))),
        entries: person.genesis.map(({ bytes }) => encodeBase64url(bytes)),
        selfGrant: encodeBase64url(person.selfGrant),
        vault: createFirstVault(owner, content, { seq: 1, hash: person.headHash }),
        email,
        invitation: user.invitation ?? null,
        deviceName: user.deviceName,
      },
    },
    { once: true },
  );
  const { session, receipts } = expectResult(registered, "Registered");
  relay.demandReceipts(receipts.map(({ bytes }) => parseBase64url(bytes)), person.genesis.map(({ entryHash }, seq) => ({ author: userId, seq, entryHash })));
  return { userId, tokens: session, masterKey, recoveryCode: code };
}

// Keys, card and the two entries that begin every chain (PROTOCOL.md §3 "Genesis").
function createNewPerson(createdMs: number) {
  const seeds = generateIdentitySeeds();
  const identity = deriveIdentity(seeds);
  const { card, userId, cardHash } = createFirstCard(identity, createdMs);
  const epochKey = generateEpochKey();
  const place = { author: userId, epoch: 0, timeMs: createdMs, signerCard: cardHash, signer: identity };
  const cardEntry = createEntry({ ...place, type: EntryType.CARD, seq: 0, prev: new Uint8Array(HASH_BYTES), entryId: generateEntryId(), payload: card.bytes });
  const epoch: EpochPayload = createEpochPayload({ author: userId, n: 0, key: epochKey, vaultMin: 1, reason: EpochReason.FIRST });
  const payload = encodeEpochPayload(epoch);
  const epochEntry = createEntry({ ...place, type: EntryType.EPOCH, seq: 1, prev: cardEntry.entryHash, entryId: generateEntryId(), payload });
  const selfGrant = createGrant({
    kind: GrantKind.HISTORY,
    key: epochKey,
    author: userId,
    authorCardHash: cardHash,
    signSecretKey: identity.sign.secretKey,
    recipientUserId: userId,
    recipientCard: card,
    n: 0,
    commitment: epoch.commitment,
  });
  const vaultCard = { cardVersion: 1, createdMs, ...seeds, card: card.bytes };
  return { identity, card, userId, epochKey, selfGrant, vaultCard, genesis: [cardEntry, epochEntry], headHash: epochEntry.entryHash };
}
